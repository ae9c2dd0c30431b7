"""Arrays of a figure, reduced to a few points."""

from __future__ import annotations

from math import inf, nan, prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_builtin.contexts.figure_data import MOST_ARRAYS, choose_points, reduce_arrays
from qdash_core.models.raw_data import RawData
from qdash_core.tasks.parameters import ArrayDeclaration

SHAPES = st.lists(st.lists(st.integers(1, 500), max_size=3).map(tuple), min_size=1, max_size=5)


@given(shapes=SHAPES, most=st.integers(1, 200))
def test_no_array_has_more_points_than_requested(shapes: list[tuple[int, ...]], most: int) -> None:
    points = choose_points(shapes, most)
    for shape in shapes:
        assert prod(len(points[length]) for length in shape) <= most
        for length in shape:
            assert points[length] == sorted(set(points[length]))
            assert points[length][0] == 0
            assert len(points[length]) == 1 or points[length][-1] == length - 1


def test_axis_and_plane_have_the_same_points() -> None:
    time, frequency = np.linspace(0, 40, 41), np.linspace(4.6, 4.7, 81)
    raw = RawData(
        {"time": (time, "ns"), "frequency": (frequency, "GHz"), "signal": (np.outer(time, frequency), "")}
    )
    (times, frequencies, plane), number = reduce_arrays(raw, most=100)
    assert number == 3
    assert plane.shape == (41, 81)
    assert len(plane.values) == len(times.values) == 10
    assert {len(row) for row in plane.values} == {len(frequencies.values)} == {10}
    assert plane.values[3][5] == pytest.approx(times.values[3] * frequencies.values[5], abs=0.01)


def test_a_complex_array_is_two() -> None:
    (real, imaginary), number = reduce_arrays(RawData({"iq": ([1 + 2j, 3 - 4j], "a.u.")}))
    assert (real.name, real.values, imaginary.name, imaginary.values) == ("iq I", [1, 3], "iq Q", [2, -4])
    assert number == 2


@pytest.mark.parametrize(
    ("values", "rounded"),
    [
        ([4.6712345678, 4.6712445678], [4.671234568, 4.671244568]),
        ([0.05123456, 3000.0], [0.05123, 3000]),
        ([nan, 1.0, inf], [None, 1, None]),
        ([True, False], [1, 0]),
        ([0.0, 0.0], [0, 0]),
        ([1e-320, 1e300], [1e-320, 1e300]),
    ],
)
def test_numbers_keep_what_distinguishes_them(values: list[Any], rounded: list[Any]) -> None:
    ((array,), _) = reduce_arrays(RawData({"x": (values, "")}))
    assert array.values == rounded


def test_extremes_are_those_of_the_whole_array() -> None:
    dip = np.ones(401)
    dip[37] = 0.25
    ((array,), _) = reduce_arrays(RawData({"x": (dip, "")}), most=10)
    assert (array.minimum, array.maximum, len(array.values)) == (0.25, 1, 10)
    assert 0.25 not in array.values
    ((empty,), _) = reduce_arrays(RawData({"x": ([nan], "")}))
    assert (empty.minimum, empty.maximum) == (None, None)


def test_a_figure_has_a_limited_number_of_arrays() -> None:
    arrays, number = reduce_arrays(RawData({f"a{place}": ([1.0], "") for place in range(40)}))
    assert (len(arrays), number) == (MOST_ARRAYS, 40)


def test_errors_of_arrays_come_last_with_their_extremes_only() -> None:
    declared = {
        "line_*_iq": ArrayDeclaration("a.u.", "mean of the shots"),
        "line_*_sigma": ArrayDeclaration("a.u.", "standard errors", noise=True),
    }
    raw = RawData(
        {
            f"line_{number}_{kind}": ([0.1, 0.3], "a.u.")
            for number in range(MOST_ARRAYS)
            for kind in ("sigma", "iq")
        }
    )
    arrays, number = reduce_arrays(raw, declared)
    assert number == 2 * MOST_ARRAYS
    assert {(one.description, tuple(one.values)) for one in arrays} == {("mean of the shots", (0.1, 0.3))}
    (signal, error), _ = reduce_arrays(
        RawData({"line_0_sigma": ([0.1, 0.3], "a.u."), "line_0_iq": ([1.0, 2.0], "a.u.")}), declared
    )
    assert (signal.name, error.name) == ("line_0_iq", "line_0_sigma")
    assert (error.values, error.minimum, error.maximum) == (None, 0.1, 0.3)

"""Fit windows and excluded points: written forms, canonical form, and the points that they keep."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core import InvalidInputError
from qdash_core.tasks.point_selection import parse_excluded_points, parse_fit_window, select_points

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)
INDICES = st.sets(st.integers(0, 40), min_size=1, max_size=12)
DELAY = np.linspace(0.0, 100.0, 41)


def keep(*, window: str | None = None, excluded: str | None = None) -> list[int]:
    found = select_points({"delay": DELAY}, window=window, excluded=excluded, units={"delay": "us"})["delay"]
    return np.flatnonzero(found).tolist()


@given(low=NUMBERS, high=NUMBERS)
def test_a_window_keeps_exactly_the_points_between_its_ends(low: float, high: float) -> None:
    low, high = sorted((low, high))
    if low == high:
        with pytest.raises(InvalidInputError, match="low end at or above"):
            parse_fit_window([low, high])
        return
    window = parse_fit_window([low, high])
    assert parse_fit_window(window) == window == parse_fit_window(f" {low!r} .. {high!r} ")
    axis = np.array([low - 1.0, low, (low + high) / 2, high, high + 1.0])
    found = select_points({"x": axis}, window=window, excluded=None)["x"]
    assert found[1:4].all()
    # Ends that the window does not reach by more than rounding are outside.
    room = 1e-8 * float(np.ptp(axis))
    assert not found[0] or room > 1
    assert not found[4] or room > 1


@given(indices=INDICES)
def test_written_forms_of_excluded_points_are_equal(indices: set[int]) -> None:
    stored = parse_excluded_points(sorted(indices))
    assert stored == parse_excluded_points(",".join(map(str, sorted(indices, reverse=True))))
    assert stored == parse_excluded_points([str(one) for one in indices])
    assert parse_excluded_points(stored) == stored
    if len(indices) < DELAY.size:
        assert keep(excluded=stored) == [one for one in range(DELAY.size) if one not in indices]


@given(first=st.integers(0, 30), more=st.integers(0, 9))
def test_a_range_of_indices_contains_both_ends(first: int, more: int) -> None:
    assert keep(excluded=parse_excluded_points(f"{first}..{first + more}")) == [
        one for one in range(DELAY.size) if not first <= one <= first + more
    ]


@given(index=st.integers(0, 40), away=st.floats(-0.4, 0.4))
def test_a_value_excludes_the_nearest_point(index: int, away: float) -> None:
    value = min(max(float(DELAY[index]) + away * 2.5, 0.0), 100.0)
    assert keep(excluded=parse_excluded_points(f"@{value!r}")) == [
        one for one in range(DELAY.size) if one != index
    ]


@given(text=st.text(alphabet="0123456789.,@-+e nNaif", max_size=12))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    for parse in (parse_fit_window, parse_excluded_points):
        with suppress(InvalidInputError):
            stored = parse(text)
            assert parse(stored) == stored


def test_a_value_excludes_every_repetition_of_it() -> None:
    lengths = np.array([1.0, 1.0, 8.0, 8.0, 64.0])
    found = select_points({"length": lengths}, window=None, excluded="@8")["length"]
    assert found.tolist() == [True, True, False, False, True]


def test_points_count_on_every_axis_that_has_them() -> None:
    axes = {"short": np.arange(3.0), "long": np.arange(6.0)}
    found = select_points(axes, window="1..", excluded="5")
    assert {name: np.flatnonzero(kept).tolist() for name, kept in found.items()} == {
        "short": [1, 2],
        "long": [1, 2, 3, 4],
    }


@pytest.mark.parametrize(
    ("window", "excluded", "said"),
    [
        (
            "200..300",
            None,
            "fit_window 200..300 contains no point: delay has the points 0 to 40, from 0 to 100 µs",
        ),
        (None, "41", "exclude: there is no point 41: delay has the points 0 to 40, from 0 to 100 µs"),
        (None, "@101", "exclude: there is no point @101"),
        ("0..1", "0", "no point is left for the fit"),
    ],
)
def test_points_that_do_not_exist_are_refused(window: str | None, excluded: str | None, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        keep(window=window, excluded=excluded)


@pytest.mark.parametrize(
    "raw", ["", "..", "5", "1..2..3", "a..b", "nan..1", "3..3", [1, 2, 3], None, 4, [True, 2]]
)
def test_what_is_no_window_is_refused(raw: object) -> None:
    with pytest.raises(InvalidInputError):
        parse_fit_window(raw)


@pytest.mark.parametrize(
    "raw", ["", "-1", "1.5", "7..3", "@", "@nan", "0..99999", True, [1.5], [[1]], None, {}]
)
def test_what_are_no_points_is_refused(raw: object) -> None:
    with pytest.raises(InvalidInputError):
        parse_excluded_points(raw)

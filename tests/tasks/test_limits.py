"""Limits of a laboratory, as data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.limits import Limits, LineLimits, ReadoutLimits, are_within, is_within

from ..case_tables import each_case


@given(
    ns=st.floats(0.0, 1e6),
    step_ns=st.sampled_from([0.4, 1.0, 2.0, 4.0, 8.0]),
    shortest_ns=st.sampled_from([0.0, 16.0]),
)
def test_a_time_on_the_grid_is_the_next_one_that_can_be_played(
    ns: float, step_ns: float, shortest_ns: float
) -> None:
    limits = Limits(usual_line=LineLimits(start_ns=step_ns, shortest_ns=shortest_ns))
    found = limits.on_grid("0", ns)
    steps = round(found / step_ns)
    assert abs(found - steps * step_ns) < 1e-9 * max(found, 1.0)
    # A millionth of a step is rounding: 16.0000001 ns are 16 ns.
    assert found >= max(ns, shortest_ns) - 2e-6 * step_ns
    assert found < max(ns, shortest_ns) + step_ns


@given(st.integers(0, 10_000), st.sampled_from([0.4, 1.0, 2.0, 4.0]))
def test_a_time_on_the_grid_stays_where_it_is(steps: int, step_ns: float) -> None:
    limits = Limits(lines={"3": LineLimits(start_ns=step_ns)})
    assert limits.on_grid("3", steps * step_ns) == steps * step_ns


def test_a_line_that_is_not_named_has_the_usual_limits() -> None:
    limits = Limits(lines={"3": LineLimits(start_ns=4.0)}, usual_line=LineLimits(start_ns=2.0))
    assert (limits.line("3").start_ns, limits.line("0").start_ns) == (4.0, 2.0)


def test_a_readout_that_is_not_named_has_the_ranges_of_all() -> None:
    limits = Limits(
        readout=ReadoutLimits(frequencies_ghz=((6.0, 7.0),)), readout_ranges={"3": ((6.1, 6.3), (6.5, 6.6))}
    )
    assert limits.readout_frequencies_ghz("3") == ((6.1, 6.3), (6.5, 6.6))
    assert limits.readout_frequencies_ghz("0") == ((6.0, 7.0),)


RANGE = st.tuples(st.floats(0.0, 10.0), st.floats(0.0, 10.0)).map(lambda ends: (min(ends), max(ends)))


@given(
    st.lists(RANGE, max_size=3).map(tuple), st.lists(st.floats(-1.0, 11.0) | st.just(math.nan), max_size=4)
)
def test_values_are_within_the_same_ranges_together_and_alone(
    ranges: tuple[tuple[float, float], ...], values: list[float]
) -> None:
    assert are_within(ranges, np.array(values)).tolist() == [is_within(ranges, one) for one in values]


def test_ranges_of_a_readout_are_ranges() -> None:
    with pytest.raises(InvalidInputError, match="is not a range of frequencies"):
        Limits(readout_ranges={"3": ((7.0, 6.0),)})


@each_case(
    ("kind", "field", "value"),
    [
        (LineLimits, "start_ns", 0.0),
        (LineLimits, "start_ns", math.nan),
        (LineLimits, "shortest_ns", -1.0),
        (LineLimits, "shortest_gap_ns", math.inf),
        (LineLimits, "amplitude_step", -0.1),
        (LineLimits, "largest_amplitude", 0.0),
        (LineLimits, "frequencies_ghz", ((5.0, 4.0),)),
        (LineLimits, "longest_pulse_ns", 0.5),
        (LineLimits, "longest_pulse_ns", math.nan),
        (ReadoutLimits, "start_ns", 0.0),
        (ReadoutLimits, "largest_amplitude", math.inf),
        (ReadoutLimits, "readouts_a_program", 0),
        (ReadoutLimits, "guard_ns", -1.0),
        (ReadoutLimits, "frequencies_ghz", ((math.nan, 7.0),)),
        (Limits, "keeps", frozenset({"average"})),
        (Limits, "keeps", frozenset()),
        (Limits, "resets", frozenset({"thermal"})),
        (Limits, "programs_a_call", 0),
        (Limits, "single_shot_programs_a_call", 1.5),
        (Limits, "points_a_call", True),
        (Limits, "shots_a_call", -1),
        (Limits, "shortest_interval_us", -1.0),
        (Limits, "longest_program_ns", math.nan),
    ],
)
def test_limits_that_cannot_be_are_refused_by_name(kind: Any, field: str, value: object) -> None:
    with pytest.raises(InvalidInputError, match=field):
        kind(**{field: value})


def test_a_longest_pulse_that_is_below_the_shortest_on_the_grid_is_refused() -> None:
    with pytest.raises(
        InvalidInputError, match="below the shortest pulse on the grid, 32\N{NO-BREAK SPACE}ns"
    ):
        LineLimits(start_ns=16.0, shortest_ns=20.0, longest_pulse_ns=24.0)

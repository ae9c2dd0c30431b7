"""Schedules in time: exclusive targets never overlap, and no schedule is shorter than the bound."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core.scheduling.conflicts import Conflicts
from qdash_core.scheduling.makespan import find_best_order, list_schedule, lower_bound, sum_group_durations
from qdash_scheduling.strategies import SaturationStrategy

TIMES = st.floats(0.1, 100.0)


@st.composite
def work(draw: st.DrawFn) -> tuple[Conflicts, dict[str, float]]:
    """Draw targets that occupy some of six resources, and their durations."""
    names = [str(number) for number in range(draw(st.integers(1, 12)))]
    some = st.frozensets(st.sampled_from("abcdef"), max_size=3)
    conflicts = Conflicts({name: draw(some) for name in names}, draw(st.sampled_from([None, 1, 2, 5])))
    return conflicts, {name: draw(TIMES) for name in names}


def make_chain(times: list[float]) -> tuple[Conflicts, dict[str, float]]:
    """Return targets on a line, with conflicts between neighbours."""
    resources = {str(n): frozenset({f"ZZ {n - 1}-{n}", f"ZZ {n}-{n + 1}"}) for n in range(len(times))}
    return Conflicts(resources), {str(n): time for n, time in enumerate(times)}


@given(work())
def test_nothing_overlaps_what_it_excludes(given_work: tuple[Conflicts, dict[str, float]]) -> None:
    conflicts, durations = given_work
    found = list_schedule(conflicts, durations, find_best_order(conflicts, durations))
    assert set(found.start_s) == set(conflicts.targets)
    for target in conflicts.targets:
        assert found.end_s[target] == found.start_s[target] + durations[target]
        for other in conflicts.neighbours[target]:
            assert found.end_s[target] <= found.start_s[other] or found.end_s[other] <= found.start_s[target]
        if conflicts.max_parallel is not None:
            at_once = sum(
                found.start_s[one] <= found.start_s[target] < found.end_s[one] for one in conflicts.targets
            )
            assert at_once <= conflicts.max_parallel


@given(work())
def test_no_schedule_is_shorter_than_the_bound_nor_longer_than_one_after_the_other(
    given_work: tuple[Conflicts, dict[str, float]],
) -> None:
    conflicts, durations = given_work
    order = find_best_order(conflicts, durations)
    makespan_s = list_schedule(conflicts, durations, order).makespan_s
    assert lower_bound(conflicts, durations) <= makespan_s * (1 + 1e-9)
    assert makespan_s <= sum(durations.values()) * (1 + 1e-9)
    assert find_best_order(conflicts, durations) == order, "the same every time"


@given(st.lists(TIMES, min_size=1, max_size=20))
def test_a_chain_reaches_the_bound_of_its_longest_pair(times: list[float]) -> None:
    conflicts, durations = make_chain(times)
    groups = SaturationStrategy().colour(conflicts).groups
    found = list_schedule(conflicts, durations, find_best_order(conflicts, durations, groups))
    pairs = [one + other for one, other in pairwise(times)]
    assert found.makespan_s == pytest.approx(max(pairs, default=times[0]), rel=1e-9)
    assert found.makespan_s == pytest.approx(lower_bound(conflicts, durations), rel=1e-9)
    assert found.makespan_s <= sum_group_durations(groups, durations) * (1 + 1e-9)


def test_the_bound_sees_targets_that_exclude_each_other_for_different_reasons() -> None:
    triangle = Conflicts({"0": frozenset("ab"), "1": frozenset("bc"), "2": frozenset("ca")})
    assert lower_bound(triangle, {"0": 1.0, "1": 2.0, "2": 3.0}) == 6.0


def test_the_bound_sees_lanes() -> None:
    free = Conflicts({name: frozenset() for name in "abcd"}, max_parallel=2)
    durations = {"a": 3.0, "b": 1.0, "c": 1.0, "d": 1.0}
    assert lower_bound(free, durations) == 3.0
    assert list_schedule(free, durations, find_best_order(free, durations)).makespan_s == 3.0


def test_groups_wait_for_their_longest() -> None:
    assert sum_group_durations([["0", "2"], ["1"]], {"0": 10.0, "1": 1.0, "2": 3.0}) == 11.0
    assert sum_group_durations([], {}) == 0.0


def test_a_schedule_of_nothing_takes_no_time() -> None:
    nothing = Conflicts({})
    assert lower_bound(nothing, {}) == 0.0
    assert list_schedule(nothing, {}, find_best_order(nothing, {})).makespan_s == 0.0

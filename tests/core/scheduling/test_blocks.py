"""Barriers: blocks of groups that run one after another, and the timelines of all strategies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core import InvalidInputError
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.scheduling.blocks import split_blocks, time_blocks
from qdash_core.scheduling.colouring import Colouring
from qdash_core.scheduling.conflicts import Conflicts
from qdash_core.scheduling.layout import Layout
from qdash_core.scheduling.rules import make_coupling_conflicts, make_qubit_conflicts
from qdash_core.scheduling.schedule import Schedule
from qdash_scheduling.orderings import ORDERINGS
from qdash_scheduling.strategies import COLOURINGS
from qdash_testing.scheduler import require_schedule, require_timeline

CHIP = get_builtin_topology("square-lattice-mux-16")
WHOLE = {
    "qubit": make_qubit_conflicts(CHIP.qids, CHIP),
    "coupling": make_coupling_conflicts(CHIP.couplings, CHIP),
}
GROUPS = (("0", "1"), ("2",), ("3", "4"))
FREE = Conflicts({target: frozenset() for group in GROUPS for target in group})


@given(st.sampled_from([*COLOURINGS, *ORDERINGS]), st.data())
def test_no_resource_is_used_twice_at_a_time_and_nothing_crosses_a_barrier(
    strategy: object, data: st.DataObject
) -> None:
    assert hasattr(strategy, "kind")
    assert hasattr(strategy, "colour")
    whole = WHOLE[strategy.kind]
    targets = data.draw(st.lists(st.sampled_from(whole.targets), unique=True, min_size=1))
    conflicts = whole.only(targets).with_limit(data.draw(st.sampled_from([None, 1, 2, 5])))
    durations_s = {target: data.draw(st.sampled_from([0.5, 1.0, 2.0, 7.0])) for target in targets}
    found = strategy.colour(conflicts, Layout(CHIP))
    require_schedule(conflicts, found)
    require_timeline(conflicts, found, durations_s)


def test_a_block_starts_after_the_end_of_the_one_before() -> None:
    blocks = split_blocks(GROUPS, {2}, FREE)
    assert [list(block.conflicts.targets) for block in blocks] == [["0", "1", "2"], ["3", "4"]]
    times = time_blocks(blocks, {"0": 1.0, "1": 5.0, "2": 2.0, "3": 1.0, "4": 1.0}, ordered=False)
    assert times.start_s == {"0": 0.0, "1": 0.0, "2": 0.0, "3": 5.0, "4": 5.0}
    assert times.makespan_s == 6.0


def test_a_schedule_lasts_as_long_as_its_blocks() -> None:
    colouring = Colouring(GROUPS, 1, "", "drawn", frozenset({1, 2}))
    durations_s = {"0": 1.0, "1": 5.0, "2": 2.0, "3": 1.0, "4": 1.0}
    assert Schedule("qubit", colouring, FREE, durations_s).makespan_s == 8.0


def test_an_ordered_schedule_keeps_the_order_of_its_groups() -> None:
    conflicts = Conflicts(
        {"0": frozenset("a"), "1": frozenset("ab"), "2": frozenset("b"), "3": frozenset("b")}
    )
    durations_s = {"0": 4.0, "1": 1.0, "2": 3.0, "3": 3.0}
    groups = (("0",), ("1",), ("2",), ("3",))
    kept = Schedule("qubit", Colouring(groups, 3, "", "drawn", ordered=True), conflicts, durations_s)
    assert kept.timeline.start_s["2"] == 0.0, "a target whose resources are free starts"
    assert kept.timeline.start_s["2"] < kept.timeline.start_s["3"]


@pytest.mark.parametrize("barrier", [0, 3, -1])
def test_a_barrier_is_before_a_group_that_has_one_before_it(barrier: int) -> None:
    with pytest.raises(InvalidInputError, match=f"barrier before group {barrier} of 3"):
        Colouring(GROUPS, 1, "", "drawn", frozenset({barrier}))


def test_barriers_stay_between_the_targets_that_remain() -> None:
    colouring = Colouring((("0",), ("1",), ("2",), ("3",)), 4, "", "drawn", frozenset({1, 2}))
    rest = colouring.only(["0", "3"])
    assert (rest.groups, rest.barriers, rest.lower_bound) == ((("0",), ("3",)), {1}, 2)
    assert colouring.only(["2", "3"]).barriers == frozenset()

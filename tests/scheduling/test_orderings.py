"""Order of measurement of a chip's qubits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.chips.topology import Site, Topology
from qdash_core.scheduling.layout import Layout
from qdash_core.scheduling.rules import make_qubit_conflicts
from qdash_scheduling.orderings import (
    BOX_A,
    BOX_B,
    BOX_MIXED,
    NO_BOX,
    ORDERINGS,
    BoxStrategy,
    CheckerboardStrategy,
    SerialStrategy,
    SynchronizedBoxStrategy,
    SynchronizedStrategy,
    UncoupledStrategy,
    get_box_class,
)

from ..core.scheduling.test_rules import SharedModules

if TYPE_CHECKING:
    from qdash_core.scheduling.colouring import Scheduler

SQUARE = get_builtin_topology("square-lattice-mux-64")
THREES = Topology(
    "threes",
    tuple(Site(str(number), mux=number // 3) for number in range(9)),
    ("2-3", "5-6"),
)
"""Multiplexers of three qubits each, in a row."""


def list_groups(
    strategy: SynchronizedStrategy | CheckerboardStrategy | BoxStrategy | UncoupledStrategy,
    chip: Topology,
    **rules: bool,
) -> list[set[str]]:
    found = strategy.colour(make_qubit_conflicts(chip.qids, chip, **rules), Layout(chip))
    return [set(group) for group in found.groups]


@pytest.mark.parametrize(("chip", "size"), [(SQUARE, 4), (THREES, 3)], ids=["fours", "threes"])
def test_every_step_measures_the_same_position_of_each_multiplexer(chip: Topology, size: int) -> None:
    expected = [{chip.members(mux)[place] for mux in chip.muxes} for place in range(size)]
    assert list_groups(SynchronizedStrategy(), chip) == expected
    assert list_groups(SynchronizedStrategy(), chip, one_of_each_mux=True) == expected


def test_on_a_checkerboard_neighbouring_multiplexers_measure_different_positions() -> None:
    steps = list_groups(CheckerboardStrategy(), SQUARE)
    assert len(steps) == 4
    place = {qid: number for mux in SQUARE.muxes for number, qid in enumerate(SQUARE.members(mux))}
    for step in steps:
        at = {SQUARE.get_mux(qid): place[qid] for qid in step}
        assert len(at) == len(SQUARE.muxes), "one qubit of every multiplexer"
        for coupling in SQUARE.couplings:
            one, other = (SQUARE.get_mux(qid) for qid in coupling.split("-"))
            assert one == other or at[one] != at[other]


def test_a_multiplexer_with_fewer_qubits_rests_in_the_last_steps() -> None:
    sites = tuple(Site(qid, mux=mux) for qid, mux in (("0", 0), ("1", 0), ("2", 0), ("3", 1)))
    assert list_groups(SynchronizedStrategy(), Topology("uneven", sites, ())) == [{"0", "3"}, {"1"}, {"2"}]


def test_a_step_is_split_where_it_holds_coupled_qubits() -> None:
    sites = tuple(Site(str(number), mux=number // 2) for number in range(4))
    chip = Topology("facing", sites, ("0-2", "1-3"))
    assert list_groups(SynchronizedStrategy(), chip) == [{"0"}, {"2"}, {"1"}, {"3"}]
    assert list_groups(CheckerboardStrategy(), chip) == [{"0", "3"}, {"1", "2"}]


WIRING = SharedModules({0: {"U1A"}, 1: {"U2B"}, 2: {"U3A", "U4B"}})


def test_groups_hold_one_class_of_boxes() -> None:
    chip = get_builtin_topology("square-lattice-mux-16")
    boxes = {qid: get_box_class(qid, chip, WIRING) for qid in chip.qids}
    assert [boxes[qid] for qid in ("0", "4", "8", "12")] == [BOX_A, BOX_B, BOX_MIXED, NO_BOX]
    found = BoxStrategy().colour(make_qubit_conflicts(chip.qids, chip), Layout(chip, WIRING))
    classes = [{boxes[qid] for qid in group} for group in found.groups]
    assert classes == [{box} for box in (BOX_A, BOX_B, BOX_MIXED, NO_BOX) for _ in range(4)]
    assert found.barriers == {4, 8, 12}, "one class of boxes after another"
    assert not found.proved_optimal
    assert found.lower_bound == 4


def test_within_a_class_of_boxes_multiplexers_run_in_parallel_and_their_qubits_one_after_another() -> None:
    chip = get_builtin_topology("square-lattice-mux-16")
    found = BoxStrategy().colour(make_qubit_conflicts(chip.qids, chip, isolated=False), Layout(chip))
    assert found.groups == tuple(tuple(chip.members(mux)[place] for mux in chip.muxes) for place in range(4))
    assert found.barriers == frozenset()
    assert found.ordered
    for mux in chip.muxes:
        assert {found.exclusions[qid] for qid in chip.members(mux)} == {frozenset({f"mux {mux}"})}


@pytest.mark.parametrize("strategy", [BoxStrategy(), SynchronizedBoxStrategy()], ids=lambda one: one.name)
def test_mixed_multiplexers_that_share_a_module_outside_box_a_are_apart(
    strategy: BoxStrategy | SynchronizedBoxStrategy,
) -> None:
    chip = get_builtin_topology("square-lattice-mux-16")
    wiring = SharedModules({0: {"U1A", "U2B"}, 1: {"U1A", "U2B"}, 2: {"U1A", "U3B"}, 3: {"U1A"}})
    found = strategy.colour(make_qubit_conflicts(chip.qids, chip, isolated=False), Layout(chip, wiring))
    together = [{chip.get_mux(qid) for qid in group} for group in found.groups]
    assert together == [{3}] * 4 + [{0, 2}] * 4 + [{1}] * 4
    assert {4, 8} <= found.barriers


def test_steps_by_box_take_the_positions_of_one_class_after_another() -> None:
    chip = get_builtin_topology("square-lattice-mux-16")
    wiring = SharedModules({0: {"U1A"}, 1: {"U2A"}, 2: {"U3B"}, 3: {"U4B"}})
    found = SynchronizedBoxStrategy().colour(make_qubit_conflicts(chip.qids, chip), Layout(chip, wiring))
    assert [{chip.get_mux(qid) for qid in group} for group in found.groups] == [{0, 1}] * 4 + [{2, 3}] * 4
    assert found.barriers == set(range(1, 8))


@pytest.mark.parametrize(
    "strategy", [SynchronizedStrategy(), CheckerboardStrategy()], ids=lambda one: one.name
)
def test_every_step_waits_for_the_one_before(strategy: SynchronizedStrategy | CheckerboardStrategy) -> None:
    found = strategy.colour(make_qubit_conflicts(SQUARE.qids, SQUARE), Layout(SQUARE))
    assert found.barriers == {1, 2, 3}
    halves = strategy.colour(make_qubit_conflicts(SQUARE.qids, SQUARE, max_parallel=8), Layout(SQUARE))
    assert (len(halves.groups), halves.barriers) == (8, {2, 4, 6}), "a limit splits steps without barriers"


def test_serial_measures_one_qubit_after_another_multiplexer_by_multiplexer() -> None:
    qids = ["6", "0", "5", "13"]
    found = SerialStrategy().colour(make_qubit_conflicts(qids, SQUARE), Layout(SQUARE))
    assert found.groups == (("0",), ("5",), ("6",), ("13",))
    assert found.barriers == {1, 2, 3}


def test_a_box_of_another_class_has_its_own_name_and_comes_last() -> None:
    chip = get_builtin_topology("square-lattice-mux-16")
    wiring = SharedModules({0: {"U9C"}, 1: {"U2B"}})
    assert get_box_class("0", chip, wiring) == "BOX_C"
    found = BoxStrategy().colour(make_qubit_conflicts(["0", "4"], chip), Layout(chip, wiring))
    assert found.groups == (("4",), ("0",))


@pytest.mark.parametrize(
    "strategy", [one for one in ORDERINGS if one.name != "serial"], ids=lambda one: one.name
)
def test_without_a_layout_only_conflicts_count(strategy: Scheduler) -> None:
    found = strategy.colour(make_qubit_conflicts(SQUARE.qids, SQUARE))
    assert len(found.groups) == 2
    assert found.proved_optimal

"""Resources that couplings and qubits occupy during a measurement."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.chips.topology import Site, Topology, make_topology
from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import make_coupling_id, split_coupling
from qdash_core.scheduling.rules import make_coupling_conflicts, make_qubit_conflicts

if TYPE_CHECKING:
    from qdash_core.scheduling.conflicts import Conflicts

LINE = make_topology("line", map(str, range(6)), [f"{number}-{number + 1}" for number in range(5)])
"""Six qubits in a line, each with its own readout."""


class SharedModules:
    """A wiring with named modules for each multiplexer."""

    def __init__(self, modules: dict[int, set[str]]) -> None:
        self._modules = modules

    def get_modules(self, mux: int) -> frozenset[str]:
        return frozenset(self._modules.get(mux, ()))

    def get_boxes(self, mux: int) -> frozenset[str]:
        return frozenset(module[-1] for module in self.get_modules(mux))

    def box_class(self, module: str) -> str:
        return module[-1]


def list_conflicting_pairs(conflicts: Conflicts) -> set[tuple[str, str]]:
    return {
        (one, other)
        for one, other in combinations(conflicts.targets, 2)
        if other in conflicts.neighbours[one]
    }


def test_couplings_without_multiplexers_are_in_conflict_where_they_share_a_qubit() -> None:
    assert list_conflicting_pairs(make_coupling_conflicts(LINE.couplings, LINE)) == {
        ("0-1", "1-2"),
        ("1-2", "2-3"),
        ("2-3", "3-4"),
        ("3-4", "4-5"),
    }


@pytest.mark.parametrize("name", ["square-lattice-mux-36", "heavy-hex-27"])
def test_couplings_are_in_conflict_exactly_where_they_share_a_multiplexer(name: str) -> None:
    chip = get_builtin_topology(name)
    muxes = {one: {chip.get_mux(qid) for qid in split_coupling(one)} for one in chip.couplings}
    shared = {(one, other) for one, other in combinations(chip.couplings, 2) if muxes[one] & muxes[other]}
    assert list_conflicting_pairs(make_coupling_conflicts(chip.couplings, chip)) == shared


def test_a_multiplexer_may_have_any_number_of_qubits() -> None:
    sites = tuple(Site(str(number), mux=number // 3) for number in range(9))
    chip = Topology("threes", sites, ("0-1", "2-3", "4-5", "6-7"))
    assert list_conflicting_pairs(make_coupling_conflicts(chip.couplings, chip)) == {
        ("0-1", "2-3"),
        ("2-3", "4-5"),
    }


def test_multiplexers_that_share_a_module_are_in_conflict() -> None:
    chip = get_builtin_topology("square-lattice-mux-16")
    inner = ["0-1", "4-5", "8-9", "12-13"]  # one in each multiplexer
    wiring = SharedModules({0: {"U1A"}, 1: {"U1A", "U2A"}, 2: {"U3B"}})
    found = make_coupling_conflicts(inner, chip, wiring=wiring)
    assert list_conflicting_pairs(found) == {("0-1", "4-5")}
    assert found.resources["4-5"] == {"mux 1", "module U1A", "module U2A"}
    assert found.resources["12-13"] == {"mux 3"}


def test_only_the_wanted_couplings_are_there_in_their_order() -> None:
    found = make_coupling_conflicts(["4-5", "0-1"], LINE, max_parallel=1)
    assert found.targets == ("4-5", "0-1")
    assert found.max_parallel == 1


def test_spectators_keep_couplings_two_apart() -> None:
    expected = {
        (one, other)
        for one, other in combinations(LINE.couplings, 2)
        if abs(int(one[0]) - int(other[0])) <= 2
    }
    assert list_conflicting_pairs(make_coupling_conflicts(LINE.couplings, LINE, spectators=True)) == expected


def test_spectators_on_a_lattice_are_the_couplings_an_end_of_which_is_coupled_to_an_end() -> None:
    square = get_builtin_topology("square-lattice-mux-36")
    chip = make_topology("square", square.qids, square.couplings)
    expected = {
        (one, other)
        for one, other in combinations(chip.couplings, 2)
        if any(a == b or a in chip.neighbours(b) for a in split_coupling(one) for b in split_coupling(other))
    }
    assert list_conflicting_pairs(make_coupling_conflicts(chip.couplings, chip, spectators=True)) == expected


def test_coupled_qubits_are_in_conflict_by_their_zz() -> None:
    found = make_qubit_conflicts(LINE.qids, LINE)
    assert {make_coupling_id(*pair) for pair in list_conflicting_pairs(found)} == set(LINE.couplings)
    assert found.resources["1"] & found.resources["2"] == {"ZZ 1-2"}


def test_a_multiplexer_reads_one_qubit_at_a_time_where_that_is_asked_for() -> None:
    chip = get_builtin_topology("square-lattice-mux-16")
    assert ("0", "3") not in list_conflicting_pairs(make_qubit_conflicts(chip.qids, chip))
    assert ("0", "3") in list_conflicting_pairs(make_qubit_conflicts(chip.qids, chip, one_of_each_mux=True))


def test_a_module_serves_one_qubit_at_a_time_where_the_wiring_is_given() -> None:
    chip = get_builtin_topology("square-lattice-mux-16")
    found = list_conflicting_pairs(
        make_qubit_conflicts(["0", "3", "7"], chip, wiring=SharedModules({0: {"U1A"}, 1: {"U1A"}}))
    )
    assert found == {("0", "3"), ("0", "7"), ("3", "7")}


@pytest.mark.parametrize(("limit", "lanes", "at_once"), [(2, 4, 2), (4, 2, 2), (None, 2, 2), (2, None, 2)])
def test_of_two_limits_the_narrower_one_holds(limit: int | None, lanes: int | None, at_once: int) -> None:
    conflicts = make_coupling_conflicts(LINE.couplings, LINE, max_parallel=limit)
    assert conflicts.with_limit(lanes).max_parallel == at_once


@pytest.mark.parametrize("limit", [0, -3])
def test_nothing_at_once_is_no_limit_to_work_with(limit: int) -> None:
    with pytest.raises(InvalidInputError, match=f"max_parallel is {limit}: at least one"):
        make_coupling_conflicts(LINE.couplings, LINE, max_parallel=limit)

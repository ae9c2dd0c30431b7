"""Groups of targets that may be measured together."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core.chips.ids import qubits_of
from qdash_core.chips.topology import Site, Topology, topology
from qdash_core.scheduling.colouring import DisjointCouplings, UncoupledQubits, colour

NODES = [str(number) for number in range(9)]
GRAPHS = st.lists(st.sampled_from(list(combinations(NODES, 2))), unique=True)


@given(GRAPHS)
def test_every_node_is_in_one_group_and_no_group_holds_a_conflict(edges: list[tuple[str, str]]) -> None:
    conflicts = {node: {b if a == node else a for a, b in edges if node in (a, b)} for node in NODES}
    groups = colour(conflicts)
    assert sorted(node for group in groups for node in group) == NODES
    assert all(group for group in groups)
    for group in groups:
        for a, b in combinations(group, 2):
            assert b not in conflicts[a]
    assert len(groups) <= 1 + max(len(others) for others in conflicts.values())


@given(GRAPHS.map(lambda edges: [(a, b) for a, b in edges if (int(a) + int(b)) % 2]))
def test_a_graph_of_two_sides_needs_no_third_group(edges: list[tuple[str, str]]) -> None:
    conflicts = {node: {b if a == node else a for a, b in edges if node in (a, b)} for node in NODES}
    assert len(colour(conflicts)) <= 2


def test_nothing_makes_no_groups() -> None:
    assert colour({}) == []


def test_members_of_a_group_come_by_number() -> None:
    assert colour({node: set() for node in ("10", "9", "2")}) == [["2", "9", "10"]]


@pytest.mark.parametrize(
    "name", ["square-lattice-mux-16", "square-lattice-mux-64", "heavy-hex-27", "linear-16"]
)
def test_qubits_of_every_built_in_lattice_need_two_groups(name: str) -> None:
    chip = topology(name)
    groups = UncoupledQubits().groups(chip.qids, chip)
    assert len(groups) == 2
    for group in groups:
        for qid in group:
            assert not set(chip.neighbours(qid)) & set(group)


def test_only_the_wanted_qubits_are_grouped() -> None:
    chip = topology("linear-16")
    assert UncoupledQubits().groups(["0", "2", "4"], chip) == [["0", "2", "4"]]
    assert sorted(UncoupledQubits().groups(["1", "0"], chip)) == [["0"], ["1"]]


@pytest.mark.parametrize("name", ["square-lattice-mux-16", "heavy-hex-27"])
def test_couplings_of_a_group_share_neither_qubit_nor_multiplexer(name: str) -> None:
    chip = topology(name)
    groups = DisjointCouplings().groups(chip.couplings, chip)
    assert sorted(one for group in groups for one in group) == sorted(chip.couplings)
    for group in groups:
        used: list[object] = []
        for coupling in group:
            qubits = qubits_of(coupling)
            used += [*qubits, *({chip.mux_of(qid) for qid in qubits} - {None})]
        assert len(used) == len(set(used))


def test_qubits_without_a_multiplexer_share_none() -> None:
    chip = Topology("pairs", tuple(Site(str(number)) for number in range(4)), ("0-1", "2-3"))
    assert DisjointCouplings().groups(chip.couplings, chip) == [["0-1", "2-3"]]

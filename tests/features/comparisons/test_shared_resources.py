"""Targets that changed or failed together are explained by a shared resource, unless chance explains it as well."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_builtin.comparisons.shared_resources import find_shared_resources, list_resources
from qdash_core.chips.chip import Chip
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.models.chip import ChipModel, CouplingModel, MuxLines, QubitModel, WiringModel

if TYPE_CHECKING:
    from collections.abc import Collection

QUBITS = [str(number) for number in range(64)]


def make_chip(*, wired: bool = True) -> Chip:
    """Return a chip of 64 qubits; two multiplexers share each module, and the pump line of the first four is one."""
    topology = get_builtin_topology("square-lattice-mux-64")
    lines = [
        MuxLines(
            mux=mux,
            ctrl=[f"U{mux // 2}A-{4 * (mux % 2) + port}" for port in range(4)],
            read_out=f"R{mux}A-1",
            read_in=f"R{mux}A-2",
            pump="P0A-1" if mux < 4 else f"P{mux}A-1",
        )
        for mux in range(16)
    ]
    owner = {"project_id": "default", "username": "admin", "chip_id": "64Q"}
    header = ChipModel(
        **owner,
        size=64,
        topology_id=topology.name,
        backend="fake",
        wiring=WiringModel(lines=lines) if wired else None,
    )
    qubits = {
        site.id: QubitModel(**owner, qid=site.id, row=site.row, col=site.col, mux=site.mux)
        for site in topology.qubits
    }
    return Chip(header, qubits, {one: CouplingModel(**owner, qid=one) for one in topology.couplings})


CHIP = make_chip()


def explain(
    affected: Collection[str], examined: Collection[str] = QUBITS, chip: Chip = CHIP
) -> list[tuple[str, int]]:
    found = find_shared_resources(list_resources(chip), affected, examined)
    return [(str(one), len(one.affected)) for one in found]


def test_the_qubits_of_a_multiplexer_share_it() -> None:
    assert explain(["12", "13", "14", "15"]) == [("multiplexer 3 (readout line R3A-1) or module R3A", 4)]
    assert explain(["12", "13", "14", "15"], chip=make_chip(wired=False)) == [("multiplexer 3", 4)]


def test_three_of_four_are_enough_on_a_large_chip_and_two_are_not() -> None:
    assert explain(["12", "13", "15"]) == [("multiplexer 3 (readout line R3A-1) or module R3A", 3)]
    assert explain(["12", "13"]) == []


def test_the_largest_resource_explains_its_targets_once() -> None:
    module = [str(number) for number in range(8, 16)]
    assert explain([*module, "40"]) == [("module U1A", 8)]
    pump = [str(number) for number in range(16)]
    assert explain(pump) == [("line P0A-1 or module P0A", 16)]


def test_nearly_all_targets_share_the_whole_chip() -> None:
    assert explain(QUBITS[:52]) == [("whole chip", 52)]
    assert explain(QUBITS[:3], QUBITS[:3]) == []


def test_the_share_that_explains_the_whole_chip_is_chosen() -> None:
    resources = list_resources(CHIP)
    half = QUBITS[::2]
    assert find_shared_resources(resources, half, QUBITS) == []
    (found,) = find_shared_resources(resources, half, QUBITS, least_of_chip=0.5)
    assert str(found) == "whole chip"


def test_couplings_share_their_qubit() -> None:
    couplings = list(CHIP.couplings)
    failed = [one for one in couplings if "27" in one.split("-")]
    assert explain(failed, couplings) == [("qubit 27", 4)]


def test_targets_that_share_nothing_are_not_explained() -> None:
    assert explain(["0", "9", "18", "27", "36", "45"]) == []
    assert explain([]) == []


@given(st.sets(st.sampled_from(QUBITS)), st.sets(st.sampled_from(QUBITS)))
def test_each_affected_target_is_explained_at_most_once(affected: set[str], examined: set[str]) -> None:
    order = sorted(examined, key=int)
    found = find_shared_resources(list_resources(CHIP), affected, order)
    explained = [target for one in found for target in one.affected]
    assert len(explained) == len({*explained})
    assert {*explained} <= affected & examined
    assert all(len(one.affected) >= 2 for one in found)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 4))])
def test_failures_by_chance_are_rarely_explained(seed: int) -> None:
    random = Random(seed)
    explained = sum(bool(explain(random.sample(QUBITS, 8))) for _ in range(50))
    assert explained <= 4  # at most 1 % for each of three kinds, of 50


def test_a_subset_of_the_chip_does_not_accuse_the_whole_chip() -> None:
    subset = ["12", "13", "14", "15"]
    (found,) = find_shared_resources(list_resources(CHIP), subset, subset)
    assert (str(found), found.examined) == (
        "multiplexer 3 (readout line R3A-1) or line P0A-1 or module P0A or module U1A or module R3A",
        4,
    )
    scattered = QUBITS[:62:2]
    assert explain(scattered, scattered) == [], "31 of 64 were examined"
    assert explain(QUBITS[::2], QUBITS[::2]) == [("whole chip", 32)]
    couplings = list(CHIP.couplings)[::2]
    assert explain(couplings, couplings) == [("whole chip", len(couplings))]
    assert explain(couplings[1:-1], couplings[1:-1]) == []


def test_more_tests_of_the_same_resources_need_more_targets() -> None:
    resources = list_resources(CHIP)
    three = ["12", "13", "15"]
    assert find_shared_resources(resources, three, QUBITS, tests=6) != []
    assert find_shared_resources(resources, three, QUBITS, tests=7) == []
    assert find_shared_resources(resources, [*three, "14"], QUBITS, tests=7) != []

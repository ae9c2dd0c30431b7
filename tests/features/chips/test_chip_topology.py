"""Topology of a chip: a name that its qubits and couplings fit, with its positions and multiplexers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.chips.service import ChipService
from qdash_builtin.exchange.views.chip_export import export
from qdash_core.chips.chip import read_chip_version
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.chips.topology import Topology, make_topology
from qdash_core.errors import InvalidInputError
from qdash_core.models.chip import MuxLines, WiringModel
from qdash_core.models.chip_values import ChipValues
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.repositories import Repositories

from ...access import ADMIN

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

EIGHT = make_topology("device", map(str, range(8)), (f"{n}-{n + 1}" for n in range(7)))
"""The topology of a device table: the qubits and couplings of linear-8, without positions and multiplexers."""


@pytest.fixture
def chips(prepared_store: Store, clock: Clock) -> ChipService:
    made = ChipService(prepared_store, ZoneInfo("UTC"), is_live=lambda lock: False, clock=clock)
    made.create(ADMIN, "A", EIGHT, backend="bench")
    return made


def make_wiring(*muxes: int) -> WiringModel:
    return WiringModel(
        lines=[
            MuxLines(
                mux=mux,
                ctrl=[f"U{mux}A-{port}" for port in range(4)],
                read_out=f"R{mux}A-1",
                read_in=f"R{mux}A-2",
            )
            for mux in muxes
        ]
    )


@pytest.mark.every_store
def test_a_chip_takes_the_positions_and_multiplexers_of_a_topology_that_it_fits(
    prepared_store: Store, chips: ChipService
) -> None:
    changed = chips.edit(ADMIN, "A", topology_id="linear-8")
    found = chips.show(ADMIN, "A")
    assert changed == found.header
    assert found.topology == get_builtin_topology("linear-8")
    [day] = Repositories(prepared_store).of(QubitCalibrationRepository).list_days("default", "A", "7")
    assert (day.row, day.col, day.mux) == (0, 7, 1)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("linear-7", r"chip A is not a 'linear-7': it has the additional qubit 7 and coupling 6-7$"),
        (
            "square-lattice-mux-64",
            r"lacks qubits 8, 9, 10, 11 and 52 more and couplings 0-2, .* more, and it has the additional couplings 1-2, 3-4",
        ),
        ("mine", r"there is no topology 'mine'; the built-in topologies are"),
        ("linear-80000", "the largest have 10000 qubits"),
    ],
)
def test_a_topology_with_other_qubits_or_couplings_is_refused_and_nothing_is_written(
    prepared_store: Store, chips: ChipService, name: str, message: str
) -> None:
    repositories = Repositories(prepared_store)
    before, events = chips.show(ADMIN, "A"), read_chip_version(repositories, "default", "A")
    with pytest.raises(InvalidInputError, match=message):
        chips.edit(ADMIN, "A", topology_id=name, note="new package")
    assert (chips.show(ADMIN, "A"), read_chip_version(repositories, "default", "A")) == (before, events)
    assert not repositories.of(QubitCalibrationRepository).list_days("default", "A", "0")


def test_the_present_topology_is_always_accepted(chips: ChipService) -> None:
    assert chips.edit(ADMIN, "A", topology_id="device", note="new package").topology_id == "device"
    assert chips.show(ADMIN, "A").topology == EIGHT


def test_a_topology_whose_multiplexers_the_wiring_does_not_fit_is_refused(chips: ChipService) -> None:
    sites = tuple(replace(site, mux=2 + int(site.id) // 4) for site in EIGHT.qubits)
    own = Topology("own", sites, EIGHT.couplings)
    chips.create(ADMIN, "B", own, backend="bench", wiring=make_wiring(2, 3))
    with pytest.raises(InvalidInputError, match=r"mux 2: the chip has no such multiplexer \(it has: 0, 1\)"):
        chips.edit(ADMIN, "B", topology_id="linear-8")
    assert chips.show(ADMIN, "B").topology == own


def test_a_new_chip_has_the_name_of_a_built_in_topology_only_if_it_fits(chips: ChipService) -> None:
    liar = Topology("square-lattice-mux-16", EIGHT.qubits, EIGHT.couplings)
    with pytest.raises(InvalidInputError, match="has the name of a built-in one, but it lacks qubits 8"):
        chips.create(ADMIN, "B", liar, backend="bench")
    chips.create(ADMIN, "B", Topology("linear-8", EIGHT.qubits, EIGHT.couplings), backend="bench")


def test_an_imported_chip_has_the_name_of_a_built_in_topology_only_if_it_fits(chips: ChipService) -> None:
    text = export(chips.show(ADMIN, "A"), ChipValues({}, {}), "json")
    liar = text.replace('"name": "device"', '"name": "linear-16"')
    assert liar != text
    with pytest.raises(InvalidInputError, match=r"'linear-16' .* give it another name"):
        chips.import_(ADMIN, liar, chip_id="B")
    assert [chip.chip_id for chip in chips.list_by_project(ADMIN)] == ["A"]
    assert (
        chips.import_(ADMIN, text.replace('"device"', '"linear-8"'), chip_id="B").header.topology_id
        == "linear-8"
    )

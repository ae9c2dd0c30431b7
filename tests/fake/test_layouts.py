"""Twins from a layout alone: all other values are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.topology_files import load_topology
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.project import DEFAULT_USER
from qdash_core.models.targets import split_coupling
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import DeviceTable, load_device, parse_device
from qdash_fake.physics.draw import draw_chip

from ..access import access_of
from ..case_tables import each_case

if TYPE_CHECKING:
    from pathlib import Path


@each_case("name", ["square-lattice-mux-16", "heavy-hex-27", "linear-16"])
def test_a_topology_is_a_device_of_which_all_is_drawn(name: str) -> None:
    table = load_device(name)
    assert table.layout == load_topology(name)
    assert parse_device(table.model_dump_json(), origin="kept") == table
    chip = draw_chip(table, 1)
    assert tuple(chip.couplings) == load_topology(name).couplings
    assert any("drawn" in mark for mark in chip.marks)


def test_a_topology_file_is_a_device_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: mine\nqubits:\n- {id: '0', row: 0, col: 0, mux: 0}\n- {id: '1', row: 0, col: 1, mux: 0}\n"
        "couplings: [['0', '1']]\n",
        encoding="utf-8",
    )
    assert load_device(str(path)).layout.members(0) == ("0", "1")


def test_a_chip_of_a_topology_keeps_its_places_and_multiplexers(tmp_path: Path) -> None:
    with open_qdash(load_settings(home=tmp_path)) as qdash:
        project_id = qdash.access(DEFAULT_USER).project_id
        table = load_device("square-lattice-mux-16")
        chip = create_twin_chip(qdash, access_of("admin", project_id), "square", table, seed=1)
        assert chip.topology == load_topology("square-lattice-mux-16")
        # The control of a pair is unspecified.
        assert {coupling.control for coupling in chip.couplings.values()} == {None}


def test_a_table_whose_topology_is_another_chip_is_refused() -> None:
    table = load_device("linear-16").model_dump()
    table["couplings"] = table["couplings"][1:]
    with pytest.raises(InvalidInputError, match="couplings are not those"):
        parse_device(DeviceTable.model_validate(table).model_dump_json(), origin="mixed")


def test_what_is_neither_device_nor_topology_is_refused_with_both_lists() -> None:
    with pytest.raises(NotFoundError, match=r"sherbrooke.*square-lattice-mux-64"):
        load_device("square-lattice")


@pytest.mark.parametrize(
    "name",
    [
        "square-lattice-mux-64",
        *(pytest.param(one, marks=pytest.mark.slow) for one in ("square-lattice-mux-144", "heavy-hex-127")),
    ],
)
def test_neighbours_are_drawn_apart_and_on_squares_so_are_targets_of_one_control(name: str) -> None:
    layout = load_topology(name)
    found = draw_chip(load_device(name), 4).qubits
    near = [
        abs(found[a].frequency_ghz - found[b].frequency_ghz) for a, b in map(split_coupling, layout.couplings)
    ]
    # 62 or 100 MHz apart but for 17 MHz of scatter of each: at most one in 30 within 17 MHz.
    assert sum(distance < 0.017 for distance in near) <= max(1, len(near) / 30)
    if name.startswith("square"):
        pairs = {
            tuple(sorted((one, other)))
            for centre in layout.qids
            for one in layout.neighbours(centre)
            for other in layout.neighbours(centre)
            if one != other
        }
        close = sum(abs(found[a].frequency_ghz - found[b].frequency_ghz) < 0.017 for a, b in pairs)
        assert close <= len(pairs) / 15

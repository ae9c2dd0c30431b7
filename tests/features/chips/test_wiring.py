"""Wiring files: valid files, storage with the chip, and errors with the wrong field."""

from __future__ import annotations

import copy
from contextlib import suppress
from datetime import UTC
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from qdash_builtin.chips.service import ChipService
from qdash_builtin.chips.wiring_files import parse_wiring, read_wiring
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.chips.wiring import Wiring, validate_wiring
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.chip import MuxLines, WiringModel

from ...access import ADMIN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qdash_core.repositories.store import Store

LATTICE = get_builtin_topology("square-lattice-mux-16")


def make_lines(mux: int, box: str = "U10B", readout: str = "S159A", **others: Any) -> dict[str, Any]:
    """Return the entry of a multiplexer whose qubits are driven by one box."""
    return {
        "mux": mux,
        "ctrl": [f"{box}-{4 * mux + port}" for port in range(4)],
        "read_out": f"{readout}-{2 * mux}",
        "read_in": f"{readout}-{2 * mux + 1}",
        "pump": None,
        **others,
    }


DOCUMENT: dict[str, Any] = {"16Q": [make_lines(0), make_lines(1), make_lines(3, "R21A")]}


def write(folder: Path, document: object) -> Path:
    path = folder / "wiring.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def parse(document: object, chip_id: str = "16Q") -> Wiring:
    return validate_wiring(parse_wiring(document, chip_id), LATTICE)


def test_a_file_tells_modules_and_boxes_of_multiplexers_and_qubits(tmp_path: Path) -> None:
    wiring = Wiring(read_wiring(write(tmp_path, DOCUMENT), "16Q", LATTICE), LATTICE)
    assert wiring.get_modules(1) == {"U10B", "S159A"}
    assert wiring.get_modules(3) == {"R21A", "S159A"}
    assert wiring.get_boxes(0) == {"B", "A"}
    assert (wiring.get_control_module("7"), wiring.box_class("U10B")) == ("U10B", "B")
    assert (wiring.get_control_module("12"), wiring.box_class("R21A")) == ("R21A", "A")


def test_of_what_a_wiring_does_not_name_nothing_is_known() -> None:
    wiring = parse(DOCUMENT)
    assert wiring.get_modules(2) == wiring.get_boxes(2) == frozenset()
    assert wiring.get_control_module("8") is None


def test_the_pump_belongs_to_the_modules_and_a_multiplexer_may_hang_on_boxes_of_several_classes() -> None:
    mixed = make_lines(0, readout="S9C", pump="P1D-0", ctrl=["U10B-1", "U10B-2", "U11A-1", "U11A-2"])
    wiring = parse({"16Q": [mixed]})
    assert wiring.get_modules(0) == {"U10B", "U11A", "S9C", "P1D"}
    assert wiring.get_boxes(0) == {"A", "B", "C", "D"}
    assert (wiring.box_class("U10B"), wiring.box_class("U11A")) == ("B", "A")


def test_boxes_say_the_class_where_a_name_does_not_or_says_another() -> None:
    document = {
        "16Q": [make_lines(0, "U10", "S1"), make_lines(1)],
        "boxes": {"U10": "A", "U10B": "A", "S1": "A"},
    }
    wiring = parse(document)
    assert wiring.get_boxes(0) == {"A"}
    assert wiring.box_class("U10B") == "A"


def test_a_chip_that_is_named_is_taken_alone_and_groups_are_taken_together() -> None:
    two = {"16Q": [make_lines(0)], "other": [make_lines(0, "U99A")]}
    assert [entry.mux for entry in parse(two).model.lines] == [0]
    groups = {"left": [make_lines(0)], "right": [make_lines(1)]}
    assert [entry.mux for entry in parse(groups).model.lines] == [0, 1]
    with pytest.raises(InvalidInputError, match="mux 0 is in 16Q and in other"):
        parse(two, "another")


def make_invalid_wiring(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    change(document["16Q"][1])
    return document


def test_what_is_wrong_is_refused_with_file_and_field(tmp_path: Path, subtests: pytest.Subtests) -> None:
    for document, message in [
        ([], "a list, not a mapping of chips or groups"),
        ({}, "names no chip or group"),
        ({"16Q": {}}, "16Q is a dict, not a list of multiplexers"),
        ({"16Q": []}, "16Q: no multiplexers"),
        ({"16Q": [3]}, r"16Q\[0\] is a int, not a mapping of mux, ctrl"),
        (make_invalid_wiring(lambda entry: entry.pop("ctrl")), r"16Q\[1\] has no ctrl"),
        (make_invalid_wiring(lambda entry: entry.update(port=1)), r"16Q\[1\] has an unknown key 'port'"),
        (
            make_invalid_wiring(lambda entry: entry.update(mux="1")),
            r"16Q\[1\].mux is '1', not a whole number",
        ),
        (make_invalid_wiring(lambda entry: entry.update(mux=True)), r"16Q\[1\].mux is True"),
        (
            make_invalid_wiring(lambda entry: entry.update(mux=9)),
            r"mux 9: the chip has no such multiplexer \(it has: 0, 1",
        ),
        (make_invalid_wiring(lambda entry: entry.update(mux=0)), "mux 0 is there twice"),
        (
            make_invalid_wiring(lambda entry: entry.update(ctrl="U10B-5")),
            r"16Q\[1\].ctrl is a str, not a list",
        ),
        (
            make_invalid_wiring(lambda entry: entry["ctrl"].pop()),
            "mux 1, ctrl: 3 lines for the 4 qubits 4, 5, 6, 7",
        ),
        (
            make_invalid_wiring(lambda entry: entry["ctrl"].append("U10B-99")),
            "mux 1, ctrl: 5 lines for the 4 qubits",
        ),
        (
            make_invalid_wiring(lambda entry: entry["ctrl"].__setitem__(2, 7)),
            r"16Q\[1\].ctrl\[2\] is 7, not a line",
        ),
        (
            make_invalid_wiring(lambda entry: entry.update(read_in="U10B")),
            r"16Q\[1\].read_in: 'U10B' is not a line",
        ),
        (make_invalid_wiring(lambda entry: entry.update(read_in=None)), r"16Q\[1\].read_in is None"),
        (
            make_invalid_wiring(lambda entry: entry.update(read_in="U10B-0")),
            r"mux 1, read_in: line U10B-0 is mux 0, ctrl\[0\] already",
        ),
        ({"16Q": [make_lines(0, "U10")]}, r"mux 0, ctrl\[0\]: module U10 ends in no letter .* under boxes"),
        ({"16Q": [make_lines(0)], "boxes": []}, "boxes is a list"),
        ({"16Q": [make_lines(0)], "boxes": {"U10B": "a"}}, "boxes.U10B is 'a', not a capital letter"),
    ]:
        with subtests.test(str(document)):
            path = write(tmp_path, document)
            with pytest.raises(InvalidInputError, match=message) as caught:
                read_wiring(path, "16Q", LATTICE)
            assert str(path) in str(caught.value)
            assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_not_yaml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no wiring file"):
        read_wiring(tmp_path / "none.yaml", "16Q", LATTICE)
    path = tmp_path / "wiring.yaml"
    path.write_text("16Q: [")
    with pytest.raises(InvalidInputError, match="not YAML"):
        read_wiring(path, "16Q", LATTICE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("16Q: [{mux: 0, read_out: S1A-0, read_in: S1A-1, read_out: S1A-2}]", "'read_out' is there 2 times"),
        ("boxes: {}\n16Q: []\n16Q: []\n", "'16Q' is there 2 times in the mapping that begins in line 1"),
    ],
)
def test_what_is_written_twice_is_refused_and_not_half_forgotten(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "wiring.yaml"
    path.write_text(text)
    with pytest.raises(InvalidInputError, match=message):
        read_wiring(path, "16Q", LATTICE)


def test_a_file_of_other_chips_says_that_this_one_is_not_among_them(tmp_path: Path) -> None:
    path = write(tmp_path, {"64Qv1": [make_lines(0)], "64Qv2": [make_lines(0, "U20B", "S160A")]})
    with pytest.raises(
        InvalidInputError, match=r"mux 0 is in 64Qv1 and in 64Qv2: .* no group is called '16Q'"
    ):
        read_wiring(path, "16Q", LATTICE)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: (
    st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["16Q", "mux", "ctrl", "boxes", "x"]), inner, max_size=3)
)))  # fmt: skip
def test_whatever_a_file_holds_is_read_or_refused(document: object) -> None:
    with suppress(InvalidInputError):
        assert parse(document).model.lines


@pytest.mark.every_store
def test_wiring_is_kept_with_the_chip(prepared_store: Store) -> None:
    chips = ChipService(prepared_store, UTC, is_live=lambda lock: False)  # type: ignore[arg-type]
    model = parse(DOCUMENT).model
    chips.create(ADMIN, "16Q", LATTICE, backend="bench", wiring=model)
    chips.create(ADMIN, "bare", LATTICE, backend="bench")
    kept = chips.show(ADMIN, "16Q")
    assert kept.header.wiring == model
    assert kept.wiring is not None
    assert kept.wiring.get_modules(3) == {"R21A", "S159A"}
    assert chips.show(ADMIN, "bare").wiring is None


def test_wiring_that_does_not_fit_makes_no_chip(prepared_store: Store) -> None:
    chips = ChipService(prepared_store, UTC, is_live=lambda lock: False)  # type: ignore[arg-type]
    model = WiringModel(lines=[MuxLines(mux=0, ctrl=["U1A-1"], read_out="U1A-2", read_in="U1A-3")])
    with pytest.raises(InvalidInputError, match="1 lines for the 4 qubits"):
        chips.create(ADMIN, "16Q", LATTICE, backend="bench", wiring=model)
    assert chips.list_by_project(ADMIN) == []

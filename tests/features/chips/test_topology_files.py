"""Topology files: valid files, and errors with the field and its index."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from qdash_builtin.chips.topology_files import load_topology
from qdash_core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DOCUMENT: dict[str, Any] = {
    "name": "three",
    "qubits": [
        {"id": "0", "row": 0, "col": 0, "mux": 0},
        {"id": "Q01", "row": 0, "col": 1, "mux": None},
        {"id": "2", "row": None, "col": None, "mux": 0},
    ],
    "couplings": [["0", "1"], ["Q02", "1"]],
}


def _write(folder: Path, document: object, suffix: str = ".json") -> Path:
    path = folder / f"topology{suffix}"
    path.write_text(json.dumps(document) if suffix == ".json" else yaml.safe_dump(document))
    return path


def _read_refusal(path: Path) -> str:
    with pytest.raises(InvalidInputError) as caught:
        load_topology(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".yml", ".txt"])
def test_a_file_is_read_and_its_labels_are_normalised(suffix: str, tmp_path: Path) -> None:
    found = load_topology(_write(tmp_path, DOCUMENT, suffix))
    assert found.name == "three"
    assert found.qids == ("0", "1", "2")
    assert found.couplings == ("0-1", "1-2")
    assert found.members(0) == ("0", "2")
    assert found.get_mux("1") is None
    assert found.site("1").col == 1


@pytest.mark.parametrize("name", ["square-lattice-mux-64", "heavy-hex-27", "linear-16"])
@pytest.mark.parametrize("suffix", [".json", ".yaml"])
def test_what_is_written_is_read_back(name: str, suffix: str, tmp_path: Path) -> None:
    built_in = load_topology(name)
    assert load_topology(_write(tmp_path, built_in.to_document(), suffix)) == built_in


def _set(*path: Any, to: Any) -> Callable[[dict[str, Any]], object]:
    def change(document: dict[str, Any]) -> None:
        inner: Any = document
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = to

    return change


def test_a_broken_file_is_refused_with_the_field_and_its_index(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    for change, message in [
        (_set("colour", to=1), "the topology has an unknown key 'colour'; known are name, qubits, couplings"),
        (lambda d: d.pop("couplings"), "the topology has no couplings"),
        (_set("name", to=3), "name is 3, not a name"),
        (_set("name", to=" "), "name is ' ', not a name"),
        (_set("qubits", to={}), "qubits is a dict, not a list"),
        (_set("qubits", to=[]), "qubits is empty"),
        (_set("qubits", 1, to="1"), "qubits[1] is a str, not a mapping of id, row, col, mux"),
        (_set("qubits", 1, "x", to=0), "qubits[1] has an unknown key 'x'; known are id, row, col, mux"),
        (lambda d: d["qubits"][2].pop("mux"), "qubits[2] has no mux"),
        (_set("qubits", 1, "id", to=1), "qubits[1].id is 1: a qubit is text in quotes, as in '7'"),
        (_set("qubits", 1, "id", to="01"), "qubits[1].id: '01' is not a qubit"),
        (_set("qubits", 1, "id", to="Q02"), "qubits[2].id: qubit 2 is there twice"),
        (_set("qubits", 0, "row", to="0"), "qubits[0].row is '0', not a whole number"),
        (_set("qubits", 0, "col", to=1.0), "qubits[0].col is 1.0, not a whole number"),
        (_set("qubits", 0, "mux", to=True), "qubits[0].mux is True, not a whole number"),
        (_set("qubits", 0, "mux", to=-1), "qubits[0].mux is -1, not a whole number"),
        (
            _set("qubits", 0, "row", to=10**18),
            "qubits[0].row is 1000000000000000000, not a whole number from 0 to 1000000",
        ),
        (_set("couplings", to=None), "couplings is a NoneType, not a list"),
        (_set("couplings", 0, to="0-1"), "couplings[0] is a str, not a list"),
        (_set("couplings", 0, to=["0", "1", "2"]), "couplings[0] names 3 qubits, not two"),
        (_set("couplings", 1, to=["0", 1]), "couplings[1][1] is 1: a qubit is text in quotes"),
        (_set("couplings", 1, to=["0", "9"]), "couplings[1]: there is no qubit 9"),
        (_set("couplings", 1, to=["1", "Q01"]), "couplings[1] couples qubit 1 to itself"),
        (_set("couplings", 1, to=["1", "0"]), "couplings[1]: coupling 0-1 is there twice"),
    ]:
        with subtests.test(str(change)):
            document = copy.deepcopy(DOCUMENT)
            change(document)
            for suffix in (".json", ".yaml"):
                assert message in _read_refusal(_write(tmp_path, document, suffix))


@pytest.mark.parametrize(
    ("name", "contents", "message"),
    [
        ("a.json", b"{", "not JSON"),
        ("a.json", b"[" * 100_000, "JSON nested more than 100 levels deep"),
        ("a.json", b"\xff", "cannot be read"),
        ("a.json", b"[]", "the topology is a list"),
        ("a.yaml", b"a: [", "not YAML"),
        ("a.yaml", b"", "the topology is a NoneType"),
        ("a.yaml", b"? [1]\n: 2", "YAML, line 1: a key is a list"),
        ("a.yaml", b"name: a\nname: b", "YAML, line 2: 'name' is there 2 times"),
        *(
            ("a.yaml", tag, "YAML, line 1: tags such as")
            for tag in (b"!!timestamp x", b"!!bool x", b"!!map [1]", b"!!int ''")
        ),
    ],
)
def test_a_file_that_cannot_be_parsed_is_refused(
    name: str, contents: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(contents)
    assert message in _read_refusal(path)


@pytest.mark.parametrize("name", ["absent.json", "absent.yaml", "folder/absent"])
def test_a_missing_file_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no topology file"):
        load_topology(tmp_path / name)


def test_a_name_that_is_neither_a_topology_nor_a_file_is_refused_as_both() -> None:
    with pytest.raises(NotFoundError, match=r"did you mean 'linear-16'\?; nor is there such a file"):
        load_topology("liner-16")


def test_a_folder_is_not_a_topology(tmp_path: Path) -> None:
    assert "cannot be read" in _read_refusal(tmp_path)


DEVICE: dict[str, Any] = {
    "device": "three",
    "qubits": [{"qid": "0", "t1_us": 3.0}, {"qid": "1"}, {"qid": "2"}],
    "couplings": [
        {"control": "1", "target": "0"},
        {"control": "0", "target": "1"},
        {"control": "2", "target": "1"},
    ],
}


def test_a_device_table_is_a_topology_without_places(tmp_path: Path) -> None:
    found = load_topology(_write(tmp_path, DEVICE))
    assert (found.name, found.qids, found.couplings) == ("three", ("0", "1", "2"), ("0-1", "1-2"))
    assert found.muxes == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"device": 3}, "device is 3, not a name"),
        ({"qubits": None}, "qubits is a NoneType, not a list"),
        ({"qubits": [{"id": "0"}]}, "qubits[0] has no qid"),
        ({"couplings": [{"control": "0"}]}, "couplings[0] has no target"),
        ({"couplings": [{"control": "0", "target": "0"}]}, "couplings[0]: 0-0 is not a coupling"),
        ({"couplings": [{"control": "0", "target": "7"}]}, "names the qubit 7"),
    ],
)
def test_a_broken_device_table_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    assert message in _read_refusal(_write(tmp_path, {**DEVICE, **change}))

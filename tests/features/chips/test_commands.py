"""`qdash chip`: the design of a chip, set, shown and changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from ...cli.conftest import InProcess


@pytest.fixture
def made(command: InProcess, tmp_path: Path) -> InProcess:
    (tmp_path / "design.json").write_text(
        json.dumps({"qubits": {"0": {"qubit_frequency": 5.1}, "2": {"pi_length": 40}}})
    )
    command.does("chip", "create", "a", "--topology", "linear-16", "--design", str(tmp_path / "design.json"))
    return command


def test_a_chip_is_made_with_a_design_and_shows_it(made: InProcess) -> None:
    assert made.read_json("chip", "show", "a")["qubits"]["0"]["design"] == {
        "qubit_frequency": {"value": 5.1, "unit": "GHz"}
    }
    assert "design values of 2 targets: `qdash chip design a`" in made.does("chip", "show", "a")
    assert made.does("chip", "design", "a").split()[-8:] == [
        *("0", "qubit_frequency", "5.1", "GHz"),
        *("2", "pi_length", "40", "ns"),
    ]
    assert json.loads(made.does("export", "a", "--format", "design")) == {
        "qubits": {"0": {"qubit_frequency": 5.1}, "2": {"pi_length": 40.0}}
    }
    assert made.read_json("export", "a")["design"]["qubits"]["2"] == {"pi_length": 40.0}


def test_what_was_exported_is_imported_under_another_name(made: InProcess, tmp_path: Path) -> None:
    made.does("export", "a", "-o", str(tmp_path / "a.json"))
    made.does("export", "a", "--format", "zip", "-o", str(tmp_path / "a.zip"))
    assert (tmp_path / "a.zip").read_bytes().startswith(b"PK")
    assert made.read_json("import", str(tmp_path / "a.json"), "--as", "b")["chip_id"] == "b"
    first, second = made.read_json("export", "a"), made.read_json("export", "b")
    assert {**second, "chip_id": "a"} == first


def test_a_design_is_changed_value_by_value_and_from_a_file(made: InProcess, tmp_path: Path) -> None:
    changed = made.read_json("chip", "design", "a", "Q0", "qubit_frequency=", "anharmonicity=-0.31")
    assert changed == {
        "chip_id": "a",
        "qubits": {"0": {"anharmonicity": {"value": -0.31, "unit": "GHz"}}},
        "couplings": {},
    }
    (tmp_path / "more.yaml").write_text("couplings: {0-1: {zx90_gate_time: 300}}\n")
    made.does("chip", "design", "a", "--from", str(tmp_path / "more.yaml"))
    assert made.read_json("chip", "design", "a", "0-1")["couplings"]["0-1"]["zx90_gate_time"]["value"] == 300
    assert "no design values of 5: set one with `qdash chip design a TARGET NAME=VALUE`" in made.does(
        "chip", "design", "a", "5"
    )


def test_what_cannot_be_is_refused(made: InProcess, subtests: pytest.Subtests) -> None:
    for arguments, message in [
        (("a", "0", "qubit_frequency"), "write NAME=VALUE"),
        (("a", "0", "qubit_frequency=5.1GHz"), "write NAME=VALUE with a number"),
        (("a", "0", "pi_length=-30"), "0.pi_length is -30: it is wanted in ns"),
        (("a", "99", "pi_length=30"), "chip a has no qubit 99"),
        (("a", "99"), "chip a has no qubit 99"),
        (("b",), "no chip 'b'"),
        (("a", "--from", "nothing.yaml"), "no design file"),
    ]:
        with subtests.test(str(arguments)):
            assert message in made.run_refused("chip", "design", *arguments)


def test_only_users_who_may_create_a_chip_are_told_how(command: InProcess) -> None:
    command.does("user", "create", "bob")
    command.does("member", "invite", "bob", "--role", "viewer")
    command.does("member", "accept", "--project", "default", "--user", "bob")
    assert command.does("chip", "list", "--project", "default", "--user", "bob") == "no chips yet\n"
    assert command.does("chip", "list").startswith(
        "no chips yet: create a simulated one with `qdash twin create`"
    )

"""`qdash release`: named sets of accepted values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from ...cli.conftest import InProcess


@pytest.fixture
def chip(command: InProcess) -> InProcess:
    """Chip `a` with a release `friday` with T1 = 45 µs, and 20 µs now."""
    command.does("chip", "create", "a", "--topology", "linear-16")
    command.does("values", "set", "a", "0", "t1=45.0(5)", "--reason", "by hand")
    command.does("release", "create", "a", "--name", "friday", "--note", "good")
    command.does("values", "set", "a", "0", "t1=20.0(5)", "--reason", "by hand")
    return command


def test_releases_are_listed_shown_and_compared(chip: InProcess) -> None:
    (listed,) = chip.read_json("release", "list", "a")
    assert (listed["name"], listed["n_values"], listed["note"]) == ("friday", 1, "good")
    assert chip.read_json("release", "show", "a", "friday")["qubits"]["0"]["t1"]["value"] == 45
    assert "45.0(5)" in chip.does("release", "show", "a", "friday")
    told = chip.does("release", "diff", "a", "friday")
    assert "values: 1 moved beyond usual scatter (1 worse)" in told
    assert "−35.4σ" in told
    (change,) = chip.read_json("release", "diff", "a", "friday", "now")["values"]
    assert change["difference"] == -25


def test_values_are_reverted_to_a_release(chip: InProcess) -> None:
    assert "event" not in chip.read_json("release", "revert", "a", "friday", "--dry-run")
    assert "`qdash values undo 3` undoes this" in chip.does("release", "revert", "a", "friday")
    assert chip.read_json("metrics", "a")["qubits"]["0"]["t1"]["value"] == 45
    (last, *_) = chip.read_json("values", "log", "a")
    assert (last["kind"], last["source"]) == ("reverted", "release:friday")


def test_a_release_is_exported_and_imported_as_another_chip(chip: InProcess, tmp_path: Path) -> None:
    chip.does("release", "export", "a", "friday", "-o", str(tmp_path / "friday.json"))
    assert json.loads((tmp_path / "friday.json").read_text())["qubits"]["0"]["t1"]["value"] == 45
    chip.does("import", str(tmp_path / "friday.json"), "--as", "b")
    assert chip.read_json("metrics", "b")["qubits"]["0"]["t1"]["value"] == 45


def test_a_release_is_deleted_after_a_confirmation(chip: InProcess) -> None:
    assert "use --yes" in chip.run_refused("release", "delete", "a", "friday")
    assert "has no release 'monday'" in chip.run_refused("release", "delete", "a", "monday")
    chip.does("release", "delete", "a", "friday", "--yes")
    assert "no releases of a" in chip.does("release", "list", "a")
    assert "has no release 'friday'" in chip.run_refused("release", "show", "a", "friday")

"""`qdash import` and `qdash export`: output, confirmation, written files, and untouched ones."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from ...cli.conftest import InProcess


@pytest.fixture
def april(command: InProcess, tmp_path: Path) -> Path:
    """An exported chip with one value and one design value, both since removed from the chip."""
    command.does("chip", "create", "a", "--topology", "linear-16")
    exported = command.read_json("export", "a")
    exported["qubits"] = {"0": {"t1": {"value": 81.5, "error": 1.3, "unit": "us"}, "glow": {"value": 1}}}
    exported["design"] = {"qubits": {"1": {"qubit_frequency": 5.1}}}
    path = tmp_path / "april.json"
    path.write_text(json.dumps(exported))
    return path


def test_a_dry_run_shows_and_writes_nothing(command: InProcess, april: Path) -> None:
    shown = command.does("import", str(april), "--chip", "a", "--dry-run")
    lines = [line.split() for line in shown.splitlines()]
    assert ["0", "t1", "-", "81.5(13)", "µs", "new", "april.json,", "qubits.0.t1"] in lines
    assert ["1", "qubit_frequency", "(design)", "-", "5.1", "GHz", "new", "design"] in lines
    assert "unknown: no task makes or needs it" in shown
    assert shown.endswith(f"{april} (json) for chip a: 2 new, 1 unknown\nnothing was written\n")
    assert command.read_json("metrics", "a")["qubits"] == {}


def test_without_a_person_nothing_is_changed_unless_that_is_said(command: InProcess, april: Path) -> None:
    before = command.read_json("chip", "show", "a")
    from qdash_cli.main import run

    assert run(["import", str(april), "--chip", "a"]) == 2
    assert "use --yes to import new and different values" in command.capture.readouterr().err
    assert command.read_json("chip", "show", "a") == before
    done = command.read_json("import", str(april), "--chip", "a", "--yes")
    assert (done["written"], done["format"], done["makes_a_chip"]) == (True, "json", False)
    assert {(one["target"], one["parameter"]): one["standing"] for one in done["numbers"]} == {
        ("0", "t1"): "new",
        ("0", "glow"): "unknown",
        ("1", "qubit_frequency"): "new",
    }
    (result,) = command.read_json("executions", "show", done["execution_id"])["results"]
    assert (result["name"], result["qid"], result["verdict"]) == ("import", "0", "accepted")
    assert command.read_json("metrics", "a")["qubits"]["0"]["t1"]["value"] == 81.5
    again = command.read_json("import", str(april), "--chip", "a", "--yes")
    assert (again["written"], "execution_id" in again) == (False, False)


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "written"), [("y\n", True), ("n\n", False)])
def test_a_person_is_asked(
    command: InProcess, april: Path, monkeypatch: pytest.MonkeyPatch, answer: str, written: bool
) -> None:
    terminal = io.StringIO(answer)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    said = command.does("import", str(april), "--chip", "a", "--only", "t1")
    assert "import new and different values into chip a? [y/N]" in said
    assert ("imported as execution" in said) is written
    assert ("t1" in command.read_json("metrics", "a")["qubits"].get("0", {})) is written


@pytest.mark.slow
def test_a_difference_is_told_in_standard_deviations(command: InProcess, april: Path) -> None:
    command.does("import", str(april), "--chip", "a", "--yes")
    text = april.read_text().replace("81.5", "84.1")
    april.write_text(text)
    shown = command.does("import", str(april), "--chip", "a", "--dry-run")
    assert "81.5(13) µs  84.1(13) µs  differs, 1.4 sigma" in shown
    assert "1 differ, 1 same, 1 unknown" in shown


def test_what_is_older_is_shown_with_both_times_and_left(command: InProcess, april: Path) -> None:
    def says(value: float, at: str) -> None:
        document = json.loads(april.read_text())
        document["qubits"] = {"0": {"t1": {"value": value, "unit": "us", "calibrated_at": at}}}
        april.write_text(json.dumps(document))

    says(80.0, "2025-05-02T12:00:00Z")
    command.does("import", str(april), "--chip", "a", "--yes")
    says(90.0, "2025-05-01T11:00:00Z")
    shown = command.does("import", str(april), "--chip", "a", "--yes")
    told = [word for word in shown.split() if word in {"older,", "before"} or word.startswith("2025-")]
    assert told[:4] == ["older,", "2025-05-01", "before", "2025-05-02"]
    assert (
        "1 older, 1 same\nvalues older than the chip's are not imported: import them with --older\nnothing was written\n"
        in shown
    )
    assert command.read_json("metrics", "a")["qubits"]["0"]["t1"]["value"] == 80.0
    assert command.read_json("import", str(april), "--chip", "a", "--older", "--yes")["written"]
    assert command.read_json("metrics", "a")["qubits"]["0"]["t1"]["value"] == 90.0


@pytest.mark.slow
def test_a_new_chip_is_made_without_a_question(command: InProcess, april: Path) -> None:
    said = command.does("import", str(april), "--as", "b")
    assert "for chip b, which does not exist yet" in said
    assert "b: 16 qubits" in said
    assert "81.5" not in said, "all of it is new: only how much is told"
    known = command.read_json("export", "b")["qubits"]["0"]
    assert (known["t1"]["value"], known["glow"]["value"]) == (81.5, 1)
    assert "a exists already in project default: `--chip a` imports" in command.run_refused(
        "import", str(april)
    )
    assert "use --chip or --as, not both" in command.run_refused(
        "import", str(april), "--as", "b", "--chip", "a"
    )


def test_no_file_is_written_over_unless_that_is_said(command: InProcess, april: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("mine")
    where = ("export", "a", "--format", "csv", "-o", str(mine))
    assert f"{mine} is there already: overwrite with --force" in command.run_refused(*where)
    assert mine.read_text() == "mine"
    assert command.does(*where, "--force") == f"1 file of a (csv): {mine}\n"
    assert mine.read_text().startswith("kind,target,parameter")


@pytest.mark.parametrize(
    "command_line",
    [
        ("export", "a"),
        ("export", "a", "--format", "csv"),
        ("export", "a", "--format", "zip"),
    ],
)
def test_folders_of_a_mistyped_path_are_not_created(
    command: InProcess, april: Path, tmp_path: Path, command_line: tuple[str, ...]
) -> None:
    wrong = tmp_path / "mistyped"
    for output in (wrong / "a.json", wrong / "further" / "a.json"):
        said = command.run_refused(*command_line, "-o", str(output))
        assert f"there is no folder {output.parent}: correct the path" in said
    assert not wrong.exists()


@pytest.mark.slow
def test_a_folder_takes_the_files_by_their_own_names(command: InProcess, april: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    done = command.read_json("export", "a", "--format", "zip", "-o", str(folder))
    assert done == {"chip_id": "a", "format": "zip", "files": [str(folder / "a.zip")], "notes": []}
    assert (folder / "a.zip").read_bytes().startswith(b"PK")
    assert "--format zip: name the file with --output" in command.run_refused(
        "export", "a", "--format", "zip"
    )

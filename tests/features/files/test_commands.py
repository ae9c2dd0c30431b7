"""`qdash file` browses and edits files below roots."""

from __future__ import annotations

import json
import tempfile
from typing import TYPE_CHECKING

import pytest

from qdash_cli.main import run

from .remotes import make_remote, read_remote

if TYPE_CHECKING:
    from pathlib import Path

    from ...cli.conftest import InProcess

T1 = "config:params/t1.yaml"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    return make_remote(tmp_path / "remote.git", {b"params/t1.yaml": b"Q00: 31.5\n"})


@pytest.fixture
def files(command: InProcess, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """Commands with a root `config`, a clone of a remote."""
    (tmp_path / "config").mkdir()
    roots = {"config": {"path": str(tmp_path / "config"), "remote_url": bare.as_uri()}}
    monkeypatch.setenv("QDASH_FILE_ROOTS", json.dumps(roots))
    command.does("file", "pull", "config")
    return command


def test_roots_folders_and_files_are_shown(files: InProcess) -> None:
    assert files.read_json("file", "roots")[0] == {
        "name": "config",
        "git": True,
        "remote": True,
        "writable": True,
        "available": True,
    }
    assert "with remote" in files.does("file", "roots")
    [entry] = files.read_json("file", "list", "config:params")
    assert (entry["path"], entry["size"]) == ("params/t1.yaml", 10)
    assert "params/" in files.does("file", "list", "config")
    assert files.does("file", "show", T1) == "Q00: 31.5\n"
    assert files.read_json("file", "show", T1)["language"] == "yaml"
    assert "the folder is empty" in files.does("file", "list", "executions")


def test_a_file_is_copied_edited_and_restored(
    files: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine.yaml"
    files.does("file", "get", T1, "-o", str(mine))
    mine.write_text("Q00: 33\n")
    assert "is there already" in files.run_refused("file", "put", str(mine), T1)
    put = files.read_json("file", "put", str(mine), T1, "--force", "-m", "warmer")
    assert (put["version"], put["username"], put["reason"]) == ("2", "admin", "warmer")
    use_editor(tmp_path, monkeypatch, "echo 'Q01: 2' >> \"$1\"")
    assert "version 3" in files.does("file", "edit", T1)
    assert "+Q01: 2\n" in files.does("file", "diff", T1, "2")
    history = files.does("file", "history", T1)
    assert ("warmer" in history, "None" in history) == (True, False)
    files.does("file", "restore", T1, "2")
    assert files.does("file", "show", T1) == "Q00: 33\n"
    files.does("file", "delete", T1)
    assert [one["change"] for one in files.read_json("file", "history", T1)] == [
        *("deleted", "restored", "written", "written", "found", "committed"),
    ]


def test_a_file_named_by_a_dash_is_printed_and_nothing_else(
    files: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert files.does("file", "get", T1, "-o", "-") == "Q00: 31.5\n"
    files.does("chip", "create", "a", "--topology", "linear-2")
    page = files.does("report", "a", "-o", "-")
    assert (page.startswith("<!doctype html>"), page.rstrip().endswith("</html>")) == (True, True)
    assert files.does("export", "a", "-o", "-") == files.does("export", "a")
    assert files.does("export", "a", "-o", "-", "--format", "csv").startswith("kind,target,parameter")
    assert "--json and --output - both print" in files.run_refused("file", "get", T1, "-o", "-", "--json")
    assert not (tmp_path / "-").exists()


def test_a_file_is_copied_by_its_own_name_and_version(
    files: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert files.does("file", "get", T1) == f"{T1}: 10 bytes in t1.yaml\n"
    assert "is there already" in files.run_refused("file", "get", T1)
    (tmp_path / "t1.yaml").write_text("Q00: 33\n")
    files.does("file", "put", "t1.yaml", T1, "--force")
    assert files.read_json("file", "get", T1, "--version", "1", "--force") == {"file": "t1.yaml", "bytes": 10}
    assert (tmp_path / "t1.yaml").read_text() == "Q00: 31.5\n"
    said = files.run_refused("file", "put", "none.yaml", T1)
    assert "there is no file none.yaml" in said


def test_a_list_goes_on_after_its_cursor(files: InProcess, tmp_path: Path) -> None:
    (tmp_path / "config/params/t2.yaml").write_text("Q00: 1\n")
    said = files.does("file", "list", "config:/params/", "--limit", "1")
    assert "t1.yaml" in said
    after = said.partition("--after ")[2].strip()
    assert "t2.yaml" in files.does("file", "list", "config:params", "--after", after)


def test_an_invalid_file_is_refused_with_its_line(files: InProcess, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("Q00: 1\nQ01: [1\n")
    assert "params/t1.yaml, line 3" in files.run_refused("file", "put", str(mine), T1, "--force")
    assert run(["file", "validate", str(mine)]) == 1
    assert ", line 3: not YAML" in files.capture.readouterr().out
    mine.write_text("Q00: 1\n")
    assert files.read_json("file", "validate", str(mine), T1) == {"format": "yaml", "valid": True}


def use_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    editor = tmp_path / "editor.sh"
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(0o755)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(editor))


def test_a_refused_edit_is_kept(files: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    use_editor(tmp_path, monkeypatch, "echo 'Q01: [1' >> \"$1\"")
    assert run(["file", "edit", T1]) == 2
    refusal = " ".join(files.capture.readouterr().err.split())
    assert "params/t1.yaml, line 3" in refusal
    [kept] = tmp_path.glob("qdash-edit-*.yaml")
    assert kept.read_text() == "Q00: 31.5\nQ01: [1\n"
    assert "the edited text is kept in" in refusal


def test_an_edit_keeps_line_ends(files: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = tmp_path / "config/params/NOTES"
    notes.write_bytes(b"\xef\xbb\xbfone\r\ntwo")
    use_editor(tmp_path, monkeypatch, "true")
    assert "is unchanged" in files.does("file", "edit", "config:params/NOTES")
    use_editor(tmp_path, monkeypatch, 'printf three >> "$1"')
    files.does("file", "edit", "config:params/NOTES")
    assert notes.read_bytes() == b"\xef\xbb\xbfone\r\ntwothree"


def test_the_name_of_an_edited_file_is_no_command(
    files: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    use_editor(tmp_path, monkeypatch, 'echo more >> "$1"')
    files.does("file", "edit", "config:a.$(touch ran)")
    assert (tmp_path / "config/a.$(touch ran)").read_text() == "more\n"
    assert not (tmp_path / "ran").exists()


def test_changes_are_committed_and_pushed(files: InProcess, bare: Path, tmp_path: Path) -> None:
    (tmp_path / "config/params/t1.yaml").write_text("Q00: 33\n")
    assert files.read_json("file", "status", "config")["changed"] == [
        {"path": "params/t1.yaml", "change": "changed"}
    ]
    assert "1 file committed: params/t1.yaml" in files.does("file", "commit", "config", "-m", "Night 3")
    assert "1 commit not pushed" in files.does("file", "status", "config")
    assert files.read_json("file", "push", "config")["files"] == ["params/t1.yaml"]
    assert read_remote(bare, "params/t1.yaml") == b"Q00: 33\n"
    assert "nothing pushed" in files.does("file", "push", "config")


def test_a_place_names_root_and_path(files: InProcess) -> None:
    assert "write ROOT:PATH" in files.run_refused("file", "show", "config")
    assert "there is no root 'confi'" in files.run_refused("file", "show", "confi:a")
    assert "'..' is not accepted" in files.run_refused("file", "show", "config:../x")

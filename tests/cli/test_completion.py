"""Completion by the shell: names of the home, of commands with options, and nothing after an error."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from click.shell_completion import BashComplete

from qdash_cli import completion
from qdash_cli.app import app

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from .conftest import InProcess


def complete(*words: str) -> list[str]:
    """Return what the shell offers for the last one of these words of a command."""
    found = BashComplete(app, {}, "qdash", "_QDASH_COMPLETE").get_completions([*words[:-1]], words[-1])
    return [one.value for one in found]


def test_names_of_the_home_are_completed(command: InProcess) -> None:
    for name in ("alpha", "alps", "beta"):
        command.does("chip", "create", name, "--topology", "linear-2")
    command.does("issue", "open", "no decay")
    command.does("project", "create", "cold")
    assert complete("chip", "show", "") == ["beta", "alps", "alpha"]
    assert complete("metrics", "al") == ["alps", "alpha"]
    assert complete("issue", "list", "--chip", "b") == ["beta"]
    assert complete("issue", "show", "") == ["1"]
    assert complete("issue", "show", "--project", "cold", "") == []
    assert complete("issue", "list", "--project", "c") == ["cold"]
    assert complete("task", "results", "--task", "CheckT1A") == ["CheckT1Average"]
    assert complete("chip", "list", "--profile", "") == ["local"]
    assert complete("chip", "sho") == ["show"]


def test_a_metavar_or_the_name_of_a_parameter_or_of_its_group_tells_the_kind(command: InProcess) -> None:
    command.does("chip", "create", "alpha", "--topology", "linear-2")
    command.does("cryostat", "create", "fridge", "--name", "blue")
    command.does("cooldown", "create", "winter", "--cryostat", "fridge")
    command.does("tag", "add", "night")
    command.does("token", "create", "robot")
    command.does("user", "create", "bob")
    command.does("values", "set", "alpha", "0", "t1=50", "--reason", "known")
    command.does("release", "create", "alpha", "--name", "spring")
    assert complete("task", "show", "CheckT1A") == ["CheckT1Average"]
    assert complete("task", "results", "--chip", "al") == ["alpha"]
    assert complete("logout", "") == complete("login", "--name", "") == ["local"]
    assert complete("report", "al") == ["alpha"]
    assert complete("cooldown", "create", "new", "--cryostat", "") == ["fridge"]
    assert complete("cooldown", "show", "") == complete("metrics", "--cooldown", "") == ["winter"]
    assert complete("tag", "delete", "") == complete("executions", "list", "--tag", "") == ["night"]
    assert complete("token", "revoke", "") == ["robot"]
    assert complete("user", "show", "b") == complete("issue", "list", "--assignee", "b") == ["bob"]
    assert complete("issue", "list", "--user", "bob", "--assignee", "") == ["admin", "bob"]
    assert complete("release", "show", "alpha", "") == ["spring"]
    assert complete("chip", "create", "new", "--topology", "line") == ["linear-16"]
    assert complete("file", "list", "ex") == ["executions"]
    assert complete("task", "list", "--backend", "fa") == ["fake"]
    assert complete("calibrate", "alpha", "--flow", "ch") == ["check"]
    assert complete("note", "show", "alpha", "--task", "") == []


def test_names_of_runs_are_completed(lab: InProcess) -> None:
    ran = lab.read_json("task", "run", "Measure", "--chip", "a", "--qid", "0", "--scope", "trial")[
        "execution_id"
    ]
    lab.does("timetable", "add", "soon", "a", "--flow", "Measure", "--at", "2h")
    assert complete("executions", "show", "") == complete("explain", "") == [ran]
    assert complete("report", "") == ["a", ran]
    assert complete("scope", "show", "a", "") == ["trial"]
    assert complete("timetable", "show", "") == ["soon"]


def test_nothing_is_completed_after_an_error_without_a_home_or_too_late(
    command: InProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command.does("chip", "create", "alpha", "--topology", "linear-2")
    assert complete("chip", "show", "--project", "no such", "") == []
    assert complete("chip", "show", "--profile", "no such", "") == []
    with monkeypatch.context() as patch:
        patch.setenv("QDASH_HOME", str(tmp_path / "absent"))
        assert complete("chip", "show", "") == []
        assert not (tmp_path / "absent").exists()
    with monkeypatch.context() as patch:
        patch.setattr(completion, "TIME_LIMIT_S", 0.01)
        patch.setattr(completion, "_list_names", lambda *_: threading.Event().wait(0.5))
        assert complete("chip", "show", "") == []
    assert complete("chip", "show", "") == ["alpha"]
    assert capsys.readouterr() == ("", "")

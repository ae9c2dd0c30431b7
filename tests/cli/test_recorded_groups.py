"""Record of the commands of features, which help shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_cli.app import app
from qdash_cli.recorded_groups import FILE, describe_commands, read_commands
from qdash_core.features.discovery import find_installed, list_feature_distributions
from qdash_core.hooks.manager import load_plugins

if TYPE_CHECKING:
    import pytest

    from .conftest import InProcess


def test_commands_are_recorded_as_features_declare_them() -> None:
    features = load_plugins(blocked=(), installed_too=list_feature_distributions()).features()
    as_they_are = describe_commands(features.values())

    assert FILE.read_text("utf-8") == as_they_are, "run `python packages/generate.py`"


def test_a_group_to_which_plugins_add_commands_is_not_listed_from_the_record() -> None:
    assert read_commands()["issue"].make_listing("issue") is not None
    assert read_commands()["store"].make_listing("store") is None


def list_commands(command: InProcess, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the commands that `qdash --help` lists now; an earlier test may have listed others."""
    monkeypatch.setattr(app, "_with_plugins", False)
    monkeypatch.setattr(app, "commands", {})
    return {line.split()[0] for line in command.does("--help").splitlines() if line.startswith("  ")}


def test_commands_of_a_feature_without_its_entry_point_and_of_its_dependents_are_gone(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = [one for one in find_installed() if one.name not in ("issues", "results")]
    for module in ("features.discovery", "hooks.manager"):
        monkeypatch.setattr(f"qdash_core.{module}.find_installed", lambda: rest)
    listed = list_commands(command, monkeypatch)
    assert {"note", "task"} <= listed
    assert not {"issue", "review", "explain"} & listed
    for arguments in (("issue", "list"), ("issue", "--help"), ("explain",)):
        refused = command.run_refused(*arguments)
        assert f"No such command '{arguments[0]}': it is of the feature '" in refused
        assert "not installed" in refused
    assert command.does("chip", "list").startswith("no chips yet")


def test_a_command_of_an_extra_that_is_not_there_says_how_to_get_it(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QDASH_BLOCK_PLUGINS", "api,ui")
    list_commands(command, monkeypatch)
    for name, options in (("up", "--extra api --extra ui"), ("api", "--extra api"), ("ui", "--extra ui")):
        refused = command.run_refused(name)
        assert f"No such command '{name}': it is of `qdash[" in refused
        assert f"`uv run {options} qdash {name}`" in refused


def test_commands_of_a_blocked_feature_and_of_its_dependents_are_gone(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QDASH_BLOCK_PLUGINS", "issues,results")
    listed = list_commands(command, monkeypatch)
    assert {"note", "task"} <= listed
    assert not {"issue", "review", "explain"} & listed
    assert "No such command 'issue'" in command.run_refused("issue", "list")
    assert command.does("chip", "list").startswith("no chips yet")
    states = {one["name"]: one["status"] for one in command.read_json("plugins", "list")}
    assert (states["issues"], states["review"], states["notes"]) == ("blocked", "failed", "ok")


def test_commands_that_a_blocked_feature_adds_to_a_group_are_gone(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "figure" in command.does("task", "--help")
    monkeypatch.setenv("QDASH_BLOCK_PLUGINS", "results")
    helped = command.does("task", "--help")
    assert "show" in helped
    assert "figure" not in helped
    refused = command.run_refused("task", "figure", "1")
    assert "No such command 'figure': it is of the feature 'results'" in refused
    monkeypatch.delenv("QDASH_BLOCK_PLUGINS")
    assert "figure" in command.does("task", "--help")

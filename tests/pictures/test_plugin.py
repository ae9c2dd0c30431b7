"""The pictures as a plugin: its contributions, and the commands without it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from qdash_cli.main import run

from ..user_settings import remove_settings

if TYPE_CHECKING:
    from pathlib import Path

MISSING = "qdash-pictures must be installed to draw this: `pip install --find-links RELEASE qdash-pictures` (`qdash docs installation`)"


class Ended(NamedTuple):
    """Status and output of a command."""

    status: int
    out: str
    err: str


class CommandLine:
    """Commands in this process, with the pictures installed or blocked."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self._patch, self._capture = patch, capture

    def __call__(self, *arguments: str, blocked: str = "") -> Ended:
        self._patch.setenv("QDASH_BLOCK_PLUGINS", blocked)
        return Ended(run(arguments), *self._capture.readouterr())


@pytest.fixture
def qdash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    remove_settings(monkeypatch, tmp_path)
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    return CommandLine(monkeypatch, capsys)


def test_it_is_listed_with_what_it_brings(qdash: CommandLine) -> None:
    plugins = {one["name"]: one for one in json.loads(qdash("plugins", "list", "--json").out)}

    assert plugins["pictures"]["distribution"] == "qdash-pictures"
    assert plugins["pictures"]["provides"] == {"qdash_pictures": ["plotly"]}


def test_without_it_what_draws_says_what_to_install_and_everything_else_works(
    qdash: CommandLine, tmp_path: Path
) -> None:
    made = qdash("chip", "create", "a", "--topology", "linear-16", blocked="pictures")
    assert made.status == 0, made.err
    for drawing in (
        ("chip", "picture", "a", "--metric", "t1", "-o", "map.json"),
        ("schedule", "a", "--kind", "qubit", "--picture", "plan.json"),
        ("executions", "timeline", "last", "--picture", "run.json"),
    ):
        refused = qdash(*drawing, blocked="pictures")
        assert refused.status == 2, refused.err
        assert MISSING in refused.err
    assert list(tmp_path.glob("*.json")) == []
    assert qdash("schedule", "a", "--kind", "qubit", blocked="pictures").status == 0
    assert qdash("schedule", "a", "--kind", "qubit", "--picture", "plan.json").status == 0
    assert (tmp_path / "plan.json").exists()

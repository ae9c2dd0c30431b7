"""Commands in the test process, each in a home of its own."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_cli.main import run
from qdash_core.hooks.manager import load_plugins
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import Settings

from ..access import ADMIN
from ..core.bench import LINE, make_backend, make_registry, make_task
from ..core.conftest import no_settings
from ..user_settings import without_settings

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.hooks.manager import Registry

__all__ = ["no_settings"]


@dataclass(frozen=True)
class InProcess:
    """Runs commands, and checks their output."""

    capture: pytest.CaptureFixture[str]

    def does(self, *arguments: str) -> str:
        """Run a command that must succeed, and return its output."""
        status = run([*arguments])
        said = self.capture.readouterr()
        assert status == 0, said.err
        return said.out

    def read_json(self, *arguments: str) -> Any:
        """Run a command that must succeed with `--json`, and return the JSON."""
        return json.loads(self.does(*arguments, "--json"))

    def run_refused(self, *arguments: str) -> str:
        """Run a command that must be refused with one line, and return the line."""
        status = run([*arguments])
        said = self.capture.readouterr()
        assert (status, said.out, said.err.count("\n")) == (2, "", 1), said
        return said.err


@cache
def load_plugins_once(_blocked: str, **given: Any) -> Registry:
    """Return the plugins of all commands, which each process of a command would load."""
    return load_plugins(**given)


def load_usual_plugins(**given: Any) -> Registry:
    """Return the plugins, loaded anew only for arguments that are not the usual ones."""
    if given.keys() - {"commands_only"}:
        return load_plugins(**given)
    return load_plugins_once(os.environ.get("QDASH_BLOCK_PLUGINS", ""), **given)


@pytest.fixture
def shared_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all commands of this process share the usual plugins."""
    for module in ("hooks.manager", "runtime.runtime"):
        monkeypatch.setattr(f"qdash_core.{module}.load_plugins", load_usual_plugins)


@pytest.fixture
def command(
    no_settings: None,
    shared_plugins: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> InProcess:
    """Commands in a new home, in the zone of Tokyo."""
    monkeypatch.setenv("QDASH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QDASH_TIMEZONE", "Asia/Tokyo")
    monkeypatch.setenv("COLUMNS", "200")
    return InProcess(capsys)


@pytest.fixture(scope="session")
def made_lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with chip `a`. Read-only."""
    folder = tmp_path_factory.mktemp("made")
    home = folder / "home"
    with (
        without_settings(folder),
        open_qdash(Settings(home=home, timezone="Asia/Tokyo"), make_registry([make_task()])) as qdash,
    ):
        qdash.get(CHIPS).create(ADMIN, "a", LINE, backend="bench")
    return home


@pytest.fixture
def lab(command: InProcess, made_lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """Commands in a home with one chip, on which one task can run, and one that lacks its input."""
    registry = make_registry([make_task(), make_task("Needy", needs=("t2",))], [make_backend()])
    for module in ("hooks.manager", "runtime.runtime"):
        monkeypatch.setattr(f"qdash_core.{module}.load_plugins", lambda **_: registry)
    shutil.copytree(made_lab, tmp_path / "home")
    return command

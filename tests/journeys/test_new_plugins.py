"""New plugins of each kind: installed, tested by their own tests, and examined."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.plugins.new_plugin import list_kinds

from .command_line import PATIENCE_S, QDASH

if TYPE_CHECKING:
    from pathlib import Path

OFTEN = ("entity", "task")
"""Kinds that are tested with every change; the others with every release."""
LONGEST = 60
LONGEST_STORE = 150
"""Largest number of lines of Python that are not blank."""


def run(folder: Path, *words: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QDASH_", "PYTEST_"))}
    settings = {"QDASH_HOME": str(folder / "home"), "PYTHONPATH": str(path or "")}
    return subprocess.run(
        words, env={**kept, **settings}, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )  # fmt: skip


def test_there_is_a_template_for_each_kind() -> None:
    assert {*list_kinds()} == {
        *("task", "backend", "feature", "entity", "store", "storage", "strategy", "validator", "notifier"),
        *("format", "flow", "page", "request", "assistant"),
    }


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=pytest.mark.slow if kind in OFTEN else pytest.mark.release)
        for kind in list_kinds()
    ],
)
def test_a_new_plugin_is_installed_and_passes_its_tests_and_the_check(kind: str, tmp_path: Path) -> None:
    name = f"cold-{kind}"
    made = run(tmp_path, str(QDASH), "plugins", "new", kind, name)
    assert made.returncode == 0, made.stderr
    folder = tmp_path / name
    texts = [one.read_text("utf-8") for one in folder.glob("*.py")]
    lines = sum(bool(line.strip()) for text in texts for line in text.splitlines())
    assert lines < (LONGEST_STORE if kind == "store" else LONGEST), lines

    built = run(tmp_path, "uv", "build", "-q", "--wheel", "-o", str(tmp_path / "wheels"), str(folder))
    assert built.returncode == 0, built.stderr
    site = tmp_path / "site"
    (wheel,) = (tmp_path / "wheels").glob("*.whl")
    install = ("uv", "pip", "install", "-q", "--no-deps", "--offline", "--python", sys.executable)
    installed = run(tmp_path, *install, "--target", str(site), str(wheel))
    assert installed.returncode == 0, installed.stderr

    tested = run(
        folder, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", path=site
    )
    assert tested.returncode == 0, tested.stdout[-3000:]
    checked = run(tmp_path, str(QDASH), "plugins", "check", name, "--json", path=site)
    assert checked.returncode == 0, checked.stdout
    remarks = [one["detail"] for one in json.loads(checked.stdout) if one["status"] != "ok"]
    # A busy machine may add the remark on a slow import.
    allowed = ("for which commands wait", "is written for backend cold-backend")
    assert all(any(words in one for words in allowed) for one in remarks), remarks


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("tsk", "mine"), "'tsk' is none of assistant, backend"),
        (("task", "Mine"), "'Mine' cannot be the name of a plugin"),
        (("task", "class"), "'class' cannot be the name of a plugin"),
        (("task", "fake"), "the name 'fake' is taken by the plugin 'fake' of qdash-fake"),
        (("task", "json"), "there is a module 'json' already"),
        (("task", "mine", "--folder", "."), "exists: name another folder by --folder"),
    ],
)
@pytest.mark.slow
def test_a_plugin_that_cannot_be_made_is_refused_before_anything_is_written(
    words: tuple[str, ...], reason: str, tmp_path: Path
) -> None:
    refused = run(tmp_path, str(QDASH), "plugins", "new", *words)
    assert refused.returncode != 0
    assert reason in " ".join(refused.stderr.split())
    assert not [*tmp_path.iterdir()]

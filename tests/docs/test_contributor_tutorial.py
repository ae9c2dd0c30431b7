"""Change of the tutorial for contributors: it applies to the sources, and its test passes with it and fails without it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from .pages import ROOT
from .test_documentation import text_of

if TYPE_CHECKING:
    from pathlib import Path

ISSUES = "packages/qdash-builtin/src/qdash_builtin"
TESTS = "tests/features/issues/test_commands.py"
NOT_COPIED = ("__pycache__", "homes", "docs", "faults", "journeys", "prefect", "qubex")
"""Folders that no test of a feature needs."""


def read_patches() -> list[str]:
    """Return the blocks of the page that change files, in order."""
    return re.findall(
        r"^```diff\n(.*?)^```$", text_of("docs/tutorials/contributor.md"), re.MULTILINE | re.DOTALL
    )


def run(folder: Path, *command: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        input=given,
        env={**os.environ, **environment},
        text=True,
        capture_output=True,
        check=False,
    )


def test_the_change_applies_to_the_sources() -> None:
    applied = run(ROOT, "git", "apply", "--check", "-", given="".join(read_patches()))
    assert applied.returncode == 0, applied.stderr


@pytest.mark.slow
def test_the_test_of_the_change_fails_until_the_change_is_complete(tmp_path: Path) -> None:
    for part in (ISSUES, "packages/qdash-builtin/samples", "tests"):
        ignored = shutil.ignore_patterns(*NOT_COPIED)
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignored)
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    outcomes = []
    for patch in read_patches():
        assert run(tmp_path, "git", "apply", "-", given=patch).returncode == 0
        tested = run(
            tmp_path,
            *(
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-n",
                "0",
                "-p",
                "no:cacheprovider",
                TESTS,
                "-k",
                "instrument",
            ),
            PYTHONPATH=str(tmp_path / "packages/qdash-builtin/src"),
        )
        outcomes.append(tested.returncode)
    assert outcomes == [1, 1, 0, 0], tested.stdout

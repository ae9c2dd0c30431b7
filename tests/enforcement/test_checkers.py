"""The checkers that look at the whole tree: style, types, dead code, spelling."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent
MEMBERS = ("qdash_core", "qdash_analysis", "qdash_fake", "qdash_mongo", "qdash")
CHECKS = {
    "style": ("ruff", "check", "--no-cache", "."),
    "format": ("ruff", "format", "--check", "--no-cache", "."),
    "types": ("mypy", *(part for member in MEMBERS for part in ("-p", member))),
    "dead code": ("vulture",),
    "spelling": (
        "codespell",
        "packages",
        "src",
        "tests",
        "benchmarks",
        "faults",
        "docs",
        "examples",
        "README.md",
        "ARCHITECTURE.md",
    ),
}


@pytest.mark.parametrize("what", CHECKS)
def test_the_tree_passes(what: str, tmp_path: Path) -> None:
    program, *arguments = CHECKS[what]
    if program == "mypy":
        arguments += ["--cache-dir", str(tmp_path)]
    done = subprocess.run(
        [SCRIPTS / program, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr

"""The checkers that look at the whole tree: style, types, dead code, spelling, and the star of members."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["uv"]["workspace"]["members"]
IMPORTED = (
    "qdash_core",
    "qdash_analysis",
    "qdash_tasks",
    "qdash_fake",
    "qdash_mongo",
    "qdash_qubex",
    "qdash_api",
    "qdash_client",
    "qdash",
)
SPELT = (
    "packages",
    "src",
    "tests",
    "benchmarks",
    "faults",
    "docs",
    "examples",
    "README.md",
    "ARCHITECTURE.md",
)
# The root only brings the members together: these it depends on so that `qdash` is whole, and imports neither.
BROUGHT = (
    "--per-rule-ignores",
    "DEP002=qdash-analysis|qdash-tasks|qdash-fake|qdash-mongo|qdash-prefect|qdash-qubex|qdash-api|qdash-client|qdash-ui-streamlit",
)
# The slowest first. Those that are slow keep a cache, below the root, which is theirs to find out to be stale.
SLOW_CHECKS: dict[str, tuple[Path, tuple[str, ...]]] = {
    "types": (ROOT, ("mypy", *(part for member in IMPORTED for part in ("-p", member)))),
    "dead code": (ROOT, ("vulture",)),
    "the root declares what it imports": (ROOT, ("deptry", "src", *BROUGHT)),
    **{f"{member} declares what it imports": (ROOT / member, ("deptry", "src")) for member in PACKAGES},
}
QUICK_CHECKS: dict[str, tuple[Path, tuple[str, ...]]] = {
    "spelling": (ROOT, ("codespell", *SPELT)),
    "no member imports another beyond the table": (ROOT, ("lint-imports", "--no-cache")),
    "style": (ROOT, ("ruff", "check", "--no-cache", ".")),
    "format": (ROOT, ("ruff", "format", "--check", "--no-cache", ".")),
}


@pytest.mark.parametrize(
    "checks",
    [pytest.param(QUICK_CHECKS, id="quick"), pytest.param(SLOW_CHECKS, id="slow", marks=pytest.mark.slow)],
)
def test_the_tree_passes(tmp_path: Path, checks: dict[str, tuple[Path, tuple[str, ...]]]) -> None:
    """All are started at once, and those that fail are told together."""
    with ExitStack() as stack:
        started: dict[str, tuple[subprocess.Popen[str], IO[str]]] = {}
        for number, (what, (folder, (program, *arguments))) in enumerate(checks.items()):
            told = stack.enter_context((tmp_path / str(number)).open("w+"))
            process = subprocess.Popen(
                [SCRIPTS / program, *arguments], cwd=folder, stdout=told, stderr=subprocess.STDOUT, text=True
            )
            stack.callback(process.kill)
            started[what] = process, told
        failed = []
        for what, (process, told) in started.items():
            if process.wait(600) != 0:
                told.seek(0)
                failed.append(f"{what} ({' '.join(checks[what][1])}):\n{told.read()}")
        assert not failed, "\n".join(failed)


def test_every_folder_of_packages_is_a_member() -> None:
    folders = {path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob("packages/*/pyproject.toml")}
    assert folders == set(PACKAGES)

"""Checkers of the whole tree: style, types, dead code, spelling, and dependencies between members."""

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
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
PACKAGES = sorted(path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob("packages/*/pyproject.toml"))
FAULT_RUNS = "faults"
SOURCES = ("src/qdash", *(f"{member}/src/{Path(member).name.replace('-', '_')}" for member in PACKAGES))
"""Folders of the import packages: that of the distribution, and one of each member."""
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
    "CONTRIBUTING.md",
    "SECURITY.md",
)
# The root only combines the members: it depends on these to make `qdash` complete, and imports neither.
BROUGHT = ("--per-rule-ignores", "DEP002=" + "|".join(Path(member).name for member in PACKAGES))
# The slowest first. Types are checked separately, see below.
SLOW_CHECKS: dict[str, tuple[Path, tuple[str, ...]]] = {
    "dead code": (ROOT, ("vulture",)),
    "the root declares what it imports": (ROOT, ("deptry", "src", *BROUGHT)),
    **{f"{member} declares what it imports": (ROOT / member, ("deptry", "src")) for member in PACKAGES},
}
QUICK_CHECKS: dict[str, tuple[Path, tuple[str, ...]]] = {
    "spelling": (ROOT, ("codespell", *SPELT)),
    "no member imports another beyond the table": (ROOT, ("lint-imports",)),
    "style": (ROOT, ("ruff", "check", ".")),
    "format": (ROOT, ("ruff", "format", "--check", ".")),
}


@pytest.mark.parametrize(
    "checks",
    [pytest.param(QUICK_CHECKS, id="quick"), pytest.param(SLOW_CHECKS, id="slow", marks=pytest.mark.slow)],
)
def test_the_tree_passes(tmp_path: Path, checks: dict[str, tuple[Path, tuple[str, ...]]]) -> None:
    """All checkers start at once, and all failures are reported together."""
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


def test_every_member_is_checked_by_every_tool_that_is_told_the_members() -> None:
    names = {Path(source).name for source in SOURCES}
    assert {*TOOLS["mypy"]["packages"]} == names | {FAULT_RUNS}
    assert {*TOOLS["importlinter"]["root_packages"]} == names
    roots = {str(Path(source).parent) for source in SOURCES}
    assert {*TOOLS["mypy"]["mypy_path"]} == roots | {"."}


@pytest.mark.slow
@pytest.mark.timeout(900)  # a minute on a quiet machine
def test_types_are_right_and_a_wrong_one_in_any_member_is_found(tmp_path: Path) -> None:
    """One line is added to a module of each member as mypy reads it: two runs would take twice as long."""
    arguments, expected = [], []
    for source in (*SOURCES, FAULT_RUNS):
        # mypy reads the stub of a package that has one.
        module = next(
            one for one in sorted((ROOT / source).glob("*.py")) if not one.with_suffix(".pyi").exists()
        )
        with_error = tmp_path / Path(source).name
        with_error.write_text(f'{module.read_text("utf-8")}\nWRONG: int = ""\n')
        arguments += ["--shadow-file", str(module), str(with_error)]
        line = with_error.read_text("utf-8").count("\n")
        expected.append(f"{source}/{module.name}:{line}")
    # A separate cache: the usual one has the unmodified members.
    command = [SCRIPTS / "mypy", "--cache-dir", ROOT / ".mypy_cache/planted", *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    *faults, summary = done.stdout.splitlines()
    found = [fault.partition(": error: Incompatible types in assignment")[0] for fault in faults]
    assert sorted(found) == sorted(expected), done.stdout
    assert summary.startswith(f"Found {len(expected)} errors in {len(expected)} files"), done.stdout

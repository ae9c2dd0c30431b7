"""What a command imports: the help and whatever needs no numbers start at once."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PROBE = """
import sys
from qdash_core.cli.main import run
status = run(sys.argv[1:])
print("imported:", *sorted(sys.modules), file=sys.stderr)
raise SystemExit(status)
"""
NUMBERS = {"numpy", "scipy", "plotly", "qdash_analysis"}
HOST = {"argon2", "fastapi", "httpx", "prometheus_client", "starlette", "uvicorn"}
HEAVY = NUMBERS | HOST | {"pydantic", "pydantic_settings", "rich", "yaml", "psutil"}


def imported_by(folder: Path, *arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROBE, *arguments],
        env={"QDASH_HOME": str(folder / "home"), "PATH": "", "HOME": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stderr.rpartition("imported: ")[2].split())


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("api", "--help"),
        ("calibrate", "--help"),
        ("chip", "--help"),
        ("chip", "create", "--help"),
        ("chip", "picture", "--help"),
        ("demo", "--help"),
        ("doctor", "--help"),
        ("executions", "--help"),
        ("executions", "resume", "--help"),
        ("export", "--help"),
        ("flow", "run", "--help"),
        ("cooldown", "create", "--help"),
        ("lab", "check", "--help"),
        ("metrics", "--help"),
        ("note", "edit", "--help"),
        ("plugins", "--help"),
        ("schedule", "--help"),
        ("task", "run", "--help"),
        ("twin", "create", "--help"),
        ("up", "--help"),
        ("user", "create", "--help"),
    ],
    ids=" ".join,
)
def test_help_imports_nothing_heavy(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert not HEAVY & imported_by(tmp_path, *arguments)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [("init", "--json"), ("chip", "list", "--json"), ("executions", "list", "--json")],
    ids=" ".join,
)
def test_looking_at_the_record_imports_no_numbers(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert not (NUMBERS | HOST) & imported_by(tmp_path, *arguments)


def test_looking_at_tasks_imports_no_optimiser(tmp_path: Path) -> None:
    imported = imported_by(tmp_path, "task", "list", "--json")

    assert "qdash_tasks.tasks" in imported
    assert "scipy" not in imported


@pytest.mark.parametrize("package", ["qdash_core", "qdash_tasks", "qdash_fake", "qdash_api", "qdash"])
def test_importing_a_package_acts_on_nothing(tmp_path: Path, package: str) -> None:
    code = f"import sys, {package}\nassert not {NUMBERS!r} & set(sys.modules), sorted(sys.modules)"

    subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=tmp_path, check=True, timeout=60)

    assert list(tmp_path.iterdir()) == []

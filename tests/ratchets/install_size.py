"""Size of a plain install: files of the members, and distributions that `qdash` without extras requires."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from release.requirements import find_requirements

from .recorded_values import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import Distribution

ROOT = Path(__file__).parents[2]


def measure_install(_folder: Path) -> Iterator[Measured]:
    """Measure from the metadata of the installed distributions, and from the files of the members that the clone holds."""
    found = dict(sorted(find_requirements("qdash").items()))
    ours = {name: _measure_member(name) for name in found if _find_member(name).exists()}
    others = {name: _measure_installed(found[name]) for name in found if name not in ours}
    # Corrections of documentation strings are no reason for a discussion.
    yield Measured("size of the members of a plain install", "bytes", ours, tolerance=0.005)
    # The binary files of a version differ between platforms.
    yield Measured("size of the requirements of a plain install", "bytes", others, tolerance=0.05)
    yield Measured("requirements of a plain install", "distributions", dict.fromkeys(others, 1))


def _find_member(name: str) -> Path:
    return ROOT / "pyproject.toml" if name == "qdash" else ROOT / "packages" / name / "pyproject.toml"


def _measure_member(name: str) -> int:
    """Return the bytes of the tracked files of a member's wheel."""
    project = _find_member(name)
    wheel = tomllib.loads(project.read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    places = [*wheel["packages"], *wheel.get("force-include", ())]
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *places],
        cwd=project.parent,
        capture_output=True,
        check=True,
        text=True,
    )
    files = [project.parent / file for file in listed.stdout.split("\0") if file]
    return sum(file.stat().st_size for file in files if file.exists())


def _measure_installed(installed: Distribution) -> int:
    """Return the bytes of a distribution's files, without what its installer wrote."""
    files = [
        file for file in installed.files or () if file.parts[0] != ".." and ".dist-info" not in file.parts[0]
    ]
    return sum(file.size or 0 for file in files if file.suffix != ".pyc")

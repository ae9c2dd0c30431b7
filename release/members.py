"""Distributions of the workspace, their common version, and the extras of `qdash`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
_VERSION = re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:rc[1-9]\d*)?")
NAMED_IN = ("compose.yaml", "docs/prefect.md", "docs/installation.md", "docs/server.md")
"""Files that name the image, or a release to install."""


def list_projects() -> list[Path]:
    """Return the `pyproject.toml` of `qdash` and of each member."""
    return [ROOT / "pyproject.toml", *sorted(ROOT.glob("packages/*/pyproject.toml"))]


def read_names() -> list[str]:
    """Return the names of the distributions."""
    return [tomllib.loads(one.read_text(encoding="utf-8"))["project"]["name"] for one in list_projects()]


def read_version() -> str:
    """Return the version of `qdash`."""
    found: str = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    return found


def list_extras() -> list[str]:
    """Return the names of the extras of `qdash`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return sorted(project["optional-dependencies"])


def set_version(version: str) -> None:
    """Set the version of each member, of its requirements on others, and of the image and the release that pages name.

    Raises
    ------
    ValueError
        If it is not a version like 0.3.0 or 0.3.0rc1.
    """
    if _VERSION.fullmatch(version) is None:
        raise ValueError(f"{version!r} is not a version like 0.3.0 or 0.3.0rc1")
    before = read_version()
    for path in list_projects():
        text = path.read_text(encoding="utf-8")
        text = re.sub(r'^version = ".*"$', f'version = "{version}"', text, count=1, flags=re.MULTILINE)
        path.write_text(_pin_members(text, version), encoding="utf-8")
    named = re.compile(rf"(qdash[:-]|qdash\[[a-z,]+\]==){re.escape(before)}")
    for path in map(ROOT.joinpath, NAMED_IN):
        text = path.read_text(encoding="utf-8")
        path.write_text(named.sub(rf"\g<1>{version}", text), encoding="utf-8")


def _pin_members(text: str, version: str) -> str:
    """Return a `pyproject.toml` whose requirements on members have exactly this version."""
    requirement = re.compile(r'(?<!name = )"(qdash(?:-[a-z]+)+)(\[[a-z,]+\])?(?:==[^"]+)?"')
    head, table, rest = text.partition("[dependency-groups]")
    return requirement.sub(rf'"\1\2=={version}"', head) + table + rest

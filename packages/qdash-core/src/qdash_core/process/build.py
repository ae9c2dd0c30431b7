"""Version of QDash, with the revision that it was built from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from qdash_core.features.discovery import CORE, find_version

_BUILT = Path(__file__).parents[1] / "build.json"
"""File that the build hook of the wheel writes."""
_LEVELS = 6
"""Folders between this module and the root of a checkout."""


@dataclass(frozen=True, slots=True)
class Build:
    """Version and revision of an installation.

    `revision` is the hash of the git commit, or None if unknown; `date` is its day, or None in a checkout.
    """

    version: str
    revision: str | None = None
    date: str | None = None

    def __str__(self) -> str:
        known = [
            *([self.revision[:12]] if self.revision else []),
            *([self.date] if self.date else ["a checkout"] if self.revision else []),
        ]
        return f"{self.version} ({', '.join(known)})" if known else self.version


@lru_cache(maxsize=1)
def read_build() -> Build:
    """Return version, revision and date of this installation; in a checkout, without date, the commit at the first call."""
    installed = find_version(CORE) or "unknown"
    if _BUILT.is_file():
        return Build(installed, **json.loads(_BUILT.read_text(encoding="utf-8")))
    return Build(installed, read_checkout_revision(Path(__file__).parents[_LEVELS - 1]))


def read_checkout_revision(root: Path) -> str | None:
    """Return the commit of a checkout without the help of git, which may not be installed; None outside of one."""
    try:
        git = root / ".git"
        if git.is_file():  # a further work tree
            git = root / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        common = git / "commondir"
        shared = git / common.read_text(encoding="utf-8").strip() if common.is_file() else git
        if (shared / name).is_file():
            return (shared / name).read_text(encoding="utf-8").strip()
        packed = (
            line.split(" ") for line in (shared / "packed-refs").read_text(encoding="utf-8").splitlines()
        )
        return next((one[0] for one in packed if one[-1] == name), None)
    except (OSError, UnicodeDecodeError):
        return None

"""Names of git branches."""

from __future__ import annotations

import re

_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


def check_branch_name(name: str) -> str:
    """Return the name of a git branch.

    Raises
    ------
    ValueError
        If it is not one.
    """
    if not _BRANCH.fullmatch(name) or ".." in name or name.endswith((".lock", ".")):
        raise ValueError(f"{name!r} is not the name of a git branch, such as main")
    return name

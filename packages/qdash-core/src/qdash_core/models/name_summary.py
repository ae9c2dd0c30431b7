"""Short summaries of lists of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


_MOST_NAMED = 5


def summarize_names(names: Sequence[str], most: int = _MOST_NAMED) -> str:
    """Return the first names, and the number of further ones: `0, 1, 2 and 5 more`."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def name_projects(projects: Sequence[str]) -> str:
    """Return the names of projects as text: `projects cold, lab`, or `no project`."""
    if not projects:
        return "no project"
    return f"{'project' if len(projects) == 1 else 'projects'} {', '.join(projects)}"

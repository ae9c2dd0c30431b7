"""Numbers of results by status, as short text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.display.statuses import get_status_style

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUS_ORDER = ("completed", "failed", "skipped", "cancelled", "running", "pending", "scheduled")
"""Statuses of results, in display order."""


def format_counts(counts: Mapping[str, int]) -> str:
    """Return counts as `1891 ✓, 1 ✗`; empty if all are 0."""
    return ", ".join(
        f"{number}\N{NO-BREAK SPACE}{get_status_style(state).shape}"
        for state, number in sort_counts(counts).items()
    )


def sort_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts that are not 0, in display order."""
    return {state: counts[state] for state in STATUS_ORDER if counts.get(state)}

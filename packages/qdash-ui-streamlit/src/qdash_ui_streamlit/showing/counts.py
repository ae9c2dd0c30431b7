"""How many results are in which state, in few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.showing.statuses import look

if TYPE_CHECKING:
    from collections.abc import Mapping

STATES = ("completed", "failed", "skipped", "cancelled", "running", "pending", "scheduled")
"""Of results, in the order in which people ask for them."""


def counts_text(counts: Mapping[str, int]) -> str:
    """Return counts as `1891 ✓, 1 ✗`; empty where there are none."""
    return ", ".join(
        f"{number}\N{NO-BREAK SPACE}{look(state).shape}" for state, number in in_order(counts).items()
    )


def in_order(counts: Mapping[str, int]) -> dict[str, int]:
    """Return those that are not 0, in the order in which people ask for them."""
    return {state: counts[state] for state in STATES if counts.get(state)}

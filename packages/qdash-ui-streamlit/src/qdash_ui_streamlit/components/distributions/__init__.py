"""Distributions of metrics over a chip: how many are within specification, and the cumulative distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_ui_streamlit.components.assets import component

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_distributions = component("distributions", html='<div class="panels"></div>')


def distributions(panels: Sequence[Mapping[str, Any]], *, now: str, then: str | None, key: str) -> None:
    """Draw a panel for each metric.

    Parameters
    ----------
    panels : sequence of mapping
        As `Panel.as_data` has them, with `link`, where the best target is shown, and `map`, where the metric is.
    now, then : str or None
        In words, what is shown, and what it is compared with.
    key : str
        Unique on the page.
    """
    _distributions(key=key, data={"panels": list(panels), "now": now, "then": then})

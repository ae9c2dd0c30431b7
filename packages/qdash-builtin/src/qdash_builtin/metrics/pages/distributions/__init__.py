"""Cumulative distributions of metrics over a chip, with the number of values within specification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_ui_streamlit.components.assets import make_component

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_distributions = make_component(__file__, html='<div class="panels"></div>')


def distributions(panels: Sequence[Mapping[str, Any]], *, now: str, then: str | None, key: str) -> None:
    """Draw a panel for each metric; `now` and `then` describe the shown values, and those they are compared with.

    Parameters
    ----------
    panels : sequence of mapping
        Data of `DistributionPanel.as_data`, with `link`, the URL of the best target, `map`, that of the map, and `details`, that of the page of metrics.
    """
    _distributions(key=key, data={"panels": list(panels), "now": now, "then": then})

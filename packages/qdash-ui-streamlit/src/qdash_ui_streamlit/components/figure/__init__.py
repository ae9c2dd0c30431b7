"""Plotly figure, drawn by the browser as soon as it is about to be seen."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_ui_streamlit.components.assets import make_component
from qdash_ui_streamlit.routes.scripts import FIGURE_LIBRARY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LIBRARY = Path(__file__).parent / "library"
TRACE_TYPES = frozenset(
    {
        "bar",
        "box",
        "contour",
        "heatmap",
        "histogram",
        "histogram2d",
        "histogram2dcontour",
        "image",
        "pie",
        "scatter",
        "scatterternary",
        "violin",
    }
)
"""Types of traces that the library draws."""
# Plotly has its styles in the head of the page, and listens there while the mouse is dragged.
_figure = make_component(
    __file__, html='<div class="qdash-figure" role="figure"></div>', isolate_styles=False
)


def is_drawable(figure: Mapping[str, Any]) -> bool:
    """Return whether the library draws all traces of a figure."""
    return {trace.get("type", "scatter") for trace in figure["data"]} <= TRACE_TYPES


def show_figure(
    figure: Mapping[str, Any],
    *,
    key: str,
    label: str,
    themed: bool = True,
    view_of: str = "",
    on_select: Callable[[Any], None] | None = None,
) -> None:
    """Show a figure.

    Parameters
    ----------
    figure : mapping
        `data` and `layout` of a figure that `is_drawable`.
    key : str
        Unique key on the page.
    label : str
        Name of the figure, for screen readers.
    themed : bool
        Whether it takes colours and fonts of the page where it states none.
    view_of : str
        What the figure shows: zoom and hidden traces stay until this changes.
    on_select : callable or None
        Called with the `customdata` of the point that the user clicks.
    """
    data = {
        "figure": {"data": figure["data"], "layout": figure["layout"]},
        "label": label,
        "themed": themed,
        "view_of": view_of or key,
        "library": _make_library_url(),
    }

    def pass_on() -> None:
        selected = st.session_state[key]["selected"]
        if on_select is not None and selected is not None:
            on_select(selected["customdata"])

    _figure(key=key, data=data, on_selected_change=pass_on)


@cache
def _make_library_url() -> str:
    """Return the URL of the library, with a digest of its content."""
    text = (LIBRARY / "plotly-cartesian.min.js").read_bytes()
    return f"{FIGURE_LIBRARY}?v={sha256(text).hexdigest()[:12]}"

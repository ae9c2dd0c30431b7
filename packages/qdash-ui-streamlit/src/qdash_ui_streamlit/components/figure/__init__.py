"""Plotly figure, drawn by the browser as soon as it is about to be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_ui_streamlit.components.assets import make_component
from qdash_ui_streamlit.routes.scripts import FIGURE_LIBRARY, make_script_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
    __file__,
    html='<div class="qdash-figure" role="figure"></div>',
    parts=("plot_places", "cursors", "annotations", "map_figure", "narrow_layout", "dark_colours"),
    isolate_styles=False,
)


@dataclass(frozen=True, slots=True)
class PointPicking:
    """Selection of points on an axis of a figure, such as `x2`: a drag sets a window from low to high, a click picks a point."""

    axis: str
    on_window: Callable[[float, float], None]
    on_point: Callable[[float], None]


def is_drawable(figure: Mapping[str, Any]) -> bool:
    """Return whether the library draws all traces of a figure."""
    return {trace.get("type", "scatter") for trace in figure["data"]} <= TRACE_TYPES


def load_figure_library() -> None:
    """Let the browser load the library of figures while the page with them is drawn."""
    _figure(key="qdash.figures", data={"library": make_script_url(FIGURE_LIBRARY)})


def show_figure(
    figure: Mapping[str, Any],
    *,
    key: str,
    label: str,
    themed: bool = True,
    view_of: str = "",
    on_select: Callable[[Any], None] | None = None,
    picking: PointPicking | None = None,
    cursors: bool = False,
    annotations: Mapping[str, Any] | None = None,
) -> None:
    """Show a figure.

    Parameters
    ----------
    figure : mapping
        `data` and `layout` of a figure that `is_drawable`.
    themed : bool
        Whether it takes colours and fonts of the page where it states none, and lighter colours in the dark theme.
    view_of : str
        What the figure shows: zoom and hidden traces stay until this changes.
    annotations : mapping or None
        Annotations of a figure over time: `kinds`, with letter and name of each kind, and `items`, each with `kind`, `at` and perhaps
        `until` (local times as on the axis), `time`, `text`, `detail` and `href`; or None for a figure without them.
    """
    data = {
        "figure": {"data": figure["data"], "layout": figure["layout"]},
        "label": label,
        "themed": themed,
        "view_of": view_of or key,
        "library": make_script_url(FIGURE_LIBRARY),
        "picking": None if picking is None else {"axis": picking.axis},
        "cursors": cursors,
        "annotations": None if annotations is None else dict(annotations),
    }

    def pass_on(name: str, call: Callable[..., None] | None) -> None:
        given = st.session_state[key][name]
        if call is not None and given is not None:
            call(*given.values())

    _figure(
        key=key,
        data=data,
        on_selected_change=lambda: pass_on("selected", on_select),
        on_window_change=lambda: pass_on("window", None if picking is None else picking.on_window),
        on_point_change=lambda: pass_on("point", None if picking is None else picking.on_point),
    )

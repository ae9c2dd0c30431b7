"""Figure of a result, and download of its raw data."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.metrics.pages.titles import load_titles
from qdash_builtin.results.operations.results import result_figure
from qdash_builtin.results.pages.previous_data import draw_behind
from qdash_builtin.results.requests import RawDataFormat
from qdash_ui_streamlit.components.figure import is_drawable, show_figure
from qdash_ui_streamlit.display.notices import show_empty, show_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.figures.views import FigureDocument
    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_ui_streamlit.components.figure import PointPicking
    from qdash_ui_streamlit.view import View

_CONFIG = {"displaylogo": False, "responsive": True, "showSendToCloud": False, "plotlyServerURL": ""}
"""Options of Plotly: by default it has a button that sends the data to a server of its maker."""

_BOLD = re.compile(r"<b>(\w+)</b>")
_FORMATS = (
    (RawDataFormat.NPZ, "Raw data (.npz)", "Measured arrays for NumPy"),
    (RawDataFormat.CSV, "CSV", "Measured arrays as a table: a number in each row"),
    (RawDataFormat.NETCDF, "NetCDF", "Measured arrays with axes and units, for xarray and others"),
)


def draw_figure(
    view: View, result: RecordedResult, *, key: str, previous: FigureDocument | None = None
) -> None:
    """Draw the figure of a result, or the reason why there is none. One request if it has raw data.

    The points of a `previous` figure are faint behind those of the figure.
    """
    if not result.raw_data_path:
        show_empty("This result has no raw data, so it has no figure.")
        return
    with show_errors():
        figure = view.ask(result_figure, result.task_id)
        draw_plotly(view, figure, key, label=name_figure(result.name, result.qid), previous=previous)


def name_figure(task: str, target: str) -> str:
    """Return the name of the figure of a result for screen readers."""
    return f"Figure of {task} on {target}" if target else f"Figure of {task}"


def draw_plotly(
    view: View,
    figure: FigureDocument,
    key: str,
    *,
    label: str,
    view_of: str = "",
    previous: FigureDocument | None = None,
    picking: PointPicking | None = None,
) -> None:
    """Draw a figure of the host in the colours of the page, with titles of parameters and cursors.

    Parameters
    ----------
    label : str
        Name of the figure, for screen readers.
    view_of : str
        What the figure shows: zoom and hidden traces stay until this changes. Empty: until the key changes.
    previous : FigureDocument or None
        Earlier figure, whose points are faint behind those of the figure, or None.
    picking : PointPicking or None
        Selection of points by drags and clicks, or None.
    """
    if not figure.data:
        show_empty("The task draws no figure of these data.")
        return
    drawn = {"data": figure.data, "layout": title_parameters(figure.layout, load_titles(view))}
    if previous is not None:
        drawn = draw_behind(drawn, {"data": previous.data, "layout": previous.layout})
    # A figure with its own background has colours for it.
    themed = not {"paper_bgcolor", "plot_bgcolor"} & figure.layout.keys()
    if is_drawable(drawn):
        show_figure(
            drawn, key=key, label=label, themed=themed, view_of=view_of, picking=picking, cursors=True
        )
    else:  # a rare type of a plugin's task, such as a surface, for which Streamlit has a larger library
        st.plotly_chart(drawn, key=key, config=_CONFIG, theme="streamlit" if themed else None)


def title_parameters(layout: Mapping[str, Any], titles: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the layout of a figure with titles of parameters in place of their names, which are bold in the box beside it."""

    def title(note: Mapping[str, Any]) -> Mapping[str, Any]:
        text = _BOLD.sub(
            lambda found: f"<b>{escape(titles.get(found[1], found[1]))}</b>", note.get("text") or ""
        )
        return {**note, "text": text}

    if not layout.get("annotations"):
        return layout
    return {**layout, "annotations": [title(one) for one in layout["annotations"]]}


def draw_download(view: View, result: RecordedResult) -> None:
    """Draw links to the raw data of a result in three formats, if it has any."""
    if not result.raw_data_path:
        return
    for chosen, label, help_text in _FORMATS:
        address = view.host_path(f"task-results/{result.task_id}/raw-data-file", format=chosen)
        st.link_button(label, address, icon=":material/download:", help=help_text)

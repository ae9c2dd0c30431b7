"""The figure of a result, and its raw data as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_client.generated.api.results import result_figure
from qdash_ui_streamlit.showing.night import for_dark, has_a_ground
from qdash_ui_streamlit.showing.states import empty, told

if TYPE_CHECKING:
    from qdash_core.documents.pictures import FigureDocument
    from qdash_core.documents.results import RecordedResult
    from qdash_ui_streamlit.view import View

_CONFIG = {"displaylogo": False, "responsive": True}


def draw_figure(view: View, result: RecordedResult, *, key: str) -> None:
    """Draw the figure of a result, or say why there is none. One request, where it has raw data.

    Parameters
    ----------
    view : View
        Who looks.
    result : RecordedResult
        Whose figure.
    key : str
        Unique on the page.
    """
    if not result.raw_data_path:
        empty("Nothing was measured for this result, so it has no figure.")
        return
    with told():
        _drawn(view.ask(result_figure, result.task_id), key)


def _drawn(figure: FigureDocument, key: str) -> None:
    if not figure.data:
        empty("There is nothing in this figure: its task draws none of what was measured.")
        return
    drawn = {"data": figure.data, "layout": figure.layout}
    if has_a_ground(figure.layout):
        st.plotly_chart(drawn, key=key, config=_CONFIG, theme=None)
        return
    dark = st.context.theme.type == "dark"
    st.plotly_chart(for_dark(drawn) if dark else drawn, key=key, config=_CONFIG)


def draw_download(view: View, result: RecordedResult) -> None:
    """Draw a link to the raw data of a result, where it has some."""
    if result.raw_data_path:
        address = view.host_path(f"task-results/{result.task_id}/raw-data-file")
        st.link_button(
            "Raw data (.npz)", address, icon=":material/download:", help="The measured arrays, for NumPy"
        )

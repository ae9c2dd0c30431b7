"""Figure of a result, with the data of the previous result on the same target faint behind it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.results.operations.results import result_figure
from qdash_builtin.results.pages.result_figures import draw_figure
from qdash_builtin.results.pages.result_overlay import draw_overlay, draw_overlay_choice, read_others
from qdash_builtin.runs.pages.refit_display import format_moment
from qdash_core.errors import QDashError
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.forms.query_params import draw_toggle

if TYPE_CHECKING:
    from qdash_builtin.figures.views import FigureDocument
    from qdash_builtin.results.views.neighbours import PlacedResultDocument
    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_ui_streamlit.view import View

_PREVIOUS = "previous"


@fragment
def draw_result_figure(view: View, result: RecordedResult, previous: PlacedResultDocument | None) -> None:
    """Draw the figure, with the data of the previous result on the same target faint behind it, or with other results on the same axes."""
    place = st.container()
    others = read_others(view) if result.raw_data_path else []
    behind = None
    with st.container(horizontal=True, vertical_alignment="center"):
        if previous is not None and result.raw_data_path and not others:
            behind = _draw_previous(view, previous)
    if result.raw_data_path:
        draw_overlay_choice(view, result, others)
    with place:
        if others:
            draw_overlay(view, result, others)
        else:
            draw_figure(view, result, key=f"figure.{result.task_id}", previous=behind)
            if result.analysis_model is not None and result.analysis_curve is None and result.raw_data_path:
                st.caption(
                    "This analysis was recorded without its curve: the figure shows the measured points only."
                )


def _draw_previous(view: View, previous: PlacedResultDocument) -> FigureDocument | None:
    """Draw the switch of the data of the previous result and a link to it; return its figure if it is on."""
    shown = draw_toggle(view, _PREVIOUS, "Data of the previous result, faint", default=True)
    address = view.link("result", result=previous.task_id)
    st.markdown(f"[Previous result]({address}), {format_moment(view, previous.start_at)}", width="content")
    if shown:
        with suppress(QDashError):  # its raw data may be gone; the figure of the result does without
            return view.ask(result_figure, previous.task_id)
    return None

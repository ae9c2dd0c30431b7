"""Figure of a result, with the data of the previous result on the same target faint behind it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.results.operations.results import result_figure
from qdash_builtin.results.pages.earlier_results import load_earlier_results
from qdash_builtin.results.pages.result_figures import draw_figure
from qdash_core.errors import QDashError
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.forms.query_params import draw_toggle

if TYPE_CHECKING:
    from qdash_builtin.runs.views.results import RecordedResult, ResultDocument
    from qdash_ui_streamlit.view import View

_PREVIOUS = "previous"
_SEARCHED = 10
"""Number of earlier results among which the previous one is searched: some have no data."""


@fragment
def draw_result_figure(view: View, result: RecordedResult) -> None:
    """Draw the figure, with the data of the previous result on the same target faint behind it if there are any."""
    place = st.container()
    previous = _load_previous(view, result) if result.raw_data_path else None
    if previous is None:
        with place:
            draw_figure(view, result, key=f"figure.{result.task_id}")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = draw_toggle(view, _PREVIOUS, "Data of the previous result, faint", default=True)
        at = previous.measurement.end_at or previous.start_at
        moment = "" if at is None else f", {at.astimezone(view.zone):%Y-%m-%d %H:%M}"
        address = view.link("result", result=previous.task_id)
        st.markdown(f"[Previous result]({address}){moment}", width="content")
    behind = None
    if shown:
        with suppress(QDashError):  # its raw data may be gone; the figure of the result does without
            behind = view.ask(result_figure, previous.task_id)
    with place:
        draw_figure(view, result, key=f"figure.{result.task_id}", previous=behind)


def _load_previous(view: View, result: RecordedResult) -> ResultDocument | None:
    """Return the newest earlier result of the task on the target with raw data of its own, or None."""
    found = load_earlier_results(
        view,
        result.chip_id,
        result.name,
        result.qid,
        before=result.measurement.start_at or result.start_at,
        limit=_SEARCHED,
    )
    return next(
        (
            one
            for one in found
            if one.raw_data_path and one.refit_of is None and one.task_id != result.refit_of
        ),
        None,
    )

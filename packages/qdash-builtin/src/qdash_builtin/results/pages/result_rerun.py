"""Rerun of a result with its recorded inputs, and comparison of a rerun with its original."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st

from qdash_builtin.results.operations.results import compare_results, rerun_result
from qdash_builtin.results.pages.result_comparison import draw_comparison_tables
from qdash_builtin.results.pages.workbench_url import make_workbench_url
from qdash_builtin.results.requests import ResultRerunRequest
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_errors

if TYPE_CHECKING:
    from qdash_builtin.results.views.result_comparisons import ResultComparisonDocument
    from qdash_builtin.runs.views.executions import SubmittedDocument
    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_ui_streamlit.view import View


def draw_rerun(view: View, result: RecordedResult) -> None:
    """Draw the button for a rerun if the user may edit, and the comparison if the result is a rerun or a refit."""
    if can_be_rerun(result):
        if view.edits:
            _draw_button(view, result)
        st.markdown(f"[Open in the workbench]({make_workbench_url(view, result)}) to measure with one change")
    if result.rerun_of is not None or result.refit_of is not None:
        with show_errors():
            kind = "Rerun" if result.rerun_of is not None else "Refit"
            _draw_comparison(view, view.ask(compare_results, result.task_id), kind)


def can_be_rerun(result: RecordedResult) -> bool:
    """Return whether a task measured the result; the host refuses those that cannot be rerun."""
    return result.backend is not None and result.refit_of is None and result.start_at is not None


@fragment
def _draw_button(view: View, result: RecordedResult) -> None:
    place = f"result.rerun.{result.task_id}"
    key = st.session_state.setdefault(f"{place}.key", str(uuid4()))  # a second click submits the same run
    if st.button(
        "Rerun with these inputs",
        icon=":material/replay:",
        key=place,
        help="Measure again with the recorded inputs and run parameters. The values of the chip do not change.",
    ):
        st.session_state[f"{place}.submitted"] = view.ask(
            rerun_result.once(key), result.task_id, body=ResultRerunRequest()
        )
        st.session_state[f"{place}.key"] = str(uuid4())
    submitted: SubmittedDocument | None = st.session_state.get(f"{place}.submitted")
    if submitted is not None:
        advice = f" {submitted.advice}" if submitted.advice else ""
        link = view.link("execution", execution=submitted.execution_id)
        st.success(f"Submitted as [{submitted.execution_id}]({link}).{advice}", icon=":material/check:")


def _draw_comparison(view: View, found: ResultComparisonDocument, kind: str) -> None:
    st.header("Comparison with the earlier result")
    st.markdown(f"{kind} of [an earlier result]({view.link('result', result=found.first.task_id)}).")
    draw_comparison_tables(view, found, first="Earlier result", second="This result", key="rerun")

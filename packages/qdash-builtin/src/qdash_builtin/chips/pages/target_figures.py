"""Newest results of all tasks on a target: the selected one as a figure, the others as thumbnails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.results.operations.results import show_result
from qdash_builtin.results.pages.refit import draw_refit
from qdash_builtin.results.pages.result_figures import draw_figure
from qdash_builtin.results.pages.task_thumbnails import task_thumbnails
from qdash_builtin.runs.pages.run_form import draw_run_form
from qdash_builtin.runs.pages.run_submission import draw_started_run
from qdash_builtin.runs.pages.verdicts import draw_verdict
from qdash_ui_streamlit.display.columns import make_wide_and_narrow
from qdash_ui_streamlit.display.fragments import dialog, fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty, show_errors
from qdash_ui_streamlit.display.statuses import describe_outcome

if TYPE_CHECKING:
    from qdash_builtin.chips.pages.target_data import TargetData
    from qdash_builtin.chips.views.targets import LatestResultDocument
    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_ui_streamlit.view import View

_AGAIN = "again"


def draw_figures(view: View, data: TargetData) -> None:
    """Draw the selected result and the choice beside it. Two requests; the browser loads the thumbnails."""
    st.header("Latest results", anchor="results")
    if not data.results:
        show_empty(f"No results for this {data.kind.word} yet.")
        return
    _draw_choice(view, data)


@fragment
def _draw_choice(view: View, data: TargetData) -> None:
    draw_started_run(view, key=_AGAIN)
    large, small = make_wide_and_narrow("latest")
    with small:
        picked = task_thumbnails(
            [make_thumbnail(view, name, one) for name, one in sort_by_end(data)],
            chosen=select_task(view, data),
            key=f"tasks.{data.chip.chip_id}.{data.target.id}",
        )
    if picked in data.results:
        view.set_params(task=picked)
    with large:
        result = _draw_selected(view, data, select_task(view, data))
    if result is not None:
        draw_refit(view, result)


def sort_by_end(data: TargetData) -> list[tuple[str, LatestResultDocument]]:
    """Return the newest result of each task, the newest first."""
    return sorted(data.results.items(), key=lambda one: one[1].end_at, reverse=True)


def select_task(view: View, data: TargetData) -> str:
    """Return the task in the URL, or else the task that failed last, or else the newest one."""
    named = view.param("task")
    if named in data.results:
        return str(named)
    order = sort_by_end(data)
    return next((name for name, one in order if one.status == "failed"), order[0][0])


def make_thumbnail(view: View, task: str, result: LatestResultDocument) -> dict[str, Any]:
    """Return the data of a task for the choice."""
    return {
        "task": task,
        "status": describe_outcome(result.status, result.verdict),
        "mark": _name_mark(result),
        "address": view.host_path(f"task-results/{result.task_id}/thumbnail"),
    }


def _name_mark(result: LatestResultDocument) -> str:
    """Return the kind of a new analysis, as short as a thumbnail needs it; empty for a measurement."""
    if result.refitted_at is None:
        return ""
    return "refit" if result.analysis_model is None else "analysis"


def _draw_selected(view: View, data: TargetData, task: str) -> RecordedResult | None:
    """Draw a result and return it, or draw an error and return None."""
    latest = data.results[task]
    with show_errors():
        result = view.ask(show_result, latest.task_id)
        _draw_result(view, task, latest, result, with_reasons=latest.task_id != data.told_result)
        return result
    return None


def _draw_result(
    view: View, task: str, latest: LatestResultDocument, result: RecordedResult, *, with_reasons: bool
) -> None:
    st.markdown(f"### [{task}]({view.link('result', result=latest.task_id)})")
    draw_verdict(view, result, with_reasons=with_reasons)
    draw_figure(view, result, key=f"figure.{latest.task_id}")
    if latest.flagged_task_id and latest.flagged_task_id != latest.task_id:
        st.markdown(f"[Last flagged result]({view.link('result', result=latest.flagged_task_id)})")
    again = "Run again …" if view.edits else "Dry run of this task …"
    if st.button(again, icon=":material/play_arrow:", key=f"again.{task}"):
        dialog(
            f"{task} on {result.task_type} {result.qid} of chip {escape_markdown(result.chip_id)}",
            width="large",
        )(draw_run_form)(view, result.chip_id, [result.qid], task=task, in_dialog=True, key=_AGAIN)

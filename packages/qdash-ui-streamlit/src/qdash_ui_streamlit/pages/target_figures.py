"""The newest result of every task on a qubit or coupling: the chosen one as a figure, the others as small pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_client.generated.api.results import show_result
from qdash_ui_streamlit.components.task_pictures import task_pictures
from qdash_ui_streamlit.forms.refit import refit_form
from qdash_ui_streamlit.forms.run import run_form
from qdash_ui_streamlit.showing.columns import wide_and_narrow
from qdash_ui_streamlit.showing.figures import draw_figure
from qdash_ui_streamlit.showing.parts import part
from qdash_ui_streamlit.showing.states import empty, told
from qdash_ui_streamlit.showing.statuses import outcome
from qdash_ui_streamlit.showing.verdicts import draw_verdict

if TYPE_CHECKING:
    from qdash_core.documents.results import RecordedResult
    from qdash_core.documents.targets import LatestResultDocument
    from qdash_ui_streamlit.pages.target_seen import Seen
    from qdash_ui_streamlit.view import View


def draw_figures(view: View, seen: Seen) -> None:
    """Draw the chosen result, beside the choice. Two requests for the chosen one; pictures are fetched by the browser."""
    st.header("Latest results", anchor="results")
    if not seen.results:
        empty(f"No task was run on this {seen.kind.word} yet.")
        return
    _choice(view, seen)


@part
def _choice(view: View, seen: Seen) -> None:
    large, small = wide_and_narrow("latest")
    with small:
        picked = task_pictures(
            [picture(view, name, one) for name, one in newest_first(seen)],
            chosen=chosen(view, seen),
            key=f"tasks.{seen.chip.chip_id}.{seen.target.id}",
        )
    if picked in seen.results:
        view.set_params(task=picked)
    with large:
        _large(view, chosen(view, seen), seen.results[chosen(view, seen)])


def newest_first(seen: Seen) -> list[tuple[str, LatestResultDocument]]:
    """Return the newest result of each task, the newest first."""
    return sorted(seen.results.items(), key=lambda one: one[1].end_at, reverse=True)


def chosen(view: View, seen: Seen) -> str:
    """Return the task that the address names; else the one that failed last, else the newest."""
    named = view.param("task")
    if named in seen.results:
        return str(named)
    order = newest_first(seen)
    return next((name for name, one in order if one.status == "failed"), order[0][0])


def picture(view: View, task: str, result: LatestResultDocument) -> dict[str, Any]:
    """Return what the choice shows of a task."""
    return {
        "task": task,
        "status": outcome(result.status, result.verdict),
        "address": view.host_path(f"task-results/{result.task_id}/thumbnail"),
    }


def _large(view: View, task: str, latest: LatestResultDocument) -> None:
    with told():
        result = view.ask(show_result, latest.task_id)
        _result(view, task, latest, result)


def _result(view: View, task: str, latest: LatestResultDocument, result: RecordedResult) -> None:
    st.markdown(f"### [{task}]({view.link('result', result=latest.task_id)})")
    draw_verdict(view, result)
    draw_figure(view, result, key=f"figure.{latest.task_id}")
    if latest.flagged_task_id and latest.flagged_task_id != latest.task_id:
        st.markdown(f"[Its last flagged result]({view.link('result', result=latest.flagged_task_id)})")
    again = "Run it again …" if view.edits else "Plan it again …"
    if st.button(again, icon=":material/play_arrow:", key=f"again.{task}"):
        st.dialog(f"{task} on {result.task_type} {result.qid}", width="large")(run_form)(
            view, result.chip_id, [result.qid], task=task, key="again"
        )
    refit_form(view, result)

"""Results on the workbench: the run while it is performed, and its result beside an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_client.generated.api.executions import show_execution
from qdash_client.generated.api.results import (
    compare_results,
    list_results,
    result_figure,
    show_result,
)
from qdash_core.errors import NotFoundError
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.targets import by_number
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.progress import progress
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.figures import draw_plotly
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty, show_errors
from qdash_ui_streamlit.display.paired_axes import align_axes
from qdash_ui_streamlit.display.quantities import use_unit_symbols
from qdash_ui_streamlit.display.statuses import describe_outcome, format_status
from qdash_ui_streamlit.display.verdicts import draw_verdict
from qdash_ui_streamlit.forms.cancellation import ask_to_cancel
from qdash_ui_streamlit.forms.query_params import draw_choice
from qdash_ui_streamlit.forms.result_rerun import list_outputs, list_result_differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_core.documents.executions import ExecutionView
    from qdash_core.documents.pictures import FigureDocument
    from qdash_core.documents.results import RecordedResult, ResultDocument
    from qdash_ui_streamlit.view import View

_OUTPUTS = (
    Column("name", "Parameter"),
    Column("first", "Previous"),
    Column("second", "New"),
    Column("difference", "Difference"),
    Column("sigmas", "σ", help="Difference in combined standard deviations"),
)
_DIFFERENCES = (
    Column("kind", "Kind"),
    Column("name", "Name"),
    Column("first", "Previous"),
    Column("second", "New"),
)
# Verdicts of different length do not shift the figures against each other.
_STYLE = """<style>
.st-key-workbench_pair [data-testid=stColumn] { min-width: 23rem; }
.st-key-workbench_pair [class*=st-key-workbench_verdict] { min-height: 3.5rem; }
</style>"""
_EARLIER = 20
"""Number of earlier results that can be compared."""


@fragment
def draw_workbench_results(view: View, chip_id: str, task: str, targets: Sequence[str]) -> None:
    """Draw the run in the URL, and its result on one target beside an earlier one; without a run, the newest result."""
    st.header("Results", divider="gray")
    named = view.param("execution")
    execution = None if named is None else _find_execution(view, named)
    results = _load_results(view, execution, task) if execution is not None else {}
    if execution is not None:
        _draw_run(view, execution)
    target = _select_target(view, targets, results)
    if target is None:
        show_empty("Name a target to see its results.")
        return
    new = results.get(target)
    earlier = _load_earlier(view, chip_id, task, target, new, named)
    before = _select_earlier(view, earlier)
    _draw_pair(view, before, new if new is not None and new.status.terminal else None)


def _find_execution(view: View, execution_id: str) -> ExecutionView | None:
    try:
        return view.ask(show_execution, execution_id)
    except NotFoundError:
        st.warning(
            f"There is no execution {escape_markdown(execution_id)} in this project.",
            icon=":material/search_off:",
        )
        return None


def _draw_run(view: View, execution: ExecutionView) -> None:
    """Draw the progress of the run until its end, with the button that cancels it."""
    rerun_on_events(
        f"workbench.{execution.execution_id}",
        kinds=("task.*", "execution.*"),
        execution_id=execution.execution_id,
        at_most_every_s=1.0,
    )
    ended = execution.status.terminal
    if progress(view, execution.execution_id, cancel=view.edits and not ended):
        ask_to_cancel(view, execution.execution_id)
    if execution.message and execution.status is ExecutionStatus.FAILED:
        st.error(escape_markdown(execution.message), icon=":material/error:")
    for target, why in (execution.left_out or {}).items():
        st.warning(escape_markdown(f"{target} was left out: {why}"), icon=":material/block:")


def _load_results(view: View, execution: ExecutionView, task: str) -> dict[str, ResultDocument]:
    """Return the last task attempt of a task in an execution by target."""
    found: dict[str, ResultDocument] = {}
    for one in view.every(list_results, execution_id=execution.execution_id, task=task, limit=200):
        if one.refit_of is None and (one.qid not in found or found[one.qid].attempt < one.attempt):
            found[one.qid] = one
    return found


def _select_target(view: View, targets: Sequence[str], results: dict[str, ResultDocument]) -> str | None:
    """Draw the choice of the target whose results are shown, if there are several, and return it."""
    known = sorted({*targets, *results}, key=by_number)
    if len(known) < 2:
        return known[0] if known else None
    if results:
        outcomes = [
            f"{target} {format_status(_describe(results[target]))}" for target in known if target in results
        ]
        st.markdown(escape_markdown(" · ".join(outcomes)))
    return draw_choice(view, "shown", "Results on", known, width=180)


def _describe(result: ResultDocument) -> str:
    return describe_outcome(result.status, result.verdict)


def _load_earlier(
    view: View, chip_id: str, task: str, target: str, new: ResultDocument | None, execution_id: str | None
) -> list[ResultDocument]:
    """Return the ended results of a task on a target from before the run, the newest first."""
    page = view.ask(list_results, chip_id=chip_id, task=task, target=target or None, limit=_EARLIER)
    return [
        one
        for one in page.items
        if one.execution_id != execution_id
        and one.qid == target
        and one.status.terminal
        and one.start_at is not None
        and (new is None or new.start_at is None or one.start_at < new.start_at)
    ]


def _select_earlier(view: View, earlier: Sequence[ResultDocument]) -> ResultDocument | None:
    """Draw the choice of the earlier result, and return it, or None if there is none."""
    if not earlier:
        return None
    known = {one.task_id: one for one in earlier}
    labels = {task_id: _label_result(view, one) for task_id, one in known.items()}
    if len(known) == 1:
        return earlier[0]
    return known[
        draw_choice(
            view, "before", "Previous result", list(known), format_option=labels.__getitem__, width=420
        )
    ]


def _label_result(view: View, one: ResultDocument) -> str:
    at = one.measurement.end_at or one.start_at
    moment = "" if at is None else f"{at.astimezone(view.zone):%Y-%m-%d %H:%M:%S}"
    trial = ", trial" if one.scope is not None else ""
    return f"{moment} {_describe(one)}{trial} by {one.username} ({one.execution_id})"


def _draw_pair(view: View, before: ResultDocument | None, new: ResultDocument | None) -> None:
    """Draw an earlier and a new result beside each other: verdicts, figures, and values with their differences."""
    if before is None and new is None:
        show_empty("This task has no results on this target yet.")
        return
    shown = [view.ask(show_result, one.task_id) for one in (before, new) if one is not None]
    titles = [title for title, one in (("Previous result", before), ("New result", new)) if one is not None]
    figures = _load_figures(view, shown)
    with st.container(key="workbench_pair"):
        st.html(_STYLE)
        for column, title, result in zip(st.columns(len(shown)), titles, shown, strict=True):
            with column:
                _draw_one(view, title, result, figures.get(result.task_id))
    if before is not None and new is not None:
        with show_errors():
            _draw_comparison(view, before.task_id, new.task_id)


def _load_figures(view: View, results: Iterable[RecordedResult]) -> dict[str, FigureDocument]:
    """Return the figures of results with raw data, with the same axes where two have them."""
    found: dict[str, FigureDocument] = {}
    for one in results:
        if one.raw_data_path:
            with show_errors():
                found[one.task_id] = view.ask(result_figure, one.task_id)
    if len(found) != 2:
        return found
    plain = [{"data": one.data, "layout": one.layout} for one in found.values()]
    aligned = align_axes(*plain)
    return {
        task_id: one.model_copy(update=figure)
        for (task_id, one), figure in zip(found.items(), aligned, strict=True)
    }


def _draw_one(view: View, title: str, result: RecordedResult, figure: FigureDocument | None) -> None:
    st.markdown(f"### [{title}]({view.link('result', result=result.task_id)})")
    with st.container(key=f"workbench_verdict_{title.partition(' ')[0]}"):
        draw_verdict(view, result)
    if figure is not None:
        draw_plotly(figure, f"workbench.figure.{title}.{result.task_id}")
    elif not result.raw_data_path:
        show_empty("This result has no raw data, so it has no figure.")


def _draw_comparison(view: View, before: str, new: str) -> None:
    found = view.ask(compare_results, new, other=before)
    table(
        view,
        _OUTPUTS,
        list_outputs(found),
        key="workbench.outputs",
        label="Values of both results",
        empty="No values.",
        filtered=False,
    )
    rows: list[dict[str, Any]] = list_result_differences(found)
    table(
        view,
        _DIFFERENCES,
        rows,
        key="workbench.differences",
        label="Differences between both results",
        empty="No difference in inputs, run parameters, software or laboratory.",
        filtered=False,
    )
    for text in (*found.remarks, *found.unrecorded):
        st.caption(escape_markdown(use_unit_symbols(text)))

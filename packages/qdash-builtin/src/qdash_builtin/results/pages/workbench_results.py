"""Results on the workbench: the run while it is performed, and its result beside an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.results.operations.results import compare_results, list_results, result_figure, show_result
from qdash_builtin.results.pages.earlier_results import load_earlier_results
from qdash_builtin.results.pages.paired_axes import align_axes
from qdash_builtin.results.pages.result_comparison import draw_comparison_tables
from qdash_builtin.results.pages.result_figures import draw_plotly, name_figure
from qdash_builtin.results.pages.workbench_region import draw_region
from qdash_builtin.runs.operations.executions import show_execution
from qdash_builtin.runs.pages.cancellation import ask_to_cancel
from qdash_builtin.runs.pages.progress import progress
from qdash_builtin.runs.pages.verdicts import draw_verdict
from qdash_core.errors import NotFoundError
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.targets import by_number
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import begin_sentence, escape_markdown
from qdash_ui_streamlit.display.notices import show_empty, show_errors
from qdash_ui_streamlit.display.statuses import describe_outcome
from qdash_ui_streamlit.forms.query_params import draw_choice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_builtin.figures.views import FigureDocument
    from qdash_builtin.runs.views.executions import ExecutionView
    from qdash_builtin.runs.views.results import RecordedResult, ResultDocument
    from qdash_ui_streamlit.view import View

# Verdicts of different length do not shift the figures against each other.
_STYLE = """<style>
.st-key-workbench_pair [data-testid=stColumn] { min-width: min(100%, 23rem); }
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
    if len(targets) > 1:
        draw_region(view, chip_id, task, sorted({*targets, *results}, key=by_number), results)
    target = _select_target(view, targets, results)
    if target is None:
        show_empty(
            "No target is named.",
            f"Enter a qubit or coupling above: then {'start the task on it, and ' if view.edits else ''}see its results here.",
        )
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
        ALL,
        execution_id=execution.execution_id,
        at_most_every_s=1.0,
    )
    ended = execution.status.terminal
    if progress(view, execution.execution_id, cancel=view.edits and not ended):
        ask_to_cancel(view, execution.execution_id)
    if execution.message and execution.status is ExecutionStatus.FAILED:
        st.error(escape_markdown(begin_sentence(execution.message)), icon=":material/error:")
    for target, why in (execution.left_out or {}).items():
        st.warning(escape_markdown(f"{target} was left out: {why}"), icon=":material/block:")


def _load_results(view: View, execution: ExecutionView, task: str) -> dict[str, ResultDocument]:
    """Return the last task attempt of a task in an execution by target."""
    found: dict[str, ResultDocument] = {}
    for one in view.every(list_results.paged(limit=200), execution_id=execution.execution_id, task=task):
        if one.refit_of is None and (one.qid not in found or found[one.qid].attempt < one.attempt):
            found[one.qid] = one
    return found


def _select_target(view: View, targets: Sequence[str], results: dict[str, ResultDocument]) -> str | None:
    """Draw the choice of the target whose results are shown, if there are several, and return it."""
    known = sorted({*targets, *results}, key=by_number)
    if len(known) < 2:
        return known[0] if known else None
    return draw_choice(view, "shown", "Results on", known, width=180)


def _describe(result: ResultDocument) -> str:
    return describe_outcome(result.status, result.verdict_in_force)


def _load_earlier(
    view: View, chip_id: str, task: str, target: str, new: ResultDocument | None, execution_id: str | None
) -> list[ResultDocument]:
    """Return the ended results of a task on a target from before the run, the newest first."""
    found = load_earlier_results(
        view, chip_id, task, target, before=None if new is None else new.start_at, limit=_EARLIER
    )
    return [one for one in found if one.execution_id != execution_id]


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
    trial = ", trial" if one.scope is not None else ""
    return f"{view.moment(at)} {_describe(one)}{trial} by {one.username} ({one.execution_id})"


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
                behind = None if before is None or result is shown[0] else figures.get(before.task_id)
                _draw_one(view, title, result, figures.get(result.task_id), behind)
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


def _draw_one(
    view: View,
    title: str,
    result: RecordedResult,
    figure: FigureDocument | None,
    behind: FigureDocument | None,
) -> None:
    st.markdown(f"### [{title}]({view.link('result', result=result.task_id)})")
    with st.container(key=f"workbench_verdict_{title.partition(' ')[0]}"):
        draw_verdict(view, result)
    if figure is not None:
        key = f"workbench.figure.{title}.{result.task_id}"
        label = f"{title}: {name_figure(result.name, result.qid)}"
        draw_plotly(view, figure, key, label=label, previous=behind)
    elif not result.raw_data_path:
        show_empty("This result has no raw data, so it has no figure.")


def _draw_comparison(view: View, before: str, new: str) -> None:
    found = view.ask(compare_results, new, other=before)
    draw_comparison_tables(view, found, first="Previous", second="New", key="workbench")

"""Likely causes of the failures of a result, target or execution, loaded on demand."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.explanations.operations import explain_execution, explain_result, explain_target
from qdash_builtin.explanations.pages.causes import (
    draw_causes,
    draw_explanation_lines,
    draw_short_causes,
    format_explained_result,
    format_related_fact,
)
from qdash_builtin.issues.pages.issue_subject import is_problem
from qdash_builtin.runs.pages.execution_actions import is_active
from qdash_core.models.judgement import Fitness
from qdash_core.models.quantities import format_count
from qdash_core.models.task import TaskStatus
from qdash_ui_streamlit.components.scroll_target import scroll_here
from qdash_ui_streamlit.display.fact_lists import format_details, format_targets
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.forms.query_params import draw_toggle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from qdash_builtin.chips.views.targets import CouplingDocument, QubitDocument
    from qdash_builtin.explanations.views import (
        CauseGroupDocument,
        ExecutionExplanationDocument,
        ExplanationDocument,
        SkippedGroupDocument,
    )
    from qdash_builtin.runs.views.executions import ExecutionView
    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_core.features.sections import SectionSubject
    from qdash_core.operations.operation import Operation
    from qdash_ui_streamlit.view import View

_PARAM = "explain"
"""Query parameter that is present while the causes are shown."""
_BAD = ("failed", "flagged", "skipped", "rejected")
_SHOWN_ORIGINS = 10
"""Number of origins of skipped results that are listed."""
_MOST_RESULTS = 50


def draw_result_explanation(view: View, subject: SectionSubject) -> None:
    """Draw the explanation of a failed, flagged, rejected or skipped result; nothing for others. One request on demand."""
    result: RecordedResult = subject.document
    if is_problem(result) or result.status is TaskStatus.SKIPPED:
        draw = partial(_draw_of_one, explain_result, result.task_id, told=result.task_id)
        _draw_on_demand(view, "result", draw, titled=True)


def draw_target_explanation(view: View, subject: SectionSubject) -> None:
    """Draw the explanation of a target that is unfit, or whose newest results failed or were flagged; nothing for others.

    One request: without a click if the last result failed, and on demand otherwise.
    """
    target: QubitDocument | CouplingDocument = subject.document
    results = (target.results or {}).values()
    if target.fitness is Fitness.UNFIT or any(
        one.status == TaskStatus.FAILED or one.flagged_task_id for one in results
    ):
        reason = target.status_reason
        draw = partial(
            _draw_of_one,
            explain_target,
            target.chip_id,
            target.id,
            told=reason.task_id if reason else None,
            is_short=True,
        )
        last = max(results, key=lambda one: one.end_at, default=None)
        has_failed = last is not None and last.status == TaskStatus.FAILED
        _draw_on_demand(view, "target", draw, titled=True, opened=has_failed)


def draw_execution_explanation(view: View, subject: SectionSubject) -> None:
    """Draw the explanation of an execution that has ended with failed, flagged or skipped results; nothing for others. One request on demand."""
    shown: ExecutionView = subject.document
    if not is_active(shown) and any(shown.outcomes.get(one) for one in _BAD):
        _draw_on_demand(view, "execution", partial(_draw_of_execution, shown.execution_id))


@fragment
def _draw_on_demand(
    view: View, key: str, draw: Callable[..., None], *, titled: bool = False, opened: bool = False
) -> None:
    """Draw the switch in the URL, and the causes while it is on; `opened`: it is on unless the URL has it off."""
    scroll_here(view.param(_PARAM), key="explanation.scroll", block="start")
    with st.container(horizontal=True, vertical_alignment="center"):
        if titled:
            st.header("Explanation", anchor="explanation", width="content")
        is_on = draw_toggle(view, _PARAM, "Likely causes", default=opened and view.param(_PARAM) != "on")
    if is_on:
        with st.container(key=f"explanation-{key}"):
            draw(view=view)


def _draw_of_one(
    operation: Operation[..., ExplanationDocument],
    *place: str,
    view: View,
    told: str | None,
    is_short: bool = False,
) -> None:
    """Draw the explanation of a result or a target.

    Parameters
    ----------
    told : str or None
        Result whose outcome and message the page tells elsewhere, or None.
    is_short : bool
        Whether each cause is one line, with its evidence and the related texts folded.
    """
    found = view.ask(operation, *place)
    chip_id = found.chip_id
    if found.result is None:
        show_empty(
            "No task has run on this target yet.",
            "Run one: an explanation needs a result." if view.edits else "An explanation needs a result.",
        )
        return
    _draw_explained_result(view, found, told=told)
    names = {one.task_id: one.task for one in (found.result, *found.considered)}
    if is_short:
        draw_short_causes(view, chip_id, found.causes, task=found.result.task, results=names)
    else:
        draw_causes(view, chip_id, found.causes, task=found.result.task, key="one", results=names)
    if not found.causes:
        (st.caption if is_short else show_empty)(found.no_cause_sentence)
    considered = [format_explained_result(view, chip_id, one) for one in found.considered]
    _draw_folded("Also considered", "result", considered)
    related = [format_related_fact(view, one) for one in found.related]
    if is_short:
        _draw_folded("Related", "text", related)
    elif related:
        st.subheader("Related texts")
        draw_explanation_lines(related)
    _draw_remarks(found.remarks)


def _draw_explained_result(view: View, found: ExplanationDocument, *, told: str | None) -> None:
    """Draw the result that is explained unless the page tells it elsewhere, and since when the target fails."""
    result = found.result
    assert result is not None
    explained = format_explained_result(view, found.chip_id, result)
    lines = [] if found.move is None else [escape(found.move)]
    if found.asked is not None:
        lines.append(f"Skipped because of {explained}")
    elif told != result.task_id:
        started = f" · {view.time(result.start_at)}" if result.start_at else ""
        lines.append(f"{explained}{started}")
    if onset := found.write_onset(view.time):
        lines.append(onset)
    if found.unknown_sentence:
        lines.append(escape(found.unknown_sentence))
    if lines:
        draw_explanation_lines(lines)


def _draw_folded(title: str, word: str, lines: Sequence[str]) -> None:
    """Draw lines of HTML below a title with their number."""
    if lines:
        inside = "".join(f"<div>{one}</div>" for one in lines)
        draw_explanation_lines([format_details(f"{title}: {format_count(len(lines), word)}", inside)])


def _draw_of_execution(execution_id: str, *, view: View) -> None:
    """Draw the explanation of an execution: its groups of targets, then the origins of skipped results."""
    found = view.ask(explain_execution, execution_id)
    if not (found.groups or found.skipped):
        show_empty(found.no_failure_sentence)
    for number, group in enumerate(found.groups):
        _draw_group(view, found, number, group)
    if found.skipped:
        st.subheader("Skipped results")
        draw_explanation_lines(
            _describe_skipped(view, found.chip_id, one) for one in found.skipped[:_SHOWN_ORIGINS]
        )
        if (more := sum(one.n for one in found.skipped[_SHOWN_ORIGINS:])) > 0:
            st.caption(f"{more} skipped for other reasons.")
    _draw_remarks(found.remarks)


def _draw_group(
    view: View, found: ExecutionExplanationDocument, number: int, group: CauseGroupDocument
) -> None:
    chip_id = found.chip_id
    shared = f" · {group.n} of {group.examined} on {escape(group.resource)}" if group.resource else ""
    targets = format_targets(view, chip_id, group.targets)
    with st.container(key=f"explanation-group-{number}"):
        draw_explanation_lines([f"<b>{format_count(group.n, 'target')}</b>{shared}: {targets}"])
        if group.cause is not None:
            draw_causes(
                view,
                chip_id,
                [group.cause],
                task=group.results[0].task,
                key=str(number),
                next_step_phrase=group.next_step_phrase,
            )
        else:
            st.caption(found.write_no_cause(group))
        results = [format_explained_result(view, chip_id, one) for one in group.results[:_MOST_RESULTS]]
        inside = "".join(f"<div>{one}</div>" for one in results)
        draw_explanation_lines([format_details("Results", inside)])


def _describe_skipped(view: View, chip_id: str, group: SkippedGroupDocument) -> str:
    targets = format_targets(view, chip_id, group.targets)
    why = "" if group.origin is None else f", because {format_explained_result(view, chip_id, group.origin)}"
    return f"{format_count(group.n, 'result')} on {targets}{why}"


def _draw_remarks(remarks: Iterable[str]) -> None:
    for one in remarks:
        st.caption(escape_markdown(one))

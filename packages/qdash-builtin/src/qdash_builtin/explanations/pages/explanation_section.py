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
    from collections.abc import Callable, Iterable

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
        _draw_section(view, "result", partial(_draw_of_one, explain_result, result.task_id))


def draw_target_explanation(view: View, subject: SectionSubject) -> None:
    """Draw the explanation of a target that is unfit, or whose newest results failed or were flagged; nothing for others. One request on demand."""
    target: QubitDocument | CouplingDocument = subject.document
    results = (target.results or {}).values()
    if target.fitness is Fitness.UNFIT or any(
        one.status == TaskStatus.FAILED or one.flagged_task_id for one in results
    ):
        _draw_section(view, "target", partial(_draw_of_one, explain_target, target.chip_id, target.id))


def draw_execution_explanation(view: View, subject: SectionSubject) -> None:
    """Draw the explanation of an execution that has ended with failed, flagged or skipped results; nothing for others. One request on demand."""
    shown: ExecutionView = subject.document
    if not is_active(shown) and any(shown.outcomes.get(one) for one in _BAD):
        _draw_on_demand(view, "execution", partial(_draw_of_execution, shown.execution_id))


def _draw_section(view: View, key: str, draw: Callable[..., None]) -> None:
    st.header("Explanation", anchor="explanation")
    _draw_on_demand(view, key, draw)


@fragment
def _draw_on_demand(view: View, key: str, draw: Callable[..., None]) -> None:
    scroll_here(view.param(_PARAM), key="explanation.scroll", block="start")
    if draw_toggle(view, _PARAM, "Likely causes"):
        with st.container(key=f"explanation-{key}"):
            draw(view=view)


def _draw_of_one(operation: Operation[..., ExplanationDocument], *place: str, view: View) -> None:
    """Draw the explanation of a result or a target."""
    found = view.ask(operation, *place)
    chip_id = found.chip_id
    if found.result is None:
        show_empty("No task has run on this target yet.", "Run one: an explanation needs a result.")
        return
    explained = format_explained_result(view, chip_id, found.result)
    if found.move is not None:
        draw_explanation_lines([escape(found.move)])
    if found.asked is not None:
        draw_explanation_lines([f"Skipped because of {explained}"])
    elif view.param("result") != found.result.task_id:
        started = f" · {view.time(found.result.start_at)}" if found.result.start_at else ""
        draw_explanation_lines([f"{explained}{started}"])
    if onset := found.write_onset(view.time):
        draw_explanation_lines([onset])
    if found.unknown_sentence:
        draw_explanation_lines([escape(found.unknown_sentence)])
    names = {one.task_id: one.task for one in (found.result, *found.considered)}
    draw_causes(view, chip_id, found.causes, task=found.result.task, key="one", results=names)
    if not found.causes:
        show_empty(found.no_cause_sentence)
    considered = [format_explained_result(view, chip_id, one) for one in found.considered]
    if considered:
        inside = "".join(f"<div>{one}</div>" for one in considered)
        draw_explanation_lines(
            [format_details(f"Also considered: {format_count(len(considered), 'result')}", inside)]
        )
    if found.related:
        st.subheader("Related texts")
        draw_explanation_lines(format_related_fact(view, one) for one in found.related)
    _draw_remarks(found.remarks)


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

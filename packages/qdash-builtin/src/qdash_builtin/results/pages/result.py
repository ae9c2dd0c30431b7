"""Result page: outcome, figure, values, inputs and actions."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

import streamlit as st

from qdash_builtin.provenance.pages.impact import make_impact_url
from qdash_builtin.results.operations.results import list_results, result_neighbours, show_result
from qdash_builtin.results.pages.own_analysis import draw_own_analysis
from qdash_builtin.results.pages.refit import draw_refit, draw_refit_button
from qdash_builtin.results.pages.result_decision import draw_decision
from qdash_builtin.results.pages.result_figure import draw_result_figure
from qdash_builtin.results.pages.result_figures import draw_download
from qdash_builtin.results.pages.result_rerun import draw_rerun
from qdash_builtin.results.pages.result_tables import (
    draw_inputs,
    draw_outputs,
    draw_quality,
    draw_run_parameters,
    draw_times,
)
from qdash_builtin.results.pages.result_walk import draw_sequence_choice, draw_walk, read_sequence
from qdash_builtin.results.views.neighbours import ResultNeighboursDocument
from qdash_builtin.runs.pages.refit_display import describe_refit
from qdash_builtin.runs.pages.verdicts import draw_verdict
from qdash_core.errors import NotFoundError
from qdash_core.features.sections import SectionSubject
from qdash_core.models.analysis_names import name_analysis
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.columns import make_wide_and_narrow
from qdash_ui_streamlit.display.download_link import draw_context_links
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.lines import draw_lines, format_link
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty, show_errors
from qdash_ui_streamlit.display.object_links import format_object
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.sections import draw_sections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_builtin.runs.views.results import RecordedResult, ResultDocument
    from qdash_ui_streamlit.view import View

_RELATED = (
    Column("what", "Result", link="link"),
    Column("status", "Status", "status"),
    Column("verdict", "Verdict", "status"),
    Column("at", "Measured", "time"),
    Column("refit", "Analysis"),
)


def render(view: View) -> None:
    """Draw the page of the result in the URL."""
    task_id = view.param("result")
    if task_id is None:
        st.title("Result")
        show_empty("No result is selected.", f"Open one from an [execution]({view.link('executions')}).")
        return
    try:
        result = view.ask(show_result, task_id)
    except NotFoundError:
        st.title("Result")
        st.warning(
            f"There is no result {escape_markdown(task_id)} in this project.", icon=":material/search_off:"
        )
        st.markdown(f"Open one from an [execution]({view.link('executions')}).")
        return
    on = f" on {result.task_type} {result.qid}" if result.qid else ""
    st.title(f"{result.name}{on}")
    if result.status.terminal:
        _draw_finished(view, iter((result,)), task_id)
    else:
        _draw_unfinished(view, result)


@fragment
def _draw_unfinished(view: View, result: RecordedResult) -> None:
    """Draw an unfinished result, and redraw the page when it is finished."""
    rerun_on_events("result.ended", ALL, execution_id=result.execution_id, target=result.qid or None)
    now = view.ask(show_result, result.task_id)
    if now.status.terminal:
        rerun()
    _draw_origin(view, now)
    draw_verdict(view, now)
    show_empty(
        "Its run has left it unfinished: the process that ran it died."
        if now.interrupted
        else "Not finished yet: this page updates when it is."
    )


@fragment
def _draw_finished(view: View, first: Iterator[RecordedResult], task_id: str) -> None:
    """Draw a finished result, and redraw it after decisions and other changes. `first` yields the loaded result once."""
    result = next(first, None) or view.ask(show_result, task_id)
    neighbours = ResultNeighboursDocument()
    with show_errors():
        neighbours = view.ask(result_neighbours, result.task_id, along=read_sequence(view))
    rerun_on_events("result", ALL, chip_id=result.chip_id, target=result.qid or None, at_most_every_s=5.0)
    draw_walk(view, result, neighbours)
    _draw_origin(view, result)
    draw_verdict(view, result)
    with st.container(horizontal=True):
        with st.container(width="content"):
            draw_decision(view, result)
        draw_refit_button(result)
    large, small = make_wide_and_narrow("result")
    with large:
        draw_result_figure(view, result, neighbours.with_data)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            draw_sequence_choice(view)
            with st.popover("Download", width="content"):
                draw_download(view, result)
                draw_context_links(
                    view, f"task-results/{quote(result.task_id, safe='')}", name=result.task_id[:8]
                )
    with small:
        draw_outputs(view, result)
        draw_quality(result)
        draw_times(result)
    draw_refit(view, result)
    draw_own_analysis(view, result)
    subject = SectionSubject(
        result.chip_id, result.qid or None, result.task_id, result.execution_id or None, result
    )
    draw_sections(view, "result", subject, at_head=True)
    related: list[ResultDocument] = []
    with show_errors():
        related = _load_related(view, result)
    draw_rerun(view, result)
    draw_inputs(view, result, {one.task_id: one.name for one in related})
    draw_run_parameters(view, result)
    _draw_related(view, result, related)
    draw_sections(view, "result", subject, at_head=False)


def _draw_origin(view: View, result: RecordedResult) -> None:
    """Draw the origin of a result: target, execution, task attempt, and the original of a refit or analysis."""
    parts = [f"chip {format_object(view, 'chip', result.chip_id)}"]
    if result.task_type in ("qubit", "coupling"):
        address = make_target_url(view, result.chip_id, result.qid, task=result.name)
        parts.append(format_link(address, f"{result.task_type} {result.qid}"))
    if result.control:
        parts.append(f"control qubit {escape(result.control)}")
    if result.execution_id:  # values set by hand have none
        address = view.link("execution", execution=result.execution_id)
        parts.append(format_link(address, f"execution {result.execution_id}"))
    parts.append(format_link(view.link("tasks", task=result.name, chip=result.chip_id), "about the task"))
    if result.output_parameters:
        parts.append(format_link(make_impact_url(view, result.task_id), "what used it"))
    if result.attempt > 1:
        parts.append(f"task attempt {result.attempt}")
    if result.refit_of:
        parts.append(
            f"{escape(name_analysis(result.analysis_model))} of {format_link(view.link('result', result=result.refit_of), 'its measurement')}"
        )
    if result.tags:
        parts.append(f"tags {escape(', '.join(result.tags))}")
    if result.cooldown_id:
        address = view.link("cooldown", cooldown=result.cooldown_id)
        parts.append(f"cool-down {format_link(address, result.cooldown_id)}")
    parts.append(f"by {format_object(view, 'user', result.username)}")
    draw_lines([parts])


def _load_related(view: View, result: RecordedResult) -> list[ResultDocument]:
    """Return the newest 200 results on the same target in the same execution; none for values set by hand."""
    if not result.execution_id:
        return []
    page = view.ask(list_results.paged(limit=200), execution_id=result.execution_id, target=result.qid)
    return list(page.items)


def _draw_related(view: View, result: RecordedResult, related: list[ResultDocument]) -> None:
    """Draw the other task attempts, refits and users' analyses of the same measurement."""
    rows = [
        {
            "what": _describe_relation(result, one),
            "link": view.link("result", result=one.task_id),
            "status": str(one.status),
            "verdict": one.verdict_in_force and str(one.verdict_in_force),
            "at": one.measurement.end_at,
            "refit": describe_refit(view, one),
        }
        for one in related
        if one.name == result.name and one.task_id != result.task_id
    ]
    if rows:
        st.header("Other task attempts and analyses")
        table(view, _RELATED, rows, key="others", label="Other task attempts and analyses", filtered=False)


def _describe_relation(result: RecordedResult, other: ResultDocument) -> str:
    if other.task_id == result.refit_of:
        return "original result"
    if not other.refit_of:
        return f"task attempt {other.attempt}"
    name = name_analysis(other.analysis_model)
    return f"{name} of this result" if other.refit_of == result.task_id else name

"""Header of an execution: status, times, request, run attempts, exclusions and actions."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.runs.operations.executions import show_execution
from qdash_builtin.runs.operations.queue import show_queue_entry
from qdash_builtin.runs.pages.execution_actions import draw_actions, is_active
from qdash_builtin.runs.pages.progress import progress
from qdash_core.errors import NotFoundError
from qdash_core.features.sections import SectionSubject
from qdash_core.judgement.conditions import describe_conditions, parse_conditions
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.name_summary import summarize_names
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.counts import format_counts_html
from qdash_ui_streamlit.display.facts import draw_facts
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.markdown import format_sentence
from qdash_ui_streamlit.display.object_links import format_object
from qdash_ui_streamlit.display.statuses import format_status_html
from qdash_ui_streamlit.display.times import format_duration
from qdash_ui_streamlit.sections import draw_sections

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_builtin.runs.views.executions import ExecutionHeader, ExecutionView
    from qdash_builtin.runs.views.queue import QueueEntryDocument
    from qdash_core.models.request import RunRequest
    from qdash_ui_streamlit.view import View

_ATTEMPTS = (
    Column("number", "Run attempt", "number"),
    Column("status", "Status", "status"),
    Column("start_at", "Started", "time"),
    Column("wall_s", "Wall time", "seconds"),
    Column("lab_seconds", "Lab time", "seconds"),
    Column("username", "User", "user"),
    Column("message", "Message"),
)
_EXCLUDED = (Column("target", "Target"), Column("why", "Reason"))
_NAMED_TARGETS = 6
_PARAMETERS = (Column("name", "Parameter"), Column("value", "Value"))


@fragment
def draw_header(view: View, execution_id: str) -> None:
    """Draw the header of an execution."""
    rerun_on_events(f"execution.rerun.{execution_id}", ALL, execution_id=execution_id, at_most_every_s=5.0)
    shown = view.ask(show_execution, execution_id)
    if shown.message:
        (st.error if shown.status is ExecutionStatus.FAILED else st.info)(format_sentence(shown.message))
    entry = _find_queue_entry(view, shown)
    if shown.status is ExecutionStatus.RUNNING and not shown.interrupted:
        progress(view, execution_id)
    draw_facts(list_facts(view, shown, entry))
    draw_actions(view, shown, queued=entry is not None)
    _draw_details(view, shown)
    subject = SectionSubject(shown.chip_id or None, execution_id=execution_id, document=shown)
    draw_sections(view, "execution", subject, at_head=True)


def list_facts(view: View, shown: ExecutionView, entry: QueueEntryDocument | None) -> dict[str, str | None]:
    """Return the facts about an execution and its queue entry: HTML by name."""
    return {
        "Status": format_status_html("interrupted" if shown.interrupted else shown.status),
        "Waiting for": _describe_wait(view, entry),
        "Chip": format_object(view, "chip", shown.chip_id) if shown.chip_id else None,
        "Targets": escape(describe_targets(shown.request)) if shown.request else None,
        "Results": None
        if is_active(shown)
        else format_counts_html(view, shown.execution_id, shown.outcomes) or None,
        "Started": view.time(shown.start_at) if shown.start_at else None,
        "Ended": view.time(shown.end_at) if shown.end_at else None,
        "Wall time": format_duration(shown.wall_s) if shown.start_at and shown.wall_s is not None else None,
        "Laboratory time": format_duration(shown.lab_s)
        if shown.start_at and shown.lab_s is not None
        else None,
        "User": format_object(view, "user", shown.username),
        "Author": escape((shown.request and shown.request.drafted_by) or "") or None,
        "Tags": escape(", ".join(shown.tags)) or None,
        "Rerun of": _make_rerun_link(view, shown.request),
        "Values": _describe_values(view, shown),
    }


def _describe_values(view: View, shown: ExecutionView) -> str | None:
    """Return why the values are not ordinary values of the chip (simulated, adopted, in a scope, not saved), or None if they are."""
    if shown.adopted is not None:
        return f"simulated, adopted by {format_object(view, 'user', shown.adopted.username)} {view.time(shown.adopted.adopted_at)}"
    if shown.simulated:
        return "simulated, not those of the chip"
    if shown.scope is not None:
        address = view.link("chip", chip=shown.chip_id, view="scopes", scope=shown.scope)
        return f"in value scope {format_link(address, shown.scope)}"
    return "not saved" if shown.request and not shown.request.saved else None


def describe_targets(request: RunRequest) -> str:
    """Return a short description of the targets of a run request, with the conditions that select among them."""
    only = f" that are {describe_conditions(parse_conditions(request.only))}" if request.only else ""
    return _describe_selection(request) + only


def _describe_selection(request: RunRequest) -> str:
    requested = request.targets
    if request.single is not None:
        return request.single or "the chip"
    without = f" except {', '.join(requested.exclude)}" if requested.exclude else ""
    if requested.muxes is not None:
        return f"multiplexers {', '.join(map(str, requested.muxes))}{without}"
    for kind, names in (("qubits", requested.qubits), ("couplings", requested.couplings)):
        if names is not None:
            return (summarize_names(names, _NAMED_TARGETS) if names else f"all {kind}") + without
    return f"all qubits{without}"


def _make_rerun_link(view: View, request: RunRequest | None) -> str | None:
    if request is None or request.since is None:
        return None
    address = escape(view.link("execution", execution=request.since))
    return f'<a href="{address}">{escape(request.since)}</a>'


def _find_queue_entry(view: View, shown: ExecutionView) -> QueueEntryDocument | None:
    """Return the queue entry of a waiting execution, or None."""
    if shown.status in (ExecutionStatus.RUNNING, ExecutionStatus.COMPLETED) and not shown.interrupted:
        return None
    try:
        entry = view.ask(show_queue_entry, shown.execution_id)
    except NotFoundError:
        return None
    # An execution that has just ended stays in the queue as running until its worker removes it.
    return None if entry.state == "running" and not shown.interrupted else entry


def _describe_wait(view: View, entry: QueueEntryDocument | None) -> str | None:
    if entry is None:
        return None
    queue = escape(view.link("executions", view="queue"))
    return f'{escape(entry.waits_for or "its start")} (<a href="{queue}">queue</a>)'


def _draw_details(view: View, shown: ExecutionView) -> None:
    """Draw the long parts: parameters, run attempts and exclusions."""
    requested = list_parameters(shown.request) if shown.request else []
    if requested:
        with st.expander(f"Requested parameters ({len(requested)})"):
            table(
                view,
                _PARAMETERS,
                requested,
                key="execution.asked",
                label="Requested parameters",
                filtered=False,
            )
    if len(shown.attempts) > 1:
        with st.expander(f"Run attempts ({len(shown.attempts)})"):
            table(
                view,
                _ATTEMPTS,
                list_attempts(shown),
                key="execution.attempts",
                label="Run attempts",
                filtered=False,
            )
    if shown.left_out:
        rows = [{"target": target, "why": why} for target, why in shown.left_out.items()]
        with st.expander(f"Excluded targets ({len(rows)})"):
            table(view, _EXCLUDED, rows, key="execution.left_out", label="Excluded targets")


def list_parameters(request: RunRequest) -> list[dict[str, Any]]:
    """Return the parameters of a request as table rows: those of tasks, then those of its flow."""
    rows: list[dict[str, Any]] = []
    for name, value in request.run_parameters.items():
        # Parameters of a single task are below its name.
        own = {f"{name}.{one}": of for one, of in value.items()} if isinstance(value, dict) else {name: value}
        rows += [{"name": one, "value": str(of)} for one, of in own.items()]
    return rows + [
        {"name": f"flow: {name}", "value": str(value)} for name, value in request.parameters.items()
    ]


def make_start_cell(shown: ExecutionHeader) -> datetime | str:
    """Return the start of an execution as a cell of a table, or in words that it waits for it or never had one."""
    return shown.start_at or ("never started" if shown.status.terminal else "waiting")


def list_attempts(shown: ExecutionView) -> list[dict[str, Any]]:
    """Return the run attempts of an execution as table rows."""
    return [
        {
            "number": number,
            "status": str(one.status),
            "start_at": one.start_at,
            "wall_s": (one.end_at - one.start_at).total_seconds() if one.end_at else None,
            "lab_seconds": one.lab_seconds,
            "username": one.username,
            "message": one.message,
        }
        for number, one in enumerate(shown.attempts, 1)
    ]

"""Executions page: list of executions, list of results, and queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import streamlit as st

from qdash_builtin.results.pages import result_list
from qdash_builtin.runs.operations.executions import ListedStatus, interrupted_executions, list_executions
from qdash_builtin.runs.operations.queue import list_queue
from qdash_builtin.runs.pages import queue
from qdash_builtin.runs.pages.execution_actions import draw_resume_button, show_last_action
from qdash_builtin.runs.pages.execution_header import make_start_cell
from qdash_builtin.runs.pages.record_filters import (
    FURTHER_FILTERS,
    SHARED_FILTERS,
    draw_further_filters,
    draw_record_filters,
)
from qdash_ui_streamlit.components.event_kinds import ALL, ALL_BUT_TASKS
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.counts import make_count_cell
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.paging import draw_paging
from qdash_ui_streamlit.display.statuses import format_status
from qdash_ui_streamlit.display.views import draw_view_links
from qdash_ui_streamlit.forms import query_params
from qdash_ui_streamlit.forms.more_filters import more_filters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.runs.views.executions import ExecutionHeader
    from qdash_ui_streamlit.view import View

PLACE = "executions"
_FILTERS = (*SHARED_FILTERS, "status")
_COLUMNS = (
    Column("execution_id", "Execution", "execution"),
    Column("name", "Flow or task"),
    Column("chip_id", "Chip", "chip"),
    Column("status", "Status", "status"),
    Column("start_at", "Started", "time"),
    Column("wall_s", "Wall time", "seconds"),
    Column("lab_s", "Lab time", "seconds", help="Laboratory time from the start of the first measurement to the end of the last one"),
    Column("results", "Results", "states", help="Each number opens the results that it counts"),
    Column("username", "User", "user"),
    Column("tags", "Tags"),
    Column("message", "Message"),
)  # fmt: skip


def render(view: View) -> None:
    """Draw the page."""
    st.title("Executions")
    kept = {name: view.param(name) for name in SHARED_FILTERS}
    offered = {
        "list": ("List", view.link(PLACE, **kept)),
        "results": ("Results", view.link(PLACE, view="results", **kept)),
        "queue": ("Queue", view.link(PLACE, view="queue", chip=kept["chip"])),
    }
    named = view.param("view")
    shown = named if named in offered else "list"
    draw_view_links(shown, offered, label="Executions")
    if shown == "queue":
        queue.render(view)
    elif shown == "results":
        result_list.render(view, PLACE)
    else:
        _draw_interrupted(view)
        _draw_list(view, _draw_filters(view))


def _draw_filters(view: View) -> dict[str, Any]:
    """Draw the filters, and return the query of the host."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        filters = draw_record_filters(view)
        status = query_params.draw_select(
            view,
            "status",
            "Status",
            get_args(ListedStatus),
            any_text="any status",
            format_option=format_status,
            clears=("after",),
        )
        with more_filters(view, FURTHER_FILTERS):
            filters |= draw_further_filters(view)
    return {**filters, **({"status": (status,)} if status else {})}


@fragment
def _draw_list(view: View, filters: dict[str, Any]) -> None:
    rerun_on_events(
        "executions.rerun",
        ALL,
        chip_id=filters.get("chip_id"),
        at_most_every_s=4.0,
    )
    page = view.ask(list_executions.paged(after=view.param("after")), **filters)
    filtered = any(view.param(name) for name in _FILTERS)
    table(
        view,
        _COLUMNS,
        make_rows(view, page.items),
        key="executions.table",
        label="Executions",
        filtered=False,
        empty="No executions match the filters."
        if filtered
        else f"No executions yet{': start a run on the chip page' if view.edits else ''}.",
    )
    draw_paging(view, PLACE, _FILTERS, page.next, label="Pages of executions")


def make_rows(view: View, found: Sequence[ExecutionHeader]) -> list[dict[str, Any]]:
    """Return executions as table rows."""
    return [
        {
            "execution_id": one.execution_id,
            "name": f"{one.name} (simulated)" if one.simulated else one.name,
            "chip_id": one.chip_id,
            "status": "interrupted" if one.interrupted else str(one.status),
            "start_at": make_start_cell(one),
            "wall_s": one.wall_s if one.start_at else None,
            "lab_s": one.lab_s if one.start_at else None,
            "results": make_count_cell(view, one.execution_id, one.outcomes),
            "username": one.username,
            "tags": ", ".join(one.tags),
            "message": one.message,
        }
        for one in found
    ]


@fragment
def _draw_interrupted(view: View) -> None:
    """Draw interrupted executions, with buttons that resume them."""
    rerun_on_events("interrupted.rerun", ALL_BUT_TASKS)
    show_last_action("interrupted")
    found = view.ask(interrupted_executions).items
    if not found:
        return
    queued = {one.execution_id for one in view.every(list_queue)}
    with st.container(border=True):
        st.markdown("**Interrupted**: the processes of these executions died. Their results are kept.")
        for one in found:
            with st.container(horizontal=True, vertical_alignment="center"):
                address = view.link("execution", execution=one.execution_id)
                st.markdown(
                    f"[{one.execution_id}]({address}) {escape_markdown(one.name)} on {escape_markdown(one.chip_id)}, started {view.time(one.start_at)}",
                    unsafe_allow_html=True,
                    width="content",
                )
                if one.execution_id in queued:
                    st.markdown("Resumes as soon as a worker is available.", width="content")
                elif view.edits:
                    draw_resume_button(view, one.execution_id, place="interrupted")

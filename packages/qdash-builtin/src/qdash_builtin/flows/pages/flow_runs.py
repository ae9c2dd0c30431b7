"""Runs of a flow: the form that starts, previews and plans them, and the newest runs with their logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.flows.pages.flow_editor import make_draft_key
from qdash_builtin.flows.pages.flow_place import PAGE, draw_flow_facts
from qdash_builtin.runs.operations.executions import execution_header, list_executions
from qdash_builtin.runs.pages.execution_actions import is_active
from qdash_builtin.runs.pages.execution_header import make_start_cell
from qdash_builtin.runs.pages.log import log
from qdash_builtin.runs.pages.run_form import draw_run_form
from qdash_builtin.timetables.operations import list_timetables
from qdash_core.errors import NotFoundError
from qdash_ui_streamlit.components.event_kinds import ALL_BUT_TASKS
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import escape_markdown, escape_message
from qdash_ui_streamlit.display.notices import show_empty, show_no_chip
from qdash_ui_streamlit.forms.option_lists import load_chips
from qdash_ui_streamlit.forms.query_params import draw_choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.flows.pages.flow_place import FlowPlace
    from qdash_builtin.runs.views.executions import ExecutionHeader
    from qdash_ui_streamlit.view import View

_WIDTH = 490
"""Width of the form in pixels; the runs are below it where both do not fit."""
# Beside the form where there is room, else below it.
_STYLE = (
    "<style>[data-testid=stLayoutWrapper]:has(> .st-key-flow-runs) { min-width: min(100%, 28rem); }</style>"
)
_NEWEST = 100
"""Number of the newest executions of the chip among which those of the flow are shown."""
_SHOWN = 8
_COLUMNS = (
    Column("execution_id", "Execution", "execution"),
    Column("status", "Status", "status"),
    Column("start_at", "Started", "time"),
    Column("log", "Log", link="log_address"),
)


def draw_flow_runs(view: View, flow: FlowPlace) -> None:
    """Draw the form of a run beside the newest runs of a flow."""
    draw_flow_facts(view, flow)
    chip_id, chips = load_chips(view)
    if chip_id is None:
        show_no_chip(view)
        return
    draw_choice(view, "chip", "Chip", chips)
    if flow.saved is not None and st.session_state.get(make_draft_key(view, flow.name)) is not None:
        address = view.link(PAGE, flow=flow.name, chip=chip_id)
        st.info(
            f"Runs use version {flow.saved.version}: your [unsaved changes]({address}) are not in it.",
            icon=":material/edit_note:",
        )
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=_WIDTH):
            st.header("Run", anchor=False)
            draw_run_form(view, chip_id, (), flow=flow.name, described=False, key=f"flows.run.{flow.name}")
        with st.container(key="flow-runs"):
            st.html(_STYLE)
            st.header("Newest runs", anchor=False)
            _draw_timetables(view, flow.name)
            _draw_runs(view, flow.name, chip_id)


def _draw_timetables(view: View, name: str) -> None:
    found = [
        one.name
        for one in view.every_offered(list_timetables.paged(limit=200))
        if one.request is not None and one.request.flow == name
    ]
    if found:
        links = ", ".join(
            f"[{escape_markdown(one)}]({view.link('timetables', timetable=one)})" for one in found
        )
        st.markdown(f"Timetables: {links}")


@fragment
def _draw_runs(view: View, name: str, chip_id: str) -> None:
    """Draw the newest runs, and the log of the one in the URL or of the newest."""
    rerun_on_events("flows.runs.rerun", ALL_BUT_TASKS, chip_id=chip_id)
    page = view.ask(list_executions.paged(limit=_NEWEST), chip_id=chip_id)
    found = [one for one in page.items if one.name == name][:_SHOWN]
    if not found:
        show_empty(
            f"No run of {escape_markdown(name)} is among the newest {_NEWEST} of chip {escape_markdown(chip_id)}."
        )
        return
    rows = [
        {
            "execution_id": one.execution_id,
            "status": "interrupted" if one.interrupted else str(one.status),
            "start_at": make_start_cell(one),
            "log": "log",
            "log_address": view.link(PAGE, flow=name, view="run", chip=chip_id, run=one.execution_id),
        }
        for one in found
    ]
    table(view, _COLUMNS, rows, key="flows.runs", label=f"Newest runs of {name}", filtered=False)
    shown = _select_run(view, found)
    if shown is not None:
        address = view.link("execution", execution=shown.execution_id)
        st.markdown(f"Log of [{shown.execution_id}]({address})")
        if shown.message:
            st.caption(escape_message(shown.message))
        log(view, shown.execution_id, ended=not is_active(shown))


def _select_run(view: View, found: Sequence[ExecutionHeader]) -> ExecutionHeader | None:
    named = view.param("run")
    if named is None:
        return found[0]
    try:
        return view.ask(execution_header, named)
    except NotFoundError:
        return None

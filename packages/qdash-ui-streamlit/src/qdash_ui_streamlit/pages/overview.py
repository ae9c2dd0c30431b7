"""Overview page: alerts, running and waiting runs, chips and last executions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_ui_streamlit.components.chip_cards import chip_cards
from qdash_ui_streamlit.components.progress import progress
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.components.wake import wake
from qdash_ui_streamlit.forms.cancel import ask_to_cancel
from qdash_ui_streamlit.pages.first_run import FOLLOWED, draw_first_run, draw_followed_run
from qdash_ui_streamlit.pages.overview_alerts import show_alerts
from qdash_ui_streamlit.pages.overview_data import CHIPS, load_overview
from qdash_ui_streamlit.showing.counts import counts_text
from qdash_ui_streamlit.showing.fragments import part

if TYPE_CHECKING:
    from qdash_ui_streamlit.pages.overview_data import OverviewData
    from qdash_ui_streamlit.view import View

_QUEUE = 5
_KINDS = ("execution.*", "timetable.*", "chip.created", "chip.deleted")
_RUN = (
    Column("name", "Run", link="href"),
    Column("chip_id", "Chip", link="chip_href"),
    Column("status", "Status", "status"),
    Column("began", "Started", "time"),
    Column("wall_s", "Wall time", "seconds"),
    Column("tasks", "Results"),
    Column("username", "User"),
    Column("message", "Message"),
)
_WAITS = (
    Column("name", "Run", link="href"),
    Column("chip_id", "Chip", link="chip_href"),
    Column("state", "Status", "status"),
    Column("submitted_at", "Since", "time"),
    Column("waits_for", "Waiting for"),
    Column("username", "User"),
)
_HELD = (
    Column("instrument", "Instrument"),
    Column("chip_id", "Chip", link="chip_href"),
    Column("owner", "User"),
    Column("execution_id", "Execution", link="href"),
    Column("since", "Since", "time"),
    Column("holder", "Held by"),
)
_WORKERS = (Column("host", "Machine"), Column("pid", "Process id"), Column("since", "Since", "time"))


def render(view: View) -> None:
    """Draw the overview page."""
    st.title("Overview")
    _everything(view)


@part
def _everything(view: View) -> None:
    """Draw the page, again whenever a run begins, waits or ends."""
    wake("overview", kinds=_KINDS)
    found = load_overview(view)
    if not found.chips:
        draw_first_run(view)
        return
    if first := view.param(FOLLOWED):
        draw_followed_run(view, first)
    show_alerts(view, found)
    _running(view, found)
    st.header("Chips")
    chip_cards(view, found.chips)
    if found.more_chips:
        st.markdown(
            f"The newest {CHIPS} chips are shown; select others on the [chip page]({view.link('chip')})."
        )
    _waiting(view, found)
    _last(view, found)
    _instruments(view, found)


def _running(view: View, found: OverviewData) -> None:
    shown = [one for one in found.running if one.execution_id != view.param(FOLLOWED)]
    if shown or not found.running:
        st.header("Active runs")
    if not found.running:
        st.markdown("No active runs.")
    for run in shown:
        if progress(view, run.execution_id, cancel=view.edits):
            ask_to_cancel(view, run.execution_id)


def _waiting(view: View, found: OverviewData) -> None:
    waiting = [one for one in found.queue if one.state != "running"]
    if not waiting:
        return
    st.header("Waiting")
    rows = [
        {
            **one.model_dump(include={"name", "chip_id", "state", "submitted_at", "waits_for", "username"}),
            "href": view.link("execution", execution=one.execution_id),
            "chip_href": view.link("chip", chip=one.chip_id),
        }
        for one in waiting[:_QUEUE]
    ]
    table(view, _WAITS, rows, key="overview.queue", label="Waiting runs", filtered=False)
    st.markdown(f"[Open the queue]({view.link('executions', view='queue')}): {len(waiting)} waiting.")


def _last(view: View, found: OverviewData) -> None:
    st.header("Latest executions")
    rows = [
        {
            **one.model_dump(include={"name", "chip_id", "username", "message", "wall_s"}),
            "status": "interrupted" if one.interrupted else one.status,
            "began": one.start_at,
            "tasks": counts_text(one.tasks),
            "href": view.link("execution", execution=one.execution_id),
            "chip_href": view.link("chip", chip=one.chip_id),
        }
        for one in found.last
    ]
    table(
        view,
        _RUN,
        rows,
        key="overview.last",
        label="Latest executions",
        filtered=False,
        empty="No executions yet.",
    )
    if rows:
        st.markdown(f"[All executions]({view.link('executions')})")


def _instruments(view: View, found: OverviewData) -> None:
    locks, workers = st.columns(2)
    with locks:
        st.header("Instrument locks")
        rows = [
            {
                **one.model_dump(include={"instrument", "chip_id", "owner", "execution_id", "holder"}),
                "since": one.acquired_at,
                "href": view.link("execution", execution=one.execution_id),
                "chip_href": view.link("chip", chip=one.chip_id),
            }
            for one in found.leases
        ]
        table(
            view,
            _HELD,
            rows,
            key="overview.locks",
            label="Instrument locks",
            filtered=False,
            empty="No instrument is in use.",
        )
    with workers:
        st.header("Workers")
        rows = [{"host": one.host, "pid": one.pid, "since": one.acquired_at} for one in found.workers]
        table(
            view,
            _WORKERS,
            rows,
            key="overview.workers",
            label="Workers",
            filtered=False,
            empty="No worker is running.",
        )

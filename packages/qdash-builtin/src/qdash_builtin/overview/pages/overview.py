"""Overview page: the night of a chip, and below it waiting runs, the other chips, the latest executions, locks, workers and the backup."""

from __future__ import annotations

from concurrent.futures import wait
from contextlib import suppress
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.chips.pages.chip_cards import chip_cards
from qdash_builtin.chips.pages.chip_layout import load_layout
from qdash_builtin.overview.pages.first_steps import draw_first_steps, request_members
from qdash_builtin.overview.pages.night import WAITING, draw_night, draw_night_head
from qdash_builtin.overview.pages.overview_alerts import describe_backup
from qdash_builtin.overview.pages.overview_data import CHIPS, load_latest_executions, load_overview
from qdash_builtin.runs.pages.execution_header import make_start_cell
from qdash_builtin.runs.pages.locks import describe_holder
from qdash_core.errors import QDashError
from qdash_core.features.sections import SectionSubject
from qdash_core.models.claims import describe_resources
from qdash_ui_streamlit.components.event_kinds import ALL, ALL_BUT_TASKS
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.counts import make_count_cell
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.lines import draw_lines, format_link
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_errors, show_problem
from qdash_ui_streamlit.invitation import draw_invitations
from qdash_ui_streamlit.sections import draw_sections

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qdash_builtin.overview.pages.overview_data import OverviewData
    from qdash_builtin.runs.views.executions import ExecutionHeader
    from qdash_ui_streamlit.view import View

_MOST_WAITING = 5
_RECOUNTED_S = 5.0
"""Minimum time between two loads of the numbers of results during a run, in seconds, as on the cards of the chips."""
_EXECUTIONS = (
    Column("name", "Run", link="href"),
    Column("chip_id", "Chip", "chip"),
    Column("status", "Status", "status"),
    Column("began", "Started", "time"),
    Column("wall_s", "Wall time", "seconds"),
    Column("results", "Results", "states", help="Each number opens the results that it counts"),
    Column("username", "User", "user"),
    Column("message", "Message"),
)
_WAITING = (
    Column("name", "Run", link="href"),
    Column("chip_id", "Chip", "chip"),
    Column("state", "Status", "status"),
    Column("submitted_at", "Since", "time"),
    Column("waits_for", "Waiting for"),
    Column("username", "User", "user"),
)
_LOCKS = (
    Column("instrument", "Instrument"),
    Column("owner", "User", "user"),
    Column("execution_id", "Execution", "execution"),
    Column("since", "Since", "time"),
    Column("holder", "Held by"),
    Column("parts", "Locked", help="Other runs can use the other parts of the instrument"),
    Column("chip_id", "Chip", "chip"),
)


def render(view: View) -> None:
    """Draw the overview page."""
    st.title("Overview")
    draw_invitations(view)
    if not view.edits and view.me.project_id is not None:
        st.caption(
            f"You are {view.me.role or 'not a member'} of project {escape_markdown(view.project_id)}: you see everything in it, and may export and make "
            f"dry runs. Its [owner and editors]({view.link('members')}) run, decide and change."
        )
    _draw_overview(view, iter((True,)))


@fragment
def _draw_overview(view: View, opened: Iterator[bool]) -> None:
    """Draw the page, and redraw it when a run starts, waits or ends. `opened` yields once."""
    rerun_on_events("overview", ALL_BUT_TASKS)
    members = request_members(view)
    found = load_overview(view)
    # Parts that come and go are in containers, so that the fragments below keep their places: a rerun of one writes to its former place.
    with st.container():
        for problem in found.problems:
            show_problem(problem, may_retry=True)
        followed = None
        with show_errors():
            followed = draw_first_steps(view, found, members)
        if followed:
            found = replace(found, running=[one for one in found.running if one.execution_id != followed])
        draw_night_head(view, found)
    if not found.chips:
        return
    # The night is a container from the start: its fragment can be drawn again while this one waits for the digest.
    with st.container(key="overview-night"):
        waiting, night = st.empty(), st.container()
    if next(opened, False) and found.digest is not None:  # later, the former night stays until the next one
        waiting.html(WAITING)
    with st.container():
        _draw_waiting_runs(view, found)
        _draw_other_chips(view, found)
    st.header("Latest executions")
    _draw_latest_executions(view, iter((found.last,)))
    _draw_laboratory(view, found)
    draw_sections(view, "overview", SectionSubject(view.param("chip")))
    if found.digest is not None:
        with suppress(QDashError):  # the night shows the error
            load_layout(view, found.digest.chip_id, found.digest.chip)
        # Last, since the host may take longer for it than for the rest of the page.
        wait([found.digest.answer])
        waiting.empty()
        with night:
            draw_night(view, found, found.digest, iter((found.digest.answer,)))


def _draw_other_chips(view: View, found: OverviewData) -> None:
    others = [one for one in found.chips if found.digest is None or one.chip_id != found.digest.chip_id]
    if others:
        st.header("Other chips")
        chip_cards(view, others)
    if found.more_chips:
        st.markdown(
            f"The newest {CHIPS} chips are shown; select others on the [chip page]({view.link('chip')})."
        )


def _draw_waiting_runs(view: View, found: OverviewData) -> None:
    waiting = [one for one in found.queue if one.state != "running"]
    if not waiting:
        return
    st.header("Waiting")
    rows = [
        {
            **one.model_dump(include={"name", "chip_id", "state", "submitted_at", "waits_for", "username"}),
            "href": view.link("execution", execution=one.execution_id),
        }
        for one in waiting[:_MOST_WAITING]
    ]
    table(view, _WAITING, rows, key="overview.queue", label="Waiting runs", filtered=False)
    st.markdown(f"[Open the queue]({view.link('executions', view='queue')}): {len(waiting)} waiting.")


@fragment
def _draw_latest_executions(view: View, first: Iterator[Sequence[ExecutionHeader]]) -> None:
    """Draw the newest executions, and again when results change their numbers. `first` yields the loaded ones once."""
    rerun_on_events("overview.latest", ALL, at_most_every_s=_RECOUNTED_S)
    last = next(first, None)
    rows = [
        {
            **one.model_dump(include={"name", "chip_id", "username", "message"}),
            "status": "interrupted" if one.interrupted else one.status,
            "began": make_start_cell(one),
            "wall_s": one.wall_s if one.start_at else None,
            "results": make_count_cell(view, one.execution_id, one.outcomes),
            "href": view.link("execution", execution=one.execution_id),
        }
        for one in (load_latest_executions(view) if last is None else last)
    ]
    table(
        view,
        _EXECUTIONS,
        rows,
        key="overview.last",
        label="Latest executions",
        filtered=False,
        empty="No executions yet.",
    )
    if rows:
        st.markdown(f"[All executions]({view.link('executions')})")


def _draw_laboratory(view: View, found: OverviewData) -> None:
    """Draw the locks on instruments as a table, if there are any, then the workers and the backup in lines."""
    st.header("Laboratory")
    rows = [
        {
            **one.model_dump(include={"instrument", "chip_id", "owner", "execution_id"}),
            "holder": describe_holder(view, one),
            "parts": describe_resources(one.resources),
            "since": one.acquired_at,
        }
        for one in found.locks or ()
    ]
    if rows:
        table(view, _LOCKS, rows, key="overview.locks", label="Instrument locks", filtered=False)
    workers = ", ".join(
        f"{escape(one.host)} {one.pid} since {view.time(one.acquired_at)}" for one in found.workers or ()
    )
    unused = "unknown." if found.locks is None else "no instrument is in use."
    locks = format_link(view.link("locks"), "Instrument locks")
    lines = (
        [f"{locks}: {'in use as above.' if rows else unused}"],
        [f"Workers: {workers or ('unknown' if found.workers is None else 'none is running')}."],
        []
        if found.backup is None
        else [f"{describe_backup(found.backup)} <code>qdash store backup</code> makes one."],
    )
    draw_lines(lines)

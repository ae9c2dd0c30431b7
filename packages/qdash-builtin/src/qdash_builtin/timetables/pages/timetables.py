"""Timetables page: list with next starts and last outcomes, and actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.runs.operations.workers import list_workers
from qdash_builtin.timetables.activities import KINDS, get_activity
from qdash_builtin.timetables.calendar import describe_cron, describe_rule
from qdash_builtin.timetables.models.timetable import AfterCooldown, Interval, Moment
from qdash_builtin.timetables.operations import list_timetables
from qdash_builtin.timetables.pages.timetable_actions import draw_timetable_toolbar, show_new_timetable
from qdash_builtin.timetables.pages.timetable_details import draw_timetable
from qdash_ui_streamlit.components.event_kinds import ALL_BUT_TASKS
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_empty

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.timetables.models.timetable import MomentOutcome
    from qdash_builtin.timetables.views.timetables import TimetableDocument
    from qdash_ui_streamlit.view import View

PLACE = "timetables"
_PAGE = 200
_COLUMNS = (
    Column("name", "Timetable", link="address"),
    Column(
        "flow",
        "Flow or task",
        help=f"Or another activity: {', '.join(f'`{kind.noun}` if it {kind.does}' for kind in KINDS[1:])}",
    ),
    Column("chip_id", "Chip", "chip"),
    Column("when", "When"),
    Column("state", "Status", "status"),
    Column("next", "Next start", "time"),
    Column("last", "Last start", "time", help="Newest scheduled time, also if no run was started"),
    Column("became", "Outcome", "status"),
    Column("run", "Execution", link="execution", help="Or the reason why no run was started"),
)


def render(view: View) -> None:
    """Draw the page."""
    st.title("Timetables")
    # Events redraw the list, and not the form that this button opens.
    if view.edits and st.button("New timetable …", icon=":material/add:", key="timetables.new"):
        show_new_timetable(view)
    _draw_list(view)


@fragment
def _draw_list(view: View) -> None:
    rerun_on_events("timetables.rerun", ALL_BUT_TASKS)
    known = [*view.every(list_timetables.paged(limit=_PAGE))]
    if not known:
        how = "Create one to start a flow or a task, or to send a digest, at times of day, at intervals, once, or after each cool-down."
        show_empty(
            "There are no timetables yet.", how if view.edits else "Editors of the project create them."
        )
    else:
        _draw_known(view, known)
    if (named := view.param("timetable")) is not None:
        draw_timetable(view, named, known)


def _draw_known(view: View, known: Sequence[TimetableDocument]) -> None:
    """Draw the timetables, and what may be done with the selected ones, or else with the open one."""
    if not view.ask(list_workers.paged(limit=1)).items and any(
        one.next_starts or one.waits_for for one in known
    ):
        st.warning(
            "No worker is running, so nothing is started: start one with `qdash worker`.",
            icon=":material/engineering:",
        )
    by = "name" if view.edits else ""
    chosen = table(
        view, _COLUMNS, make_rows(view, known), key="timetables.table", label="Timetables", chosen_by=by
    )
    if view.edits:
        draw_timetable_toolbar(
            view, [one for one in known if one.name in (chosen or (view.param("timetable"),))]
        )


def make_rows(view: View, known: Sequence[TimetableDocument]) -> list[dict[str, Any]]:
    """Return timetables as table rows."""
    return [
        {
            "name": one.name,
            "address": view.link(PLACE, timetable=one.name),
            "flow": get_activity(one).label,
            "chip_id": one.chip_id,
            "when": describe_schedule(one, view.zone),
            "state": get_status(one),
            "next": next(iter(one.next_starts), None),
            **_make_last_start_cells(view, one.last),
        }
        for one in known
    ]


def _make_last_start_cells(view: View, last: MomentOutcome | None) -> dict[str, Any]:
    """Return the cells of the outcome of the last start: its execution, or why there is none."""
    if last is None:
        return {}
    run = last.execution_id
    return {
        "last": last.at,
        "became": last.became,
        "run": run or last.why,
        "execution": view.link("execution", execution=run) if run else None,
    }


def describe_schedule(timetable: TimetableDocument, zone: ZoneInfo) -> str:
    """Return the schedule of a timetable in words, with the time zone if it is not the user's."""
    when = timetable.when
    if isinstance(when, Moment):
        return f"Once, at {when.at.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(when, AfterCooldown):
        return f"After {timetable.waits_for}" if timetable.waits_for else "After each cool-down"
    if isinstance(when, Interval):
        return describe_rule(when, zone).capitalize()
    there = "" if timetable.timezone == zone.key else f", {timetable.timezone}"
    return f"{describe_cron(when.expression)}{there}"


def get_status(timetable: TimetableDocument) -> str:
    """Return the status of a timetable: paused, active, or ended if it has no further starts."""
    if timetable.paused:
        return "paused"
    return "active" if timetable.next_starts or timetable.waits_for else "ended"

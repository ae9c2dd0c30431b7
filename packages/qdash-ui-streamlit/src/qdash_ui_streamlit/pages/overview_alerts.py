"""What wants somebody's attention: nobody to perform runs, runs that were interrupted, held, failed, or not begun in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from qdash_core.cli.rendering.output import counted
from qdash_core.models.execution import ExecutionStatus
from qdash_ui_streamlit.pages.execution_actions import last_done, resume_button
from qdash_ui_streamlit.showing.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.documents.executions import ExecutionHeader
    from qdash_core.documents.timetables import TimetableDocument
    from qdash_core.models.timetable import MomentOutcome
    from qdash_ui_streamlit.pages.overview_now import Now
    from qdash_ui_streamlit.view import View

_OF_LATE = timedelta(hours=24)
_NAMED = 5
_PLACE = "interrupted"


def alerts(view: View, found: Now) -> None:
    """Show them, the most urgent first; nothing where all is well."""
    if not found.workers:
        st.error(
            without_workers(sum(one.state == "waiting" and one.detached for one in found.queue)),
            icon=":material/engineering:",
        )
    last_done(_PLACE)
    for run in found.interrupted[:_NAMED]:
        _interrupted(view, run)
    held = [one for one in found.queue if one.held]
    if held:
        names = ", ".join(
            f"{plain(one.name)} on {plain(one.chip_id)} ({plain(one.reason)})" for one in held[:_NAMED]
        )
        st.warning(
            f"**Held in the queue**: {names}. [Release or remove]({view.link('executions', view='queue')})",
            icon=":material/pan_tool:",
        )
    failed = failed_of_late(found.last, datetime.now(UTC))
    if failed:
        links = ", ".join(_linked(view, one) for one in failed[:_NAMED])
        st.warning(f"**Failed in the last 24 hours**: {links}", icon=":material/error:")
    for timetable, last in not_started_of_late(found.timetables, datetime.now(UTC))[:_NAMED]:
        address = view.link("timetables", timetable=timetable.name)
        st.warning(
            f"**Timetable [{plain(timetable.name)}]({address})** started nothing: {plain(last.why)}",
            icon=":material/schedule:",
        )


def without_workers(n_waiting: int) -> str:
    """Return what is said where no worker lives."""
    wait = (
        f"the queue has {counted(n_waiting, 'run')}, and nobody performs what is in it"
        if n_waiting
        else "what is started now would wait"
    )
    return (
        f"**No worker is there**: {wait}.  \nStart one on a machine that sees the store: `qdash worker` "
        "(`qdash up` brings one with it)."
    )


def failed_of_late(last: Iterable[ExecutionHeader], moment: datetime) -> list[ExecutionHeader]:
    """Return the executions that failed within a day before a moment."""
    return [
        one
        for one in last
        if one.status is ExecutionStatus.FAILED and one.end_at is not None and moment - one.end_at < _OF_LATE
    ]


def not_started_of_late(
    timetables: Iterable[TimetableDocument], moment: datetime
) -> list[tuple[TimetableDocument, MomentOutcome]]:
    """Return the timetables that were to start something within a day before a moment and did not, with why."""
    return [
        (one, one.last)
        for one in timetables
        if one.last is not None and one.last.became != "started" and moment - one.last.at < _OF_LATE
    ]


def _interrupted(view: View, run: ExecutionHeader) -> None:
    st.warning(f"**Interrupted**: {_linked(view, run)}; its process died.", icon=":material/bolt:")
    if view.edits:
        resume_button(view, run.execution_id, place=_PLACE)


def _linked(view: View, run: ExecutionHeader) -> str:
    address = view.link("execution", execution=run.execution_id)
    return f"[{plain(run.name)} on {plain(run.chip_id)}]({address})"

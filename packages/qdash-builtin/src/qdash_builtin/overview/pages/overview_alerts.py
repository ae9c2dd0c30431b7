"""Alerts: no workers, interrupted, held or failed runs, an old backup, and timetables whose last start was missed, skipped or failed."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from qdash_builtin.overview.pages.findings import PLACE, Finding
from qdash_builtin.runs.pages.execution_actions import draw_resume_button
from qdash_builtin.timetables.activities import BUSY, DONE, get_activity
from qdash_cli.rendering.output import format_count
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.times import format_duration
from qdash_ui_streamlit.display.markdown import escape_markdown, escape_message
from qdash_ui_streamlit.display.quantities import use_unit_symbols

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qdash_builtin.home.views.backups import BackupStatusDocument
    from qdash_builtin.overview.pages.overview_data import OverviewData
    from qdash_builtin.runs.views.executions import ExecutionHeader
    from qdash_builtin.timetables.models.timetable import MomentOutcome
    from qdash_builtin.timetables.views.timetables import TimetableDocument
    from qdash_ui_streamlit.view import View

_RECENT = timedelta(hours=24)
_AS_EXPECTED = BUSY | DONE
"""Outcomes of timetables that need no alert."""


def list_alerts(view: View, found: OverviewData) -> Iterator[Finding]:
    """Yield the alerts, the most urgent first."""
    queue = "Queue", view.link("executions", view="queue")
    if found.workers is not None and not found.workers:
        waiting = sum(one.state == "waiting" and one.detached for one in found.queue)
        yield Finding(describe_missing_workers(waiting), queue if waiting else None)
    for run in found.interrupted:
        resume = partial(draw_resume_button, view, run.execution_id, place=PLACE) if view.edits else None
        yield Finding(f"**Interrupted**: {_make_link(view, run)}: its process died", draw_button=resume)
    for one in found.queue:
        if one.held:
            name = f"{escape_markdown(one.name)} on {escape_markdown(one.chip_id)}"
            yield Finding(f"**Held in the queue**: {name}: {escape_message(one.reason)}", queue)
    told = {one.execution_id for one in found.interrupted}  # a dead run may be recorded as failed meanwhile
    for run in select_recent_failures(found.last, view.now()):
        if run.execution_id in told:
            continue
        page = "Open run", view.link("execution", execution=run.execution_id)
        message = f": {escape_message(use_unit_symbols(run.message))}" if run.message else ""
        yield Finding(f"**Failed run**: {_make_link(view, run)}{message}", page)
    for timetable, last in select_missed_timetables(found.timetables, view.now()):
        address = view.link("timetables", timetable=timetable.name)
        what = f"No {get_activity(timetable).noun} by timetable {escape_markdown(timetable.name)}"
        yield Finding(f"**{what}**: {escape_message(last.why)}", ("Timetable", address))
    if found.backup is not None and found.backup.overdue:
        yield Finding(f"**{describe_backup(found.backup)}** `qdash store backup`")


def describe_backup(backup: BackupStatusDocument) -> str:
    """Return a sentence on the age of the last complete backup."""
    if backup.age_s is None:
        return "No complete backup of the store was made."
    age = format_duration(backup.age_s, whole=True)
    if backup.restored:
        return f"The store was restored from a backup that is {age} old; none was made since."
    return f"The last complete backup of the store is {age} old."


def describe_missing_workers(n_waiting: int) -> str:
    """Return the alert for missing workers."""
    wait = (
        f"{format_count(n_waiting, 'run')} in the queue cannot start"
        if n_waiting
        else "new runs have to wait"
    )
    return (
        f"**No worker is running**: {wait}. Start one on a machine with access to the store: `qdash worker` "
        "(`qdash up` includes one)"
    )


def select_recent_failures(last: Iterable[ExecutionHeader], moment: datetime) -> list[ExecutionHeader]:
    """Return the executions that failed within a day before a time."""
    return [
        one
        for one in last
        if one.status is ExecutionStatus.FAILED and one.end_at is not None and moment - one.end_at < _RECENT
    ]


def select_missed_timetables(
    timetables: Iterable[TimetableDocument], moment: datetime
) -> list[tuple[TimetableDocument, MomentOutcome]]:
    """Return the timetables whose last start was due within a day and was missed, skipped or failed, each with its outcome."""
    return [
        (one, one.last)
        for one in timetables
        if one.last is not None and one.last.became not in _AS_EXPECTED and moment - one.last.at < _RECENT
    ]


def _make_link(view: View, run: ExecutionHeader) -> str:
    address = view.link("execution", execution=run.execution_id)
    return f"[{escape_markdown(run.name)} on {escape_markdown(run.chip_id)}]({address})"

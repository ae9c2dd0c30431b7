"""Events of timetables: outcomes of occurrences, and changes by users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from qdash_builtin.timetables.activities import BUSY
from qdash_core.models.execution import EventModel
from qdash_core.repositories.executions import EventRepository

if TYPE_CHECKING:
    from qdash_builtin.timetables.models.timetable import MomentOutcome, TimetableModel
    from qdash_core.repositories.repositories import Repositories


def log_outcome(
    repositories: Repositories, timetable: TimetableModel, outcome: MomentOutcome, *, missed: str
) -> list[EventModel]:
    """Record the outcome of the newest occurrence in the transaction that handles it, and return the events.

    An occurrence that is being performed has no event before it has ended. `missed` describes the missed earlier ones,
    or is empty.
    """
    became = {} if outcome.became in BUSY else {outcome.became: outcome.why}
    if missed:
        became = {"missed": missed, **became}
    events = [
        _make_event(
            timetable,
            what,
            execution_id=outcome.execution_id if what == "started" else "",
            at=outcome.at.isoformat(),
            message=why,
        )
        for what, why in became.items()
    ]
    for event in events:
        repositories.of(EventRepository).append(event)
    return events


def log_change(
    repositories: Repositories,
    timetable: TimetableModel,
    what: Literal["created", "changed", "deleted"],
    *,
    username: str,
) -> None:
    """Record a user's change of a timetable in the transaction of the change."""
    repositories.of(EventRepository).append(_make_event(timetable, what, username=username))


def _make_event(timetable: TimetableModel, what: str, *, execution_id: str = "", **data: Any) -> EventModel:
    return EventModel(
        project_id=timetable.project_id,
        kind=f"timetable.{what}",
        chip_id=timetable.chip_id,
        execution_id=execution_id,
        data={"name": timetable.name, **data},
    )

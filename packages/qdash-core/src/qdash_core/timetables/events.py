"""What is recorded of a timetable for those who listen: what became of its moments, and what people did to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from qdash_core.models.execution import EventModel

if TYPE_CHECKING:
    from qdash_core.models.timetable import MomentOutcome, TimetableModel
    from qdash_core.repositories.repositories import Repositories


def log_outcome(
    repositories: Repositories, timetable: TimetableModel, outcome: MomentOutcome, *, missed: str
) -> list[EventModel]:
    """Record, in the transaction that deals with them, what became of moments, and return the events.

    Parameters
    ----------
    outcome : MomentOutcome
        Of the newest one.
    missed : str
        In words which ones before it were missed; empty: none.
    """
    became = {outcome.became: outcome.why}
    if missed:
        became = {"missed": missed, **became}
    events = [
        _event(
            timetable,
            what,
            execution_id=outcome.execution_id if what == "started" else "",
            at=outcome.at.isoformat(),
            message=why,
        )
        for what, why in became.items()
    ]
    for event in events:
        repositories.events.append(event)
    return events


def log_change(
    repositories: Repositories,
    timetable: TimetableModel,
    what: Literal["created", "changed", "deleted"],
    *,
    username: str,
) -> None:
    """Record, in the transaction that does it, what a person did to a timetable."""
    repositories.events.append(_event(timetable, what, username=username))


def _event(timetable: TimetableModel, what: str, *, execution_id: str = "", **data: Any) -> EventModel:
    return EventModel(
        project_id=timetable.project_id,
        kind=f"timetable.{what}",
        chip_id=timetable.request.chip_id or "",
        execution_id=execution_id,
        data={"name": timetable.name, **data},
    )

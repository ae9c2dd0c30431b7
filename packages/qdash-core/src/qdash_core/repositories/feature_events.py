"""Events of features, recorded in the transaction of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.event_kinds import list_event_kinds
from qdash_core.models.execution import EventModel
from qdash_core.repositories.executions import EventRepository

if TYPE_CHECKING:
    from qdash_core.features import EventKind
    from qdash_core.models.access import Access
    from qdash_core.repositories.repositories import Repositories


def record_event(
    repositories: Repositories,
    access: Access,
    kind: EventKind,
    *,
    chip_id: str = "",
    execution_id: str = "",
    task_id: str = "",
    **data: Any,
) -> EventModel:
    """Record an event of a feature in the transaction of the change, and return it; after the commit `QDash.announce` may notify people.

    Parameters
    ----------
    kind : EventKind
        Kind that a feature declares.
    chip_id, execution_id, task_id : str
        Subject; empty for none.
    **data
        Further data, as JSON; the user is added as `username`.

    Raises
    ------
    InvalidInputError
        If no feature declares the kind.
    """
    if kind.name not in list_event_kinds():
        raise InvalidInputError(
            f"{kind.name!r} is not a kind of event: declare it in the `events` of a Feature"
        )
    event = EventModel(
        project_id=access.project_id,
        kind=kind.name,
        chip_id=chip_id,
        execution_id=execution_id,
        task_id=task_id,
        data={"username": access.username, **data},
    )
    repositories.of(EventRepository).append(event)
    return event

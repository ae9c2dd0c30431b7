"""Value events in the store."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError
from qdash_core.models.targets import by_number
from qdash_core.models.value_change import ValueEventKind
from qdash_core.values.writer import ValueEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qdash_core.models.value_change import ValueChangeModel
    from qdash_core.repositories.repositories import Repositories


def group_events(changes: Iterable[ValueChangeModel]) -> Iterator[ValueEvent]:
    """Yield an event for each group of adjacent changes with the same number."""
    for _, parts in groupby(changes, key=lambda change: change.number):
        yield ValueEvent(list(parts))


def require_event(repositories: Repositories, project_id: str, number: int) -> ValueEvent:
    """Return an event; raise NotFoundError if there is none with this number."""
    parts = repositories.value_changes.list_by_number(project_id, number)
    if not parts:
        raise NotFoundError(
            f"there is no value event {number} in project {project_id}: `qdash values log CHIP` lists them"
        )
    return ValueEvent(sorted(parts, key=lambda part: by_number(part.qid)))


def find_last_by_hand(repositories: Repositories, project_id: str, username: str) -> int | None:
    """Return the number of the last event by hand of a user that is neither an undo nor undone by anyone; None if there is none."""
    undone: set[int | None] = set()
    for change in repositories.value_changes.iter_by_project(project_id):
        if change.number in undone:
            continue
        if change.kind is ValueEventKind.UNDONE:
            undone.add(change.undoes)
        elif change.username == username and change.kind.by_hand:
            return change.number
    return None

"""Value events in the store."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from qdash_builtin.values.change_queries import find_last_undos, iter_changes_by_user, list_event_parts
from qdash_core.errors import NotFoundError
from qdash_core.models.targets import by_number
from qdash_core.models.value_change import ValueEventKind
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.value_changes import ValueChangeRepository
from qdash_core.values.writer import ValueEvent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from qdash_core.models.value_change import ValueChangeModel
    from qdash_core.repositories.repositories import Repositories


def group_events(changes: Iterable[ValueChangeModel]) -> Iterator[ValueEvent]:
    """Yield an event for each group of adjacent changes with the same number."""
    for _, parts in groupby(changes, key=lambda change: change.number):
        yield ValueEvent(list(parts))


def require_event(repositories: Repositories, project_id: str, number: int) -> ValueEvent:
    """Return an event; raise NotFoundError if there is none with this number."""
    parts = list_event_parts(repositories.of(ValueChangeRepository), project_id, number)
    if not parts:
        raise NotFoundError(
            f"there is no value event {number} in project {project_id}: `qdash values log CHIP` lists them"
        )
    ordered = sorted(parts, key=lambda part: by_number(part.qid))
    return ValueEvent(ordered, find_undo(repositories, project_id, number))


def find_last_by_hand(repositories: Repositories, project_id: str, username: str) -> int | None:
    """Return the number of the last event of a user that can be undone, or None.

    It is neither undone, by anyone, nor an undo, and belongs to a present chip.
    """
    kinds = [kind for kind in ValueEventKind if kind.by_hand and kind is not ValueEventKind.UNDONE]
    for change in iter_changes_by_user(repositories.of(ValueChangeRepository), project_id, username, kinds):
        header = repositories.of(ChipRepository).find(project_id, change.chip_id)
        present = header is not None and header.created_at <= change.created_at
        if present and find_undo(repositories, project_id, change.number) is None:
            return change.number
    return None


def find_undo(repositories: Repositories, project_id: str, number: int) -> int | None:
    """Return the number of the event that undid an event and is not undone itself, or None."""
    return find_undos(repositories, project_id, [number]).get(number)


def find_undos(
    repositories: Repositories, project_id: str, numbers: Collection[int], *, until: datetime | None = None
) -> dict[int, int]:
    """Return the number of the event that undid each of these events and is not undone itself; omit those that are not undone.

    Events after `until` do not count.
    """
    found: dict[int, int] = {}
    # Earlier undos of an event are undone, or it could not have been undone again.
    for number, undo in find_last_undos(
        repositories.of(ValueChangeRepository), project_id, numbers, until=until
    ).items():
        chain = [number, undo]
        while last := find_last_undos(
            repositories.of(ValueChangeRepository), project_id, chain[-1:], until=until
        ):
            chain.append(last[chain[-1]])
        # The last of the chain is not undone, the one before it is, and so on.
        if len(chain) % 2 == 0:
            found[number] = undo
    return found

"""Queries of the changes of values."""

from __future__ import annotations

from heapq import merge
from typing import TYPE_CHECKING, Any

from qdash_core.models.value_change import ValueChangeModel, ValueEventKind
from qdash_core.repositories.store import OneOf, Range
from qdash_core.repositories.value_changes import CHANGES_AT_ONCE, MOST_NAMED, ValueChangeRepository

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime


_FEW = 20


def iter_changes_by_user(
    changes: ValueChangeRepository, project_id: str, username: str, kinds: Iterable[ValueEventKind]
) -> Iterator[ValueChangeModel]:
    """Yield the changes of some kinds by a user on all chips of a project, newest first."""
    return _iter_kinds(changes, {"project_id": project_id, "username": username}, kinds)


def _iter_kinds(
    changes: ValueChangeRepository,
    where: Mapping[str, Any],
    kinds: Iterable[ValueEventKind],
    *,
    size: int = CHANGES_AT_ONCE,
) -> Iterator[ValueChangeModel]:
    """Yield the changes of some kinds, newest first: an index orders those of each kind."""
    pages = [changes.iter_pages({**where, "kind": kind}, size=size) for kind in kinds]
    return merge(*pages, key=lambda change: -change.number)


def find_last_undos(
    changes: ValueChangeRepository,
    project_id: str,
    numbers: Collection[int],
    *,
    until: datetime | None = None,
) -> dict[int, int]:
    """Return the number of the last event, up to a time, that undid each of these events, for those that were ever undone."""
    where = {"project_id": project_id, "undoes": OneOf(tuple(numbers))}
    last: dict[int, int] = {}
    for change in changes.select(where) if numbers else ():
        assert change.undoes is not None
        if until is not None and change.created_at > until:
            continue
        last[change.undoes] = max(change.number, last.get(change.undoes, 0))
    return last


def list_event_parts(changes: ValueChangeRepository, project_id: str, number: int) -> list[ValueChangeModel]:
    """Return the parts of an event, or an empty list if there is none."""
    return changes.select({"project_id": project_id, "number": number})


def iter_changes_by_hand(
    changes: ValueChangeRepository, project_id: str, chip_id: str, qid: str, *, since: datetime
) -> Iterator[ValueChangeModel]:
    """Yield the changes of a target by users from a time on, newest first."""
    where = {"project_id": project_id, "chip_id": chip_id, "qid": qid}
    kinds = [kind for kind in ValueEventKind if kind.by_hand]
    for change in _iter_kinds(changes, where, kinds, size=_FEW):
        if change.created_at < since:
            return
        yield change


def list_later_changes(
    changes: ValueChangeRepository, project_id: str, chip_id: str, number: int, targets: Collection[str]
) -> list[ValueChangeModel]:
    """Return the changes of targets after an event, oldest first."""
    where: dict[str, Any] = {"project_id": project_id, "chip_id": chip_id, "number": Range(above=number)}
    if len(targets) <= MOST_NAMED:
        where["qid"] = OneOf(tuple(targets))
    return [one for one in changes.select(where, order=("number",)) if one.qid in targets]


def list_changes_by_hand(
    changes: ValueChangeRepository, project_id: str, chip_id: str, moment: datetime
) -> list[ValueChangeModel]:
    """Return the changes of a chip by users after a time, oldest first."""
    where = {"project_id": project_id, "chip_id": chip_id, "created_at": Range(above=moment)}
    kinds = OneOf(tuple(kind for kind in ValueEventKind if kind.by_hand))
    return changes.select({**where, "kind": kinds}, order=("created_at", "number"))


def list_decision_changes(
    changes: ValueChangeRepository,
    project_id: str,
    chip_id: str,
    *,
    moment: datetime | None = None,
    number: int | None = None,
) -> list[ValueChangeModel]:
    """Return the changes of decisions on results of a chip after a time or an event, oldest first."""
    kinds = ValueEventKind.ACCEPTED, ValueEventKind.REJECTED, ValueEventKind.USED, ValueEventKind.UNDONE
    where: dict[str, Any] = {"project_id": project_id, "chip_id": chip_id, "kind": OneOf(kinds)}
    where |= {"created_at": Range(above=moment)} if number is None else {"number": Range(above=number)}
    return [change for change in changes.select(where, order=("number",)) if change.decisions]

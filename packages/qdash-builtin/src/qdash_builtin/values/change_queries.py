"""Queries of the changes of values."""

from __future__ import annotations

from heapq import merge
from typing import TYPE_CHECKING, Any

from qdash_core.models.value_change import ValueChangeModel, ValueEventKind
from qdash_core.repositories.store import OneOf, Range

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from qdash_core.repositories.value_changes import ValueChangeRepository

_CHANGES_AT_ONCE, _FEW = 1000, 20
_MOST_NAMED = 1000
"""Largest number of targets that a query names; for more it reads all and selects."""


def find_head(changes: ValueChangeRepository, project_id: str, number: int) -> ValueChangeModel | None:
    """Return one part of an event, or None if there is no such event."""
    found = changes.select({"project_id": project_id, "number": number}, limit=1)
    return found[0] if found else None


def iter_newest(
    changes: ValueChangeRepository,
    project_id: str,
    chip_id: str,
    *,
    targets: Sequence[str] | None = None,
    before: int | None = None,
    since: datetime | None = None,
) -> Iterator[ValueChangeModel]:
    """Yield the changes of a chip, newest first, with all parts of an event together.

    Parameters
    ----------
    before : int or None
        Only events with a lower number.
    since : datetime or None
        Only events from this time on.
    """
    where: dict[str, Any] = {"project_id": project_id, "chip_id": chip_id, "number": Range(below=before)}
    if targets is not None and len(targets) <= _MOST_NAMED:
        where["qid"] = OneOf(tuple(targets))
    for change in _iter_pages(changes, where):
        if since is not None and change.created_at < since:
            return
        if targets is None or change.qid in targets:
            yield change


def _iter_pages(
    changes: ValueChangeRepository, where: Mapping[str, Any], *, size: int = _CHANGES_AT_ONCE
) -> Iterator[ValueChangeModel]:
    """Yield the matching changes, newest first, a number of them read at a time."""
    after = None
    while True:
        page = changes.select(where, order=("-number",), limit=size, after=after)
        yield from page
        if len(page) < size:
            return
        after = (page[-1].number, page[-1].project_id, page[-1].number, page[-1].qid)


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
    size: int = _CHANGES_AT_ONCE,
) -> Iterator[ValueChangeModel]:
    """Yield the changes of some kinds, newest first: an index orders those of each kind."""
    pages = [_iter_pages(changes, {**where, "kind": kind}, size=size) for kind in kinds]
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
    if len(targets) <= _MOST_NAMED:
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


def list_newest_by_hand(
    changes: ValueChangeRepository,
    project_id: str,
    chip_id: str,
    *,
    qid: str | None = None,
    made: Range,
    limit: int,
) -> list[ValueChangeModel]:
    """Return the newest changes of a chip, or of one of its targets, by users in a time range, newest first."""
    where: dict[str, Any] = {"project_id": project_id, "chip_id": chip_id, "created_at": made}
    where |= {"kind": OneOf(tuple(kind for kind in ValueEventKind if kind.by_hand))}
    where |= {} if qid is None else {"qid": qid}
    return changes.select(where, order=("-created_at", "-number"), limit=limit)

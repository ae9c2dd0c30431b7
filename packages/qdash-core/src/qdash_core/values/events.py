"""Log of value events, and the check and inverse of an event for its undo."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from qdash_core.errors import ConflictError
from qdash_core.models.value_change import ChangedControl, ChangedDecision, ValueEventKind
from qdash_core.values.writer import TargetEdit, ValueEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qdash_core.models.decision import Decision
    from qdash_core.models.value_change import ValueChangeModel
    from qdash_core.repositories.repositories import Repositories

_MOST_NAMED = 5


def group_events(changes: Iterable[ValueChangeModel]) -> Iterator[ValueEvent]:
    """Yield the events of changes in which all parts of an event are together."""
    for _, parts in groupby(changes, key=lambda change: change.number):
        yield ValueEvent(list(parts))


def refuse_later_changes(repositories: Repositories, event: ValueEvent) -> None:
    """Raise ConflictError if a later event changed what an event had changed; the message names the later events.

    An event that was undone, and its undo, together change nothing.
    """
    head = event.head
    parts = {part.qid: part for part in event.parts}
    later = repositories.value_changes.list_later(head.project_id, head.chip_id, head.number, parts.keys())
    cancelled = _find_cancelled(later)
    overlapping = [
        change for change in later if change.number not in cancelled and _overlap(parts[change.qid], change)
    ]
    if not overlapping:
        return
    numbers = list(dict.fromkeys(change.number for change in overlapping))
    undone = next((change.number for change in overlapping if change.undoes == head.number), None)
    if undone is not None and numbers == [undone]:
        raise ConflictError(f"event {head.number} was undone by event {undone}: undo that one to restore it")
    named = ", ".join(f"{one.number} ({one.kind} by {one.username})" for one in _pick_first(overlapping))
    more = f" and {len(numbers) - _MOST_NAMED} more" if len(numbers) > _MOST_NAMED else ""
    first = overlapping[0]
    name = next(iter((*first.values, *first.decisions)), "status" if first.control is None else "direction")
    raise ConflictError(
        f"event {head.number} cannot be undone: {name} of {first.qid} has changed since, by events {named}{more}; undo these first, "
        "newest first, or use `qdash values revert`"
    )


def _find_cancelled(changes: Iterable[ValueChangeModel]) -> set[int]:
    """Return the numbers of events that were undone, and of their undos."""
    undoes = {change.number: change.undoes for change in changes}
    cancelled: set[int] = set()
    for number, undone in sorted(undoes.items(), reverse=True):
        if undone in undoes and number not in cancelled:
            cancelled |= {number, undone}
    return cancelled


def _pick_first(changes: Sequence[ValueChangeModel]) -> list[ValueChangeModel]:
    """Return one change of each of the first events."""
    by_number = {change.number: change for change in reversed(changes)}
    return [by_number[number] for number in sorted(by_number)][:_MOST_NAMED]


def _overlap(part: ValueChangeModel, later: ValueChangeModel) -> bool:
    same_values = any(name in later.values for name in part.values)
    turned = (part.control is not None and (later.control is not None or bool(later.values))) or (
        later.control is not None and bool(part.values)
    )
    decided = part.task_id == later.task_id and any(name in later.decisions for name in part.decisions)
    same_status = part.status is not None and later.status is not None
    return same_values or turned or decided or same_status


def invert(event: ValueEvent) -> list[TargetEdit]:
    """Return the edits that restore the state before an event."""
    return [
        TargetEdit(
            part.qid,
            {name: change.before for name, change in part.values.items()},
            None
            if part.control is None
            else ChangedControl(before=part.control.after, after=part.control.before),
            {
                name: ChangedDecision(before=change.after, after=change.before)
                for name, change in part.decisions.items()
            },
            None if part.status is None else part.status.inverse,
            part.task_id,
        )
        for part in event.parts
    ]


def withdraw_result(edit: TargetEdit, decision: Decision) -> TargetEdit:
    """Return an edit that also rejects the removed values of its result, if it has one."""
    if not edit.task_id:
        return edit
    withdrawn = {name: ChangedDecision(after=decision) for name in edit.values}
    return replace(edit, decisions={**edit.decisions, **withdrawn})


def find_last_by_hand(repositories: Repositories, project_id: str, username: str) -> int | None:
    """Return the number of the last event of a user that is neither undone, by anyone, nor an undo, or None."""
    undone: set[int | None] = set()
    for change in repositories.value_changes.iter_by_project(project_id):
        if change.number in undone:
            continue
        if change.kind is ValueEventKind.UNDONE:
            undone.add(change.undoes)
        elif change.username == username and change.kind.by_hand:
            return change.number
    return None

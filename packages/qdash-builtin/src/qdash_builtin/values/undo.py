"""Undo of a value event: the check for later changes, and the inverse of the event."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_builtin.values.change_queries import list_later_changes
from qdash_builtin.values.decisions import make_decision, store_decisions
from qdash_builtin.values.events import require_event
from qdash_builtin.values.withdrawals import Withdrawals
from qdash_core.errors import ConflictError
from qdash_core.models.value_change import (
    ChangedControl,
    ChangedDecision,
    ChangedOverride,
    ChangedSetting,
    ScopeStatus,
    ValueEventKind,
)
from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.value_changes import ValueChangeRepository, ValueScopeRepository
from qdash_core.values.usable_results import UsableResults
from qdash_core.values.writer import TargetEdit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel
    from qdash_core.models.decision import Decision
    from qdash_core.models.task import TaskResultModel
    from qdash_core.models.value_change import ValueChangeModel
    from qdash_core.repositories.repositories import Repositories
    from qdash_core.values.writer import ValueEvent

_MOST_NAMED = 5


def undo_event(
    repositories: Repositories,
    header: ChipModel,
    event: ValueEvent,
    access: Access,
    reason: str,
    *,
    now: datetime,
) -> list[TargetEdit]:
    """Undo the decisions, the adoption or the commit of an event; return the edits that restore the values before it.

    If values set by hand, analysed by a user or imported are undone, their results are rejected, so that no later rejection restores them.

    Raises
    ------
    ConflictError
        If later events hinder the undo, a value before it was withdrawn since, or the event undid an adoption or a commit.
    """
    _refuse_later_changes(repositories, event)
    _refuse_redone_closing(repositories, event)
    edits = _invert(event)
    _refuse_withdrawn(repositories, header, event, edits)
    withdrawal = None
    if event.head.kind in (ValueEventKind.SET, ValueEventKind.ANALYSED, ValueEventKind.IMPORTED):
        withdrawal = make_decision("rejected", access, reason or f"undo of event {event.number}", now)
    edits = [_undo_decisions(repositories, event, edit, withdrawal, now=now) for edit in edits]
    _reopen(repositories, event, edits, now=now)
    return edits


def _refuse_later_changes(repositories: Repositories, event: ValueEvent) -> None:
    """Raise ConflictError if a later event changed what an event had changed; the message names the later events.

    Later events that were undone are ignored, as are their undos.
    """
    head = event.head
    parts = {part.qid: part for part in event.parts}
    later = list_later_changes(
        repositories.of(ValueChangeRepository), head.project_id, head.chip_id, head.number, parts.keys()
    )
    cancelled = _find_cancelled(later)
    overlapping = [
        change for change in later if change.number not in cancelled and _overlap(parts[change.qid], change)
    ]
    if not overlapping:
        return
    numbers = list(dict.fromkeys(change.number for change in overlapping))
    several = len(numbers) > 1
    undone = next((change.number for change in overlapping if change.undoes == head.number), None)
    if undone is not None and numbers == [undone]:
        raise ConflictError(
            f"event {head.number} was undone by event {undone}: undo event {undone} to restore it"
        )
    named = ", ".join(f"{one.number} ({one.kind} by {one.username})" for one in _pick_first(overlapping))
    more = f" and {len(numbers) - _MOST_NAMED} more" if len(numbers) > _MOST_NAMED else ""
    first = overlapping[0]
    name = next(iter(first.parameters), "status" if first.control is None else "direction")
    raise ConflictError(
        f"event {head.number} cannot be undone: {name} of {first.qid} has changed since, in {'events' if several else 'event'} "
        f"{named}{more}; undo {'these first, the newest one first' if several else 'it first'}, or use `qdash values revert`"
    )


def _find_cancelled(changes: Iterable[ValueChangeModel]) -> set[int]:
    """Return the numbers of the events that were undone, and of their undos."""
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
    used = any(
        change.after is not None and change.after.task_id == part.task_id
        for name, change in later.values.items()
        if part.task_id and name in part.decisions
    )
    same_overrides = any(name in later.overrides for name in part.overrides)
    same_setting = part.setting is not None and later.setting is not None and later.undoes == part.number
    same_status = part.status is not None and later.status is not None
    return same_values or turned or decided or used or same_overrides or same_setting or same_status


def _invert(event: ValueEvent) -> list[TargetEdit]:
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
            {name: ChangedOverride(after=change.before) for name, change in part.overrides.items()},
            part.setting and ChangedSetting(before=part.setting.after, after=part.setting.before),
        )
        for part in event.parts
    ]


def _undo_decisions(
    repositories: Repositories,
    event: ValueEvent,
    edit: TargetEdit,
    withdrawal: Decision | None,
    *,
    now: datetime,
) -> TargetEdit:
    """Store the decisions of an edit, with the withdrawal of its result if any; return the edit with all of them."""
    if not edit.task_id or not (withdrawal or edit.decisions):
        return edit
    result = repositories.of(TaskResultHistoryRepository).find(event.head.project_id, edit.task_id)
    if result is None:
        return edit
    complete = edit if withdrawal is None else _withdraw_result(edit, result, withdrawal)
    store_decisions(repositories, result, complete.decisions, now=now)
    return complete


def _withdraw_result(edit: TargetEdit, result: TaskResultModel, decision: Decision) -> TargetEdit:
    """Return an edit that also rejects the removed values of its result, except those that users have rejected already."""
    withdrawn = {
        name: ChangedDecision(before=known, after=decision)
        for name in edit.values
        if (known := result.decisions.get(name)) is None or known.verdict != decision.verdict
    }
    return replace(edit, decisions={**edit.decisions, **withdrawn})


def _refuse_withdrawn(
    repositories: Repositories, header: ChipModel, event: ValueEvent, edits: Iterable[TargetEdit]
) -> None:
    """Raise ConflictError if a value that an undo restores was withdrawn since the event."""
    withdrawals = Withdrawals.read(repositories, header, number=event.number)
    usable = UsableResults(repositories, header)
    for edit in edits:
        for name, value in edit.values.items():
            if value is None:
                continue
            decision = edit.decisions.get(name) if edit.task_id == value.task_id else None
            undone = decision is not None and (decision.after is None or decision.after.verdict != "rejected")
            why = None if undone else withdrawals.find_reason(name, value)
            if why is None and usable.is_unadopted(value):
                why = f"it is a simulated value of execution {value.execution_id}, which is not adopted"
            if why is not None:
                raise ConflictError(
                    f"event {event.number} cannot be undone: the value of {name} of {edit.qid} before it may not be used: {why}"
                )


def _refuse_redone_closing(repositories: Repositories, event: ValueEvent) -> None:
    """Raise ConflictError if an event undid an adoption or a commit, which can be done again."""
    head = event.head
    if head.kind is ValueEventKind.UNDONE and head.undoes is not None:
        undone = require_event(repositories, head.project_id, head.undoes).head
        if undone.kind in (ValueEventKind.ADOPTED, ValueEventKind.COMMITTED):
            what = (
                f"value scope {head.scope}, while it is open,"
                if head.scope
                else f"execution {head.execution_id}"
            )
            raise ConflictError(
                f"event {head.number} is the undo of event {undone.number} and cannot be undone, but {what} can be {undone.kind} again"
            )


def _reopen(
    repositories: Repositories, event: ValueEvent, edits: Sequence[TargetEdit], *, now: datetime
) -> None:
    """Make the undone adoption or commit of an event possible again."""
    head = event.head
    if head.kind is ValueEventKind.ADOPTED:
        execution = repositories.of(ExecutionRepository).require(head.project_id, head.execution_id)
        _refuse_values_in_use(repositories, event, edits, [execution.execution_id])
        repositories.of(ExecutionRepository).replace(
            execution.with_changes(adopted=None, now=now), was=execution.status
        )
    elif head.kind is ValueEventKind.COMMITTED:
        scope = repositories.of(ValueScopeRepository).require(head.project_id, head.chip_id, head.scope)
        _refuse_values_in_use(repositories, event, edits, scope.executions)
        repositories.of(ValueScopeRepository).put(
            scope.with_changes(
                status=ScopeStatus.OPEN, closed_by="", closed_at=None, reason="", event=None, now=now
            )
        )


def _refuse_values_in_use(
    repositories: Repositories, event: ValueEvent, edits: Iterable[TargetEdit], executions: Collection[str]
) -> None:
    """Raise ConflictError if a value of these executions would stay in use after the undo of their adoption or commit."""
    where = event.head.project_id, event.head.chip_id
    replaced = {(edit.qid, name) for edit in edits for name in edit.values}
    for target in (
        *repositories.of(QubitCalibrationRepository).list_by_chip(*where),
        *repositories.of(CouplingCalibrationRepository).list_by_chip(*where),
    ):
        for name, value in target.data.items():
            if value.execution_id in executions and (target.qid, name) not in replaced:
                raise ConflictError(
                    f"event {event.number} cannot be undone: {name} of {target.qid} is a value of execution {value.execution_id} "
                    "since a later event; undo that first, or reject the result"
                )

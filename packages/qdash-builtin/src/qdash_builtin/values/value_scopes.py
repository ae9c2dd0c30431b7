"""Service for value scopes: list, show, commit and discard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.values.change_queries import list_event_parts
from qdash_builtin.values.measured_chips import refuse_while_measured
from qdash_builtin.values.reasons import check_reason
from qdash_builtin.values.reassessment import reassess_event
from qdash_builtin.values.value_transfer import ValueTransfer, plan_transfer
from qdash_core.errors import ConflictError, LockedError
from qdash_core.locks.liveness import is_live
from qdash_core.models.execution import EventModel, ExecutionStatus
from qdash_core.models.project import ProjectRole
from qdash_core.models.times import format_day
from qdash_core.models.value_change import ScopeStatus, ValueEventKind
from qdash_core.process.clock import utc_now
from qdash_core.record.orphans import is_interrupted
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.executions import EventRepository, ExecutionRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.request_keys import RequestKey
from qdash_core.repositories.value_changes import ValueChangeRepository, ValueScopeRepository
from qdash_core.values.scopes import read_contents, refuse_closed
from qdash_core.values.target_status import StatusRules
from qdash_core.values.writer import EventOrigin, write_event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionHead
    from qdash_core.models.value_change import ValueScopeModel
    from qdash_core.repositories.store import Store


@dataclass(frozen=True, slots=True)
class ScopeView:
    """A value scope with its values, and the executions of its runs in the order of their starts.

    `transfer` has the changes that a commit would make, or has made.
    """

    scope: ValueScopeModel
    transfer: ValueTransfer
    executions: Sequence[ExecutionHead]


class ValueScopeService:
    """Value scopes of one store. Runs create them.

    `zone` is the time zone of the daily copies, and of times in messages. A repeated request with the same idempotency
    `key` changes nothing and returns the same scope.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        *,
        status_rules: Callable[[], StatusRules] = StatusRules,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._status_rules = status_rules
        self._store = store
        self._zone = zone
        self._clock = clock

    def list_by_chip(self, access: Access, chip_id: str) -> list[ValueScopeModel]:
        """Return the scopes of a chip, newest first; NotFoundError if there is no such chip."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.of(ChipRepository).require(access.project_id, chip_id)
            return repositories.of(ValueScopeRepository).list_by_chip(access.project_id, chip_id)

    def show(self, access: Access, chip_id: str, name: str) -> ScopeView:
        """Return a scope with its values compared with those of the chip.

        Raises
        ------
        NotFoundError
            If there is no such chip or scope.
        """
        with self._store.read() as snapshot:
            return self._read_view(Repositories(snapshot), access, chip_id, name)

    def commit(
        self, access: Access, chip_id: str, name: str, *, reason: str = "", key: str | None = None
    ) -> ScopeView:
        """Make the accepted values and the statuses of a scope the chip's, as one event that can be undone, and close the scope.

        Values that were measured later stay, as do statuses that were set later or by users. The caller must be an
        editor.

        Raises
        ------
        NotFoundError
            If there is no such chip or scope.
        ConflictError
            If it is closed, or has no value and no status that would become the chip's.
        LockedError
            If a run is measuring the chip, or is running in the scope.
        """
        access.require(ProjectRole.EDITOR)
        reason = check_reason(reason)
        request = RequestKey(access, key, {"commit": chip_id, "scope": name, "reason": reason})
        with self._store.transaction() as transaction:
            now, repositories = self._clock(), Repositories(transaction)
            if request.find(repositories) is not None:
                return self._read_view(repositories, access, chip_id, name)
            header = repositories.of(ChipRepository).require(access.project_id, chip_id)
            scope = self._require_closable(repositories, access, chip_id, name)
            # A run reads values and directions at its start: its results would no longer fit those of the chip.
            refuse_while_measured(repositories, access.project_id, chip_id, is_live)
            contents = read_contents(repositories, scope)
            if not (contents.results or contents.statuses):
                raise ConflictError(f"value scope {name} has no accepted value and no status to commit")
            transfer = plan_transfer(repositories, header, contents)
            event = write_event(
                repositories,
                access.project_id,
                chip_id,
                EventOrigin(ValueEventKind.COMMITTED, access.username, reason, scope=name),
                transfer.edits,
                today=format_day(now, self._zone),
                cooldown_id=header.current_cooldown_id,
                now=now,
            )
            if event is None:
                raise ConflictError(
                    f"there is nothing to commit: every value and status of value scope {name} is the same as that of chip {chip_id}, or "
                    "older"
                )
            closed = _close(scope, ScopeStatus.COMMITTED, access, reason, now=now)
            closed = closed.model_copy(update={"event": event.number})
            repositories.of(ValueScopeRepository).put(closed)
            today = format_day(now, self._zone)
            reassess_event(repositories, header, event, self._status_rules, today=today, now=now)
            request.record(repositories, "value event", event.number)
            return _make_view(repositories, closed, transfer)

    def discard(
        self, access: Access, chip_id: str, name: str, *, reason: str = "", key: str | None = None
    ) -> ValueScopeModel:
        """Close a scope without changing values of the chip. Its results stay in the record.

        Raises
        ------
        NotFoundError
            If there is no such chip or scope.
        ConflictError
            If it is closed.
        LockedError
            If a run is running in the scope.
        """
        access.require(ProjectRole.EDITOR)
        reason = check_reason(reason)
        request = RequestKey(access, key, {"discard": chip_id, "scope": name, "reason": reason})
        with self._store.transaction() as transaction:
            now, repositories = self._clock(), Repositories(transaction)
            repositories.of(ChipRepository).require(access.project_id, chip_id)
            if request.find(repositories) is not None:
                return repositories.of(ValueScopeRepository).require(access.project_id, chip_id, name)
            scope = self._require_closable(repositories, access, chip_id, name)
            closed = _close(scope, ScopeStatus.DISCARDED, access, reason, now=now)
            repositories.of(ValueScopeRepository).put(closed)
            data = {"username": access.username, "reason": reason, "scope": name}
            repositories.of(EventRepository).append(
                EventModel(project_id=access.project_id, kind="value.discarded", chip_id=chip_id, data=data)
            )
            request.record(repositories)
        return closed

    def _read_view(self, repositories: Repositories, access: Access, chip_id: str, name: str) -> ScopeView:
        header = repositories.of(ChipRepository).require(access.project_id, chip_id)
        scope = repositories.of(ValueScopeRepository).require(access.project_id, chip_id, name)
        if scope.event is not None:
            transfer = _read_transfer(repositories, scope)
        else:
            transfer = plan_transfer(repositories, header, read_contents(repositories, scope))
        return _make_view(repositories, scope, transfer)

    def _require_closable(
        self, repositories: Repositories, access: Access, chip_id: str, name: str
    ) -> ValueScopeModel:
        scope = repositories.of(ValueScopeRepository).require(access.project_id, chip_id, name)
        refuse_closed(scope, self._zone, advice=_advise_on_closed(scope))
        for execution in repositories.of(ExecutionRepository).list_by_status(
            access.project_id, ExecutionStatus.RUNNING
        ):
            in_scope = execution.chip_id == chip_id and execution.scope == name
            if in_scope and not is_interrupted(repositories, execution):
                raise LockedError(
                    f"execution {execution.execution_id} of {execution.username} is running in value scope {name}: wait for its end, or "
                    "cancel it"
                )
        return scope


def _advise_on_closed(scope: ValueScopeModel) -> str:
    if scope.event is None:
        return "its results stay in the record"
    return f"`qdash values undo {scope.event}` reopens it"


def _close(
    scope: ValueScopeModel, status: ScopeStatus, access: Access, reason: str, *, now: datetime
) -> ValueScopeModel:
    return scope.with_changes(status=status, closed_by=access.username, closed_at=now, reason=reason, now=now)


def _make_view(repositories: Repositories, scope: ValueScopeModel, transfer: ValueTransfer) -> ScopeView:
    found = repositories.of(ExecutionRepository).get_many(
        [(scope.project_id, one) for one in scope.executions]
    )
    return ScopeView(scope, transfer, [found[key] for key in sorted(found)])


def _read_transfer(repositories: Repositories, scope: ValueScopeModel) -> ValueTransfer:
    """Return the changes by the event that committed a scope."""
    transfer = ValueTransfer()
    assert scope.event is not None
    for part in list_event_parts(repositories.of(ValueChangeRepository), scope.project_id, scope.event):
        for name, change in part.values.items():
            kind = transfer.removed if change.after is None else transfer.changes
            kind.setdefault(part.qid, {})[name] = change
        if part.control is not None:
            transfer.directions[part.qid] = part.control.after or ""
        if part.status is not None:
            transfer.statuses[part.qid] = part.status
    return transfer

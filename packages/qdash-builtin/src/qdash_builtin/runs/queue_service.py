"""Queue service: views and changes by users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.record_lookup.newest_executions import iter_newest
from qdash_builtin.runs.affecting_locks import list_affecting
from qdash_builtin.runs.execution_lists import DisplayedExecution
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.base import refuse_stale
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.pages import Page
from qdash_core.models.project import ProjectRole
from qdash_core.process.clock import utc_now
from qdash_core.record.counts import update_counts
from qdash_core.record.orphans import find_interrupted
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.queue import QueueRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from qdash_builtin.runs.queue import RunQueue
    from qdash_builtin.runs.queue_view import QueueStatus
    from qdash_core.locks.service import LockStatus
    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.pages import PageRequest
    from qdash_core.models.queue import PresenceModel, QueueEntryModel
    from qdash_core.runtime.runtime import Runtime


@dataclass(frozen=True, slots=True)
class ChipRuns:
    """Running and waiting runs of a chip, and the locks of its instrument, of any project.

    `running` includes executions that have lost their process; `waiting` is in order.
    """

    locks: list[LockStatus]
    running: list[DisplayedExecution]
    waiting: list[QueueStatus]


class QueueService:
    """Service for the queue of one store."""

    def __init__(self, runtime: Runtime, queue: RunQueue) -> None:
        self._runtime, self._queue = runtime, queue

    def list_entries(self, access: Access) -> list[QueueStatus]:
        """Return the entries of a project, in order."""
        return self._queue.view.list_entries(access.project_id)

    def page(self, access: Access, request: PageRequest) -> Page[QueueStatus]:
        """Return a page of the entries of a project, in order."""
        return Page.from_all_items(
            self.list_entries(access), request, lambda one: (one.entry.rank, one.entry.execution_id)
        )

    def show(self, access: Access, execution_id: str) -> QueueStatus:
        """Return the entry of an execution; raise NotFoundError if it is not in the queue."""
        for one in self.list_entries(access):
            if one.entry.execution_id == execution_id:
                return one
        raise _make_not_waiting_error(access.project_id, execution_id)

    def get_chip_runs(self, access: Access, chip_id: str) -> ChipRuns:
        """Return the locks, running and waiting runs of a chip; raise NotFoundError if there is no such chip."""
        runtime, project_id = self._runtime, access.project_id
        with runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.of(ChipRepository).require(project_id, chip_id)
            running = list(
                iter_newest(repositories, project_id, chip_id=chip_id, statuses=[ExecutionStatus.RUNNING])
            )
            interrupted = find_interrupted(repositories, running)
            counted = update_counts(repositories, project_id, running)
        waiting = [one for one in self.list_entries(access) if one.entry.chip_id == chip_id]
        return ChipRuns(
            list_affecting(runtime, project_id, chip_id),
            [DisplayedExecution(one, one.execution_id in interrupted) for one in counted],
            [one for one in waiting if one.state != "running"],
        )

    def list_workers(self) -> list[PresenceModel]:
        """Return the live workers on all machines of the store."""
        return self._queue.view.list_workers()

    def change_many(
        self,
        access: Access,
        execution_ids: Sequence[str],
        *,
        held: bool | None = None,
        removed: bool = False,
        before: str | None = None,
        first: bool = False,
    ) -> None:
        """Hold or release several entries, remove them, or otherwise `move` them in the given order: all, or none.

        Raises
        ------
        NotFoundError, InvalidInputError
            If one does not wait, or `before` is one of them.
        """
        access.require(ProjectRole.EDITOR)
        named = list(dict.fromkeys(execution_ids))
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            entries = [_get_waiting(repositories, access.project_id, one) for one in named]
            if removed:
                for entry in entries:
                    self._queue.take_out(repositories, entry, _describe_removal(access))
            elif held is not None:
                for entry in entries:
                    _set_held(repositories, entry, access, held=held)
            else:
                _move(repositories, access.project_id, entries, before=before, first=first)

    def change(
        self,
        access: Access,
        execution_id: str,
        *,
        held: bool | None = None,
        before: str | None = None,
        first: bool = False,
        as_of: datetime | None = None,
    ) -> QueueStatus:
        """Hold or release an entry, or `move` it if `held` is None. Parameters and errors are those of `move`."""
        if held is None:
            return self.move(access, execution_id, before=before, first=first, as_of=as_of)
        change = self.hold if held else self.release
        return change(access, execution_id, as_of=as_of)

    def move(
        self,
        access: Access,
        execution_id: str,
        *,
        before: str | None = None,
        first: bool = False,
        as_of: datetime | None = None,
    ) -> QueueStatus:
        """Move an entry before another one of its project, to the head, or to the end.

        `as_of` is `updated_at` of the entry that the user has seen, or None to skip the check.

        Raises
        ------
        NotFoundError, InvalidInputError
            If one of the two does not wait, or both are the same.
        StaleError
            If the entry has changed since `as_of`.
        """
        access.require(ProjectRole.EDITOR)
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            entry = _get_waiting(repositories, access.project_id, execution_id, as_of)
            (moved,) = _move(repositories, access.project_id, [entry], before=before, first=first)
        return self._queue.view.get_status(moved)

    def hold(self, access: Access, execution_id: str, *, as_of: datetime | None = None) -> QueueStatus:
        """Hold a waiting run until it is released. `as_of` and errors are those of `move`."""
        return self._change(access, execution_id, as_of, held=True)

    def release(self, access: Access, execution_id: str, *, as_of: datetime | None = None) -> QueueStatus:
        """Release a held run. `as_of` and errors are those of `move`."""
        return self._change(access, execution_id, as_of, held=False)

    def remove(self, access: Access, execution_id: str) -> ExecutionModel:
        """Remove a waiting run from the queue. A scheduled execution is cancelled; one to be resumed does not change.

        The errors are those of `move`.
        """
        access.require(ProjectRole.EDITOR)
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            entry = _get_waiting(repositories, access.project_id, execution_id)
            return self._queue.take_out(repositories, entry, _describe_removal(access))

    def _change(
        self, access: Access, execution_id: str, as_of: datetime | None, *, held: bool
    ) -> QueueStatus:
        access.require(ProjectRole.EDITOR)
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            entry = _get_waiting(repositories, access.project_id, execution_id, as_of)
            changed = _set_held(repositories, entry, access, held=held)
        return self._queue.view.get_status(changed)


def _describe_removal(access: Access) -> str:
    return f"removed from the queue by {access.username}"


def _set_held(
    repositories: Repositories, entry: QueueEntryModel, access: Access, *, held: bool
) -> QueueEntryModel:
    """Hold or release an entry, and return it."""
    changes = {"reason": f"held by {access.username}"} if held else {"reason": "", "deaths": 0}
    changed = entry.with_changes(held=held, **changes, now=utc_now())
    repositories.of(QueueRepository).put(changed)
    return changed


def _move(
    repositories: Repositories,
    project_id: str,
    entries: Sequence[QueueEntryModel],
    *,
    before: str | None,
    first: bool,
) -> list[QueueEntryModel]:
    """Move waiting entries, which keep their order, and return them."""
    keys = {one.key for one in entries}
    if (project_id, before) in keys:
        raise InvalidInputError(f"execution {before} cannot be put before itself")
    others = [one for one in repositories.of(QueueRepository).list_all() if one.key not in keys]
    place = 0 if first else len(others)
    if before is not None:
        place = others.index(_get_waiting(repositories, project_id, before))
    now = utc_now()
    moved = [one.with_changes(rank=place + number, now=now) for number, one in enumerate(entries, 1)]
    for rank, entry in enumerate([*others[:place], *moved, *others[place:]], 1):
        if entry.rank != rank or entry.key in keys:
            repositories.of(QueueRepository).put(entry.model_copy(update={"rank": rank}))
    return moved


def _get_waiting(
    repositories: Repositories, project_id: str, execution_id: str, as_of: datetime | None = None
) -> QueueEntryModel:
    entry = repositories.of(QueueRepository).find(project_id, execution_id)
    if entry is None:
        raise _make_not_waiting_error(project_id, execution_id)
    refuse_stale(f"the place of execution {execution_id} in the queue", entry.updated_at, as_of)
    if entry.performer:
        raise InvalidInputError(
            f"execution {execution_id} runs already: `qdash executions cancel {execution_id}` ends it"
        )
    return entry


def _make_not_waiting_error(project_id: str, execution_id: str) -> NotFoundError:
    return NotFoundError(f"execution {execution_id} of project {project_id} does not wait in the queue")

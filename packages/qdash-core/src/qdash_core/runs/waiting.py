"""The queue as people see and change it: runs that wait for their chip, put in order, held, and taken out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.base import refuse_stale, utc_now
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.pages import Page
from qdash_core.models.project import ProjectRole
from qdash_core.record.listing import SeenExecution
from qdash_core.record.outside import interrupted_among
from qdash_core.record.reading import with_counts
from qdash_core.repositories.repositories import Repositories
from qdash_core.runs.queue import RunQueue

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.lease.service import LeaseStatus
    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.pages import PageRequest
    from qdash_core.models.queue import PresenceModel, QueueEntryModel
    from qdash_core.runs.turns import QueueStatus
    from qdash_core.runtime import Runtime


@dataclass(frozen=True, slots=True)
class ChipRuns:
    """What runs on a chip, and what waits for it.

    Parameters
    ----------
    leases : list of LeaseStatus
        Who has its instrument, of whatever project.
    running : list of SeenExecution
        Executions on it that go on, and those that have lost their process.
    waiting : list of QueueStatus
        Runs on it that wait in the queue, in order.
    """

    leases: list[LeaseStatus]
    running: list[SeenExecution]
    waiting: list[QueueStatus]


class QueueService:
    """The runs of one store that wait or are being performed.

    Parameters
    ----------
    runtime : Runtime
        Open.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._queue = RunQueue(runtime)

    def entries(self, access: Access) -> list[QueueStatus]:
        """Return the entries of a project, in order."""
        return self._queue.entries(access.project_id)

    def page(self, access: Access, request: PageRequest) -> Page[QueueStatus]:
        """Return a page of the entries of a project, in order."""
        return Page.of_all(
            self.entries(access), request, lambda one: (one.entry.rank, one.entry.execution_id)
        )

    def show(self, access: Access, execution_id: str) -> QueueStatus:
        """Return the entry of an execution; NotFoundError when it is not in the queue."""
        for one in self.entries(access):
            if one.entry.execution_id == execution_id:
                return one
        raise _not_waiting(access.project_id, execution_id)

    def of_chip(self, access: Access, chip_id: str) -> ChipRuns:
        """Return who has the instrument of a chip, what runs on it, and what waits for it; NotFoundError: no such chip."""
        runtime, project_id = self._runtime, access.project_id
        with runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.chips.require(project_id, chip_id)
            running = list(
                repositories.executions.newest_first(
                    project_id, chip_id=chip_id, statuses=[ExecutionStatus.RUNNING]
                )
            )
            dead = interrupted_among(repositories, running, utc_now())
            counted = with_counts(repositories, project_id, running)
        waiting = [one for one in self.entries(access) if one.entry.chip_id == chip_id]
        return ChipRuns(
            runtime.leases.touching(project_id, chip_id),
            [SeenExecution(one, one.execution_id in dead) for one in counted],
            [one for one in waiting if one.state != "running"],
        )

    def workers(self) -> list[PresenceModel]:
        """Return the workers that live, of every machine of the store."""
        return self._queue.workers()

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
        """Hold an entry or release it; `held` is None: `move` it. Parameters and errors as there."""
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
        """Put an entry before another one of its project, before all, or else behind all.

        Parameters
        ----------
        as_of : datetime or None
            `updated_at` of the entry when it was read; None: whatever it is by now is moved.

        Raises
        ------
        NotFoundError, InvalidInputError
            If one of them does not wait, or it is to come before itself.
        StaleError
            If it was changed since `as_of`.
        """
        access.require(ProjectRole.EDITOR)
        if before == execution_id:
            raise InvalidInputError(f"execution {execution_id} cannot be put before itself")
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            moved = _waiting(repositories, access.project_id, execution_id, as_of)
            moved = moved.altered(now=utc_now())
            others = [one for one in repositories.queue.everything() if one.key != moved.key]
            place = 0 if first else len(others)
            if before is not None:
                place = others.index(_waiting(repositories, access.project_id, before))
            moved = moved.model_copy(update={"rank": place + 1})
            for rank, entry in enumerate([*others[:place], moved, *others[place:]], 1):
                if entry.rank != rank or entry is moved:
                    repositories.queue.put(entry.model_copy(update={"rank": rank}))
        return self._queue.status(moved)

    def hold(self, access: Access, execution_id: str, *, as_of: datetime | None = None) -> QueueStatus:
        """Let a waiting run wait until it is released. `as_of`: see `move`, as which it raises."""
        return self._change(access, execution_id, as_of, held=True, reason=f"held by {access.username}")

    def release(self, access: Access, execution_id: str, *, as_of: datetime | None = None) -> QueueStatus:
        """Let a held run take its turn again. `as_of`: see `move`, as which it raises."""
        return self._change(access, execution_id, as_of, held=False, reason="", deaths=0)

    def remove(self, access: Access, execution_id: str) -> ExecutionModel:
        """Take a waiting run out of the queue: what was to begin is cancelled, what was to go on stays as it is.

        Raises as `move`.
        """
        access.require(ProjectRole.EDITOR)
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            entry = _waiting(repositories, access.project_id, execution_id)
            return self._queue.take_out(repositories, entry, f"removed from the queue by {access.username}")

    def _change(
        self, access: Access, execution_id: str, as_of: datetime | None, **changes: object
    ) -> QueueStatus:
        access.require(ProjectRole.EDITOR)
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            entry = _waiting(repositories, access.project_id, execution_id, as_of)
            changed = entry.altered(**changes, now=utc_now())
            repositories.queue.put(changed)
        return self._queue.status(changed)


def _waiting(
    repositories: Repositories, project_id: str, execution_id: str, as_of: datetime | None = None
) -> QueueEntryModel:
    entry = repositories.queue.find(project_id, execution_id)
    if entry is None:
        raise _not_waiting(project_id, execution_id)
    refuse_stale(f"the place of execution {execution_id} in the queue", entry.updated_at, as_of)
    if entry.performer:
        raise InvalidInputError(
            f"execution {execution_id} runs already: `qdash executions cancel {execution_id}` ends it"
        )
    return entry


def _not_waiting(project_id: str, execution_id: str) -> NotFoundError:
    return NotFoundError(f"execution {execution_id} of project {project_id} does not wait in the queue")

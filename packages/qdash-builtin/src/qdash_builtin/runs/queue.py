"""Queue of runs: claim, end and recovery."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from qdash_builtin.runs.queue_view import QueueView
from qdash_core.locks.presence import LiveProcesses
from qdash_core.models.execution import ExecutionModel, ExecutionStatus
from qdash_core.models.times import format_time
from qdash_core.process.clock import utc_now
from qdash_core.record.external_transitions import leave_queue, record_cancelled
from qdash_core.record.orphans import is_resumable
from qdash_core.repositories.executions import ExecutionLockRepository, ExecutionRepository
from qdash_core.repositories.queue import PresenceRepository, QueueRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from qdash_core.models.process_marks import Mark
    from qdash_core.models.queue import QueueEntryModel
    from qdash_core.runtime.runtime import Runtime

logger = logging.getLogger(__name__)

_DEATHS = 2
"""Number of lost workers after which a run is held."""


class RunQueue:
    """Waiting and running runs of one store; `view` reads them.

    An entry stays until its run has ended, so that a run whose worker died is found and resumed.
    """

    def __init__(self, runtime: Runtime, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._runtime, self._clock = runtime, clock
        self._live_processes = LiveProcesses()
        self.view = QueueView(runtime, self._live_processes)

    def claim(self, entry: QueueEntryModel, performer: str) -> bool:
        """Record the performer of an entry; return False if it was claimed, moved, held or removed, or is late."""
        if self._is_late(entry):
            return False
        return self._runtime.repositories.of(QueueRepository).claim(entry, performer)

    def give_back_claim(self, project_id: str, execution_id: str) -> None:
        """Return a claimed entry to its position in the queue, because its instrument was taken before it could start."""
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            entry = repositories.of(QueueRepository).find(project_id, execution_id)
            if entry is not None:
                repositories.of(QueueRepository).put(entry.model_copy(update={"performer": ""}))

    def conclude(
        self,
        project_id: str,
        execution_id: str,
        *,
        died: bool,
        refusal: str = "",
        performer: str | None = None,
    ) -> None:
        """Remove a finished run from the queue; put an interrupted run at its head to be resumed.

        A run is held after two workers died or two starts failed.

        Parameters
        ----------
        died : bool
            True if its process died; False if the run ended or was interrupted on request.
        refusal : str
            Reason why the run could not start; empty if it started.
        performer : str or None
            Expected performer: do nothing if another process has concluded or claimed the run. None to skip the check.
        """
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            entry = repositories.of(QueueRepository).find(project_id, execution_id)
            execution = repositories.of(ExecutionRepository).find(project_id, execution_id)
            if entry is None or performer not in (None, entry.performer):
                return
            if execution is None:
                repositories.of(QueueRepository).remove(project_id, execution_id)
                return
            if not entry.detached or not is_resumable(entry, execution, failed=died or bool(refusal)):
                leave_queue(repositories, execution)
                return
            why = refusal and f"it cannot begin: {refusal}"
            if died:
                why = f"its worker died {entry.deaths + 1} times: {execution.message or 'nothing was begun'}"
            again = _requeue(entry, execution, repositories, why=why)
            repositories.of(QueueRepository).put(again)
        if why:
            what = "is held" if again.held else "goes to the head of the queue"
            logger.warning(
                "execution %s %s: %s", execution_id, what, refusal or "the process that performed it died"
            )

    def take_out(self, repositories: Repositories, entry: QueueEntryModel, message: str) -> ExecutionModel:
        """Remove an entry and cancel its run unless that has started, in one transaction."""
        execution = leave_queue(repositories, repositories.of(ExecutionRepository).require(*entry.key))
        if execution.status is not ExecutionStatus.SCHEDULED:
            return execution
        return record_cancelled(repositories, execution, self._runtime.artifacts, message, now=self._clock())

    def leave(self, entry: QueueEntryModel) -> None:
        """Remove an entry whose run has ended or whose command no longer waits."""
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            leave_queue(repositories, repositories.of(ExecutionRepository).require(*entry.key))

    def sweep(self) -> None:
        """Remove late entries, entries of dead commands and registrations of dead processes; recover runs of dead
        workers.
        """
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            entries, presences = (
                repositories.of(QueueRepository).list_all(),
                repositories.of(PresenceRepository).list_all(),
            )
            locks = repositories.of(ExecutionLockRepository).list_all()
        alive, held = self._live_processes.select_live(presences), self._live_processes.select_live(locks)
        gone = {one.mark for one in locks if one.owner not in held}
        for entry in entries:
            if not entry.detached and entry.waiter not in alive:
                self._sweep_unattended(entry)
            elif entry.performer and entry.performer not in alive:
                self.recover(entry, gone=gone)
            elif not entry.performer and self._is_late(entry):
                self._sweep_late(entry)
        for one in presences:
            if one.owner not in alive:
                self._runtime.repositories.of(PresenceRepository).remove(one.owner)

    def _sweep_unattended(self, entry: QueueEntryModel) -> None:
        """Remove the entry of a waiting command that died."""
        with self._runtime.store.transaction() as transaction:
            self.take_out(
                Repositories(transaction), entry, "the command that waited for it ended before its turn"
            )

    def _is_late(self, entry: QueueEntryModel) -> bool:
        """Return whether the deadline of an entry has passed. A run that has started before is resumed at any time."""
        return entry.begin_before is not None and not entry.resume and entry.begin_before <= self._clock()

    def _sweep_late(self, entry: QueueEntryModel) -> None:
        assert entry.begin_before is not None
        when = format_time(entry.begin_before, self._runtime.zone)
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            found = repositories.of(QueueRepository).find(*entry.key)
            if found is not None and not found.performer and self._is_late(found):
                self.take_out(repositories, found, f"its deadline {when} passed before it could begin")

    def recover(self, entry: QueueEntryModel, *, died: bool = True, gone: Collection[Mark] = ()) -> None:
        """Return the run of a dead worker to the queue, after a process that the worker started has ended by itself.

        Parameters
        ----------
        died : bool
            True if the worker died; False if it is alive but could not record the end of the run.
        gone : collection of Mark
            See `end_interrupted`: the lock of a run on another host does not show immediately that its process died, too.
        """
        execution = self._runtime.record.find(*entry.key)
        if execution.status is ExecutionStatus.RUNNING:
            self._runtime.external_transitions.end_interrupted(entry.project_id, gone)
            execution = self._runtime.record.find(*entry.key)
        if execution.status is not ExecutionStatus.RUNNING:
            # Other processes that sweep find the same: one of them counts the death.
            self.conclude(*entry.key, died=died, performer=entry.performer)


def _requeue(
    entry: QueueEntryModel, execution: ExecutionModel, repositories: Repositories, *, why: str
) -> QueueEntryModel:
    """Move the entry to the head of the queue; `why` is the failure, empty after a requested interrupt."""
    deaths = entry.deaths + bool(why)
    held = deaths >= _DEATHS
    first = min(one.rank for one in repositories.of(QueueRepository).list_all())
    return entry.model_copy(
        update={
            "performer": "",
            "rank": first - 1,
            "resume": execution.status is not ExecutionStatus.SCHEDULED,
            "attempts": len(execution.attempts),
            "deaths": deaths,
            "held": held,
            "reason": why if held else "",
        }
    )

"""Queue of runs, as processes that submit and perform them change it."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.lease.liveness import Liveness, liveness
from qdash_core.lease.presence import LiveProcesses
from qdash_core.models.base import utc_now
from qdash_core.models.execution import ExecutionModel, ExecutionStatus
from qdash_core.models.queue import QueueEntryModel
from qdash_core.models.times import moment_text
from qdash_core.record.external_transitions import leave_queue, record_cancelled
from qdash_core.record.orphans import is_resumable
from qdash_core.repositories.repositories import Repositories
from qdash_core.runs.queue_view import QueueView

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from qdash_core.models.marks import Mark
    from qdash_core.runs.queue_view import QueuePosition
    from qdash_core.runtime import Runtime

logger = logging.getLogger(__name__)

_LOOK_S = 0.3
"""Seconds between two looks at a process that may be dead."""
_DEATHS = 2
"""Number of workers that a run may lose before a person has to look."""


class RunQueue:
    """The runs of one store that wait or are being performed; `view` reads them.

    An entry stays until its run has ended, so that a run whose worker died is found and goes on.

    Parameters
    ----------
    runtime : Runtime
        Open.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(self, runtime: Runtime, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._runtime, self._clock = runtime, clock
        self._live_processes = LiveProcesses(clock=clock)
        self.view = QueueView(runtime, self._live_processes, clock=clock)

    def enter(
        self,
        repositories: Repositories,
        execution: ExecutionModel,
        *,
        instrument: str,
        username: str,
        waiter: str = "",
        begin_before: datetime | None = None,
    ) -> QueueEntryModel:
        """Add a run after all others, within a transaction. A run that has ended is resumed in its turn.

        Parameters
        ----------
        waiter : str
            Owner of the presence of the command that waits for it; empty: a worker performs it.
        begin_before : datetime or None
            Deadline: if it has not begun before, it is taken out; None: it waits.
        """
        found = repositories.queue.find(execution.project_id, execution.execution_id)
        if found is not None and not found.held:
            raise InvalidInputError(
                f"execution {execution.execution_id} is in the queue already: it waits or runs"
            )
        entry = QueueEntryModel(
            project_id=execution.project_id,
            execution_id=execution.execution_id,
            chip_id=execution.chip_id,
            instrument=instrument,
            username=username,
            name=execution.name,
            rank=max((one.rank for one in repositories.queue.everything()), default=0) + 1,
            submitted_at=self._clock(),
            resume=execution.status is not ExecutionStatus.SCHEDULED,
            attempts=len(execution.attempts),
            waiter=waiter,
            begin_before=begin_before,
        )
        repositories.queue.put(entry)
        return entry

    def claim(self, entry: QueueEntryModel, performer: str) -> bool:
        """Record who performs an entry; return False if it is claimed, moved, held or removed since, or late."""
        if self._is_late(entry):
            return False
        return self._runtime.repositories.queue.claim(entry, performer)

    def give_back(self, project_id: str, execution_id: str) -> None:
        """Let an entry wait again at its position: its chip was taken before it could begin."""
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            entry = repositories.queue.find(project_id, execution_id)
            if entry is not None:
                repositories.queue.put(entry.model_copy(update={"performer": ""}))

    def conclude(
        self,
        project_id: str,
        execution_id: str,
        *,
        died: bool,
        refusal: str = "",
        performer: str | None = None,
    ) -> None:
        """Take a run that is over out of the queue; an interrupted run goes to the head of the queue, to be resumed.

        A run whose worker has died twice is held, and so is one that could not begin twice.

        Parameters
        ----------
        died : bool
            Whether the process that performed it died. False: it has ended, or was let go.
        refusal : str
            The reason why it could not begin; empty: it could.
        performer : str or None
            Its performer: nothing is done if another process has concluded or claimed it since. None: do not check.
        """
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            entry = repositories.queue.find(project_id, execution_id)
            execution = repositories.executions.find(project_id, execution_id)
            if entry is None or performer not in (None, entry.performer):
                return
            if execution is None:
                repositories.queue.remove(project_id, execution_id)
                return
            if not entry.detached or not is_resumable(entry, execution, failed=died or bool(refusal)):
                leave_queue(repositories, execution)
                return
            why = refusal and f"it cannot begin: {refusal}"
            if died:
                why = f"its worker died {entry.deaths + 1} times: {execution.message or 'nothing was begun'}"
            again = _again(entry, execution, repositories, why=why)
            repositories.queue.put(again)
        if why:
            what = "is held" if again.held else "goes to the head of the queue"
            logger.warning(
                "execution %s %s: %s", execution_id, what, refusal or "the process that performed it died"
            )

    def take_out(self, repositories: Repositories, entry: QueueEntryModel, message: str) -> ExecutionModel:
        """Remove an entry and cancel its run if that has not begun, in one transaction."""
        execution = leave_queue(repositories, repositories.executions.require(*entry.key))
        if execution.status is not ExecutionStatus.SCHEDULED:
            return execution
        return record_cancelled(repositories, execution, self._runtime.artifacts, message, now=self._clock())

    def leave(self, entry: QueueEntryModel) -> None:
        """Remove an entry whose run has ended, or whose command no longer waits for it."""
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            leave_queue(repositories, repositories.executions.require(*entry.key))

    def sweep(self) -> None:
        """Take out entries whose command died or that are late, recover runs of dead workers, and remove dead presences."""
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            entries, presences = repositories.queue.everything(), repositories.presences.everything()
            leases = repositories.locks.everything()
        alive, held = self._live_processes.among(presences), self._live_processes.among(leases)
        gone = {one.mark for one in leases if one.owner not in held}
        for entry in entries:
            if not entry.detached and entry.waiter not in alive:
                self._sweep_unattended(entry)
            elif entry.performer and entry.performer not in alive:
                self.recover(entry, gone=gone)
            elif not entry.performer and self._is_late(entry):
                self._sweep_late(entry)
        for one in presences:
            if one.owner not in alive:
                self._runtime.repositories.presences.remove(one.owner)

    def watch(self, project_id: str, execution_id: str) -> None:
        """Wait until it is known whether the process of an entry lives, if that is on another host and its time is over."""
        while (entry := self.view.find(project_id, execution_id)) is not None:
            presence = self._runtime.repositories.presences.find(entry.performer or entry.waiter)
            if presence is None or liveness(presence, self._clock()) is not Liveness.DOUBTFUL:
                return
            time.sleep(_LOOK_S)
            self.sweep()

    def _sweep_unattended(self, entry: QueueEntryModel) -> None:
        """Take out the entry of a command that died while it waited."""
        with self._runtime.store.transaction() as transaction:
            self.take_out(
                Repositories(transaction), entry, "the command that waited for it ended before its turn"
            )

    def _is_late(self, entry: QueueEntryModel) -> bool:
        """Return whether the deadline of an entry has passed. A run that has begun before is resumed at any time."""
        return entry.begin_before is not None and not entry.resume and entry.begin_before <= self._clock()

    def _sweep_late(self, entry: QueueEntryModel) -> None:
        assert entry.begin_before is not None
        when = moment_text(entry.begin_before, self._runtime.zone)
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            found = repositories.queue.find(*entry.key)
            if found is not None and not found.performer and self._is_late(found):
                self.take_out(repositories, found, f"its deadline {when} passed before it could begin")

    def recover(self, entry: QueueEntryModel, *, died: bool = True, gone: Collection[Mark] = ()) -> None:
        """Let the run of a worker wait again; a process that the worker started ends by itself, and is waited for.

        Parameters
        ----------
        died : bool
            Whether the worker has died. False: it lives, and could not record how the run has ended.
        gone : collection of Mark
            See `end_interrupted`: the lease of a run on another host does not show at once that its process died, too.
        """
        execution = self._runtime.record.find(*entry.key)
        if execution.status is ExecutionStatus.RUNNING:
            self._runtime.external_transitions.end_interrupted(entry.project_id, gone)
            execution = self._runtime.record.find(*entry.key)
        if execution.status is not ExecutionStatus.RUNNING:
            # Other processes that sweep find the same: one of them counts the death.
            self.conclude(*entry.key, died=died, performer=entry.performer)


class QueueWait:
    """The wait of one run in the queue, by a command that performs it, or that follows it while a worker performs it.

    Runs ahead of it, or its own performer, may die with no other process there to notice: before the first look, and now and
    then, the waiting command itself ends what dead processes have left.

    Parameters
    ----------
    execution_id : str
        The run.
    waiting : callable
        Receives a sentence with the reason why the run waits, whenever that changes.
    end_dead : callable
        Ends what dead processes have left.
    looks_between : int
        Looks from one call of `end_dead` to the next.
    """

    def __init__(
        self,
        execution_id: str,
        waiting: Callable[[str], None],
        *,
        end_dead: Callable[[], object],
        looks_between: int,
    ) -> None:
        self._execution_id, self._waiting = execution_id, waiting
        self._end_dead, self._looks_between = end_dead, looks_between
        self._looks, self._told = 0, ""

    def end_dead_if_due(self) -> None:
        """End what dead processes have left, if it is time for that. Called once for each look."""
        if self._looks % self._looks_between == 0:
            self._end_dead()
        self._looks += 1

    def tell_reason(self, position: QueuePosition) -> None:
        """Tell the reason why the run waits, if there is one and it is another than at the last call."""
        why = position.reason
        if why and why != self._told:
            self._waiting(f"execution {self._execution_id} waits for {why}")
        self._told = why


def _again(
    entry: QueueEntryModel, execution: ExecutionModel, repositories: Repositories, *, why: str
) -> QueueEntryModel:
    """Return the entry, waiting again at the head of the queue; `why` says what failed, empty: it was let go."""
    deaths = entry.deaths + bool(why)
    held = deaths >= _DEATHS
    first = min(one.rank for one in repositories.queue.everything())
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

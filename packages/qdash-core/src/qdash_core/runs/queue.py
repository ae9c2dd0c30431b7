"""The queue as those keep it who submit and perform runs."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.lease.liveness import Liveness, liveness
from qdash_core.models.execution import ExecutionModel, ExecutionStatus
from qdash_core.models.queue import QueueEntryModel
from qdash_core.models.times import moment_text
from qdash_core.record import outside
from qdash_core.record.reading import existing
from qdash_core.record.resumption import goes_on, leave_queue
from qdash_core.repositories.repositories import Repositories
from qdash_core.runs.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from qdash_core.models.marks import Mark

logger = logging.getLogger(__name__)

_LOOK_S = 0.3
"""So often a process that may be dead is looked at, in seconds."""
_DEATHS = 2
"""So often a run may lose its worker before a person has to look."""


class RunQueue(Turns):
    """The runs of one store that wait or are being performed.

    An entry stays until its run has ended, so that a run whose worker died is found and goes on.

    Parameters
    ----------
    runtime : Runtime
        Open.
    clock : callable
        Returns the present moment in UTC.
    """

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
        """Add a run behind all others, within a transaction. One that has ended goes on when it is its turn.

        Parameters
        ----------
        waiter : str
            The presence of the command that waits for it; empty: a worker performs it.
        begin_before : datetime or None
            When it has not begun by then, it is taken out; None: it waits.
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
        """Say who performs an entry; returns False when somebody else does, it was moved, held or removed since, or is late."""
        if self._is_late(entry):
            return False
        return self._runtime.repositories.queue.claim(entry, performer)

    def give_back(self, project_id: str, execution_id: str) -> None:
        """Let an entry wait again in its place: its chip was taken before it could begin."""
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
        """Take what is over out of the queue; what was interrupted goes to its head, to go on.

        A run whose worker has died twice is held, and so is one that could not begin twice.

        Parameters
        ----------
        died : bool
            Whether the process that performed it died. False: it has ended, or was let go.
        refusal : str
            Why it could not begin, where nothing came of it; empty: it could.
        performer : str or None
            Who performed it: nothing is done when somebody has concluded or claimed it since. None: this process knows.
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
            if not entry.detached or not goes_on(entry, execution, failed=died or bool(refusal)):
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
        """Remove an entry, and cancel what was to begin with it: nobody sees one without the other."""
        execution = leave_queue(repositories, existing(repositories, *entry.key))
        if execution.status is not ExecutionStatus.SCHEDULED:
            return execution
        return outside.cancel(repositories, execution, self._runtime.artifacts, message, now=self._clock())

    def leave(self, entry: QueueEntryModel) -> None:
        """Remove an entry whose run has ended, or whose command no longer waits for it."""
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            leave_queue(repositories, existing(repositories, *entry.key))

    def sweep(self) -> None:
        """Take out what nobody waits for any more or is too late, let what a dead worker has left wait again, and forget the dead."""
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            entries, presences = repositories.queue.everything(), repositories.presences.everything()
            leases = repositories.locks.everything()
        alive, held = self._living.among(presences), self._living.among(leases)
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
        """Wait, where an entry is that of a process on another host whose time is over, until it is known whether that lives."""
        while (entry := self.find(project_id, execution_id)) is not None:
            presence = self._runtime.repositories.presences.find(entry.performer or entry.waiter)
            if presence is None or liveness(presence, self._clock()) is not Liveness.DOUBTFUL:
                return
            time.sleep(_LOOK_S)
            self.sweep()

    def _sweep_unattended(self, entry: QueueEntryModel) -> None:
        """A command that waited for its run has died."""
        with self._runtime.store.transaction() as transaction:
            self.take_out(
                Repositories(transaction), entry, "the command that waited for it ended before its turn"
            )

    def _is_late(self, entry: QueueEntryModel) -> bool:
        """Whether the time by which an entry had to begin is over. One that has begun before goes on whenever it can."""
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
        """Let what a worker has left wait again; a process that it started ends by itself, and is waited for.

        Parameters
        ----------
        died : bool
            Whether the worker has died. False: it lives, and could not say how the run has ended.
        gone : collection of Mark
            See `end_interrupted`: the lease of a run on another host does not tell at once that its process died, too.
        """
        execution = self._runtime.record.find(*entry.key)
        if execution.status is ExecutionStatus.RUNNING:
            self._runtime.record.end_interrupted(entry.project_id, gone)
            execution = self._runtime.record.find(*entry.key)
        if execution.status is not ExecutionStatus.RUNNING:
            # Others who look find the same: one of them counts the death.
            self.conclude(*entry.key, died=died, performer=entry.performer)


def _again(
    entry: QueueEntryModel, execution: ExecutionModel, repositories: Repositories, *, why: str
) -> QueueEntryModel:
    """Return an entry that waits again, at the head of the queue; `why` says what failed, empty: it was let go."""
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

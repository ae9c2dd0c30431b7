"""The queue: runs that wait for their chip, in order, and who performs them."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.lease.presence import Living
from qdash_core.models.base import utc_now
from qdash_core.models.execution import EndReason, ExecutionModel, ExecutionStatus
from qdash_core.models.queue import QueueEntryModel
from qdash_core.record import outside
from qdash_core.record.reading import existing
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from qdash_core.models.queue import PresenceModel
    from qdash_core.runtime import Runtime

logger = logging.getLogger(__name__)

_DEATHS = 2
"""So often a run may lose its worker before a person has to look."""


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """An entry of the queue as it stands.

    Parameters
    ----------
    entry : QueueEntryModel
        The run.
    state : {"waiting", "held", "running"}
        What it does.
    waits_for : str
        In words, what it waits for; empty: nothing, it begins as soon as whoever performs it looks.
    """

    entry: QueueEntryModel
    state: Literal["waiting", "held", "running"]
    waits_for: str


class RunQueue:
    """The runs of one store that wait or are being performed.

    An entry stays until its run has ended, so that a run whose worker died is found and goes on.

    Parameters
    ----------
    runtime : Runtime
        Open.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(self, runtime: Runtime, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._runtime = runtime
        self._clock = clock
        self._living = Living(clock=clock)

    # ------------------------------------------------------------------------------------------------------ looked at

    def entries(self, project_id: str | None = None) -> list[QueueStatus]:
        """Return the entries of a project, or of the store, in order."""
        self.sweep()
        with self._runtime.store.read() as snapshot:
            entries = Repositories(snapshot).queue.everything()
        return [
            QueueStatus(entry, _state(entry), self.waits_for(entry) or "")
            for entry in entries
            if project_id in (None, entry.project_id)
        ]

    def find(self, project_id: str, execution_id: str) -> QueueEntryModel | None:
        """Return the entry of an execution, or None."""
        return self._runtime.repositories.queue.find(project_id, execution_id)

    def workers(self) -> list[PresenceModel]:
        """Return the workers that live, of every machine of the store."""
        presences = self._living.among(self._runtime.repositories.presences.everything())
        return [one for one in presences.values() if one.kind == "worker"]

    def waits_for(self, entry: QueueEntryModel) -> str | None:
        """Return in words what an entry waits for; None: it may begin, or is performed already."""
        if entry.performer:
            return None
        if entry.held:
            return f"it is held: {entry.reason}" if entry.reason else "it is held"
        return self._ahead(entry) or self._in_use(entry)

    def ahead(self, project_id: str, instrument: str) -> str | None:
        """Return in words which run of the queue a new one would wait for; None: none."""
        return self._ahead(
            QueueEntryModel(
                project_id=project_id,
                execution_id="",
                instrument=instrument,
                username="",
                name="",
                rank=sys.maxsize,
                submitted_at=self._clock(),
            )
        )

    def _ahead(self, entry: QueueEntryModel) -> str | None:
        if not entry.instrument:
            return None
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            entries = repositories.queue.everything()
            alive = self._living.among(repositories.presences.everything())
        for other in entries:
            if _key(other) == _key(entry) or not self._exclude(entry, other):
                continue
            if other.performer in alive:
                return f"execution {other.execution_id} of {other.username} runs"
            if other.rank < entry.rank and _is_performable(other, alive):
                return f"execution {other.execution_id} of {other.username} is before it"
        return None

    def _exclude(self, one: QueueEntryModel, other: QueueEntryModel) -> bool:
        """Whether two runs cannot be performed at once."""
        whole_project = self._runtime.settings.lock_scope == "project" and one.project_id == other.project_id
        return one.instrument == other.instrument or whole_project

    def _in_use(self, entry: QueueEntryModel) -> str | None:
        """Return in words who holds what an entry needs; None: it is free."""
        if not entry.instrument:
            return None
        settings = self._runtime.settings
        leases = self._runtime.leases.of_instrument(
            entry.instrument, project_id=entry.project_id, scope=settings.lock_scope
        )
        for status in leases:
            if status.locked:
                return f"{status.subject} is in use by {status.run} ({status.process(settings.zone)})"
        return None

    # --------------------------------------------------------------------------------------------------------- changed

    def enter(
        self,
        repositories: Repositories,
        execution: ExecutionModel,
        *,
        instrument: str,
        username: str,
        waiter: str = "",
    ) -> QueueEntryModel:
        """Add a run behind all others, within a transaction. One that has ended goes on when it is its turn.

        Parameters
        ----------
        waiter : str
            The presence of the command that waits for it; empty: a worker performs it.
        """
        found = repositories.queue.find(execution.project_id, execution.execution_id)
        if found is not None and not found.held:
            raise InvalidInputError(f"execution {execution.execution_id} is in the queue already")
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
        )
        repositories.queue.put(entry)
        return entry

    def claim(self, entry: QueueEntryModel, performer: str) -> bool:
        """Say who performs an entry; returns False when somebody else does, or it was moved, held or removed since."""
        return self._runtime.repositories.queue.claim(entry, performer)

    def give_back(self, project_id: str, execution_id: str) -> None:
        """Let an entry wait again in its place: its chip was taken before it could begin."""
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            entry = repositories.queue.find(project_id, execution_id)
            if entry is not None:
                repositories.queue.put(entry.model_copy(update={"performer": ""}))

    def conclude(self, project_id: str, execution_id: str, *, died: bool) -> None:
        """Take what is over out of the queue; what was interrupted goes to its head, to go on.

        A run whose worker has died twice is held.

        Parameters
        ----------
        died : bool
            Whether the process that performed it died. False: it has ended, or was let go.
        """
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            entry = repositories.queue.find(project_id, execution_id)
            execution = repositories.executions.find(project_id, execution_id)
            if entry is None:
                return
            if execution is None or entry.waiter or not _goes_on(entry, execution, died=died):
                repositories.queue.remove(project_id, execution_id)
            else:
                repositories.queue.put(_again(entry, execution, repositories, died=died))

    def move(
        self, project_id: str, execution_id: str, *, before: str | None = None, first: bool = False
    ) -> None:
        """Put an entry before another one of its project, before all, or else behind all.

        Raises
        ------
        NotFoundError, InvalidInputError
            If one of them does not wait, or it is to come before itself.
        """
        if before == execution_id:
            raise InvalidInputError(f"execution {execution_id} cannot be put before itself")
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            moved = _waiting(repositories, project_id, execution_id)
            others = [one for one in repositories.queue.everything() if _key(one) != _key(moved)]
            place = 0 if first else len(others)
            if before is not None:
                place = others.index(_waiting(repositories, project_id, before))
            for rank, entry in enumerate([*others[:place], moved, *others[place:]], 1):
                if entry.rank != rank:
                    repositories.queue.put(entry.model_copy(update={"rank": rank}))

    def hold(self, project_id: str, execution_id: str, *, username: str) -> None:
        """Let a waiting run wait until it is released. Raises as `move`."""
        self._change(project_id, execution_id, held=True, reason=f"by {username}")

    def release(self, project_id: str, execution_id: str) -> None:
        """Let a held run take its turn again. Raises as `move`."""
        self._change(project_id, execution_id, held=False, reason="", deaths=0)

    def remove(self, project_id: str, execution_id: str, *, username: str) -> ExecutionModel:
        """Take a waiting run out of the queue: what was to begin is cancelled, what was to go on stays as it is.

        Raises as `move`.
        """
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            entry = _waiting(repositories, project_id, execution_id)
            return self._take_out(repositories, entry, f"removed from the queue by {username}")

    def _take_out(self, repositories: Repositories, entry: QueueEntryModel, message: str) -> ExecutionModel:
        """Remove an entry, and cancel what was to begin with it: nobody sees one without the other."""
        repositories.queue.remove(*_key(entry))
        execution = existing(repositories, *_key(entry))
        if execution.status is not ExecutionStatus.SCHEDULED:
            return execution
        return outside.cancel(repositories, execution, self._runtime.artifacts, message, now=self._clock())

    def _change(self, project_id: str, execution_id: str, **changes: object) -> None:
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            entry = _waiting(repositories, project_id, execution_id)
            repositories.queue.put(entry.model_copy(update=changes))

    # ----------------------------------------------------------------------------------------------------------- swept

    def sweep(self) -> None:
        """Take out what nobody waits for any more, and let go on what a dead worker has left.

        Dead presences are removed with that.
        """
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            entries, presences = repositories.queue.everything(), repositories.presences.everything()
        alive = self._living.among(presences)
        for entry in entries:
            if entry.waiter and entry.waiter not in alive:
                self._sweep_unattended(entry)
            elif entry.performer and entry.performer not in alive:
                self.abandon(entry)
        for one in presences:
            if one.owner not in alive:
                self._runtime.repositories.presences.remove(one.owner)

    def _sweep_unattended(self, entry: QueueEntryModel) -> None:
        """A command that waited for its run has died."""
        with self._runtime.store.transaction() as transaction:
            self._take_out(
                Repositories(transaction), entry, "the command that waited for it ended before its turn"
            )

    def abandon(self, entry: QueueEntryModel) -> None:
        """Let go on what a worker has left; a process that it started ends by itself, and is waited for."""
        execution, _ = self._runtime.executions.show(*_key(entry))
        if execution.status is ExecutionStatus.RUNNING:
            self._runtime.executions.end_interrupted(entry.project_id)
            execution, _ = self._runtime.executions.show(*_key(entry))
        if execution.status is not ExecutionStatus.RUNNING:
            logger.warning("execution %s goes to the head of the queue: its worker died", entry.execution_id)
            self.conclude(*_key(entry), died=True)


def _key(entry: QueueEntryModel) -> tuple[str, str]:
    return entry.project_id, entry.execution_id


def _state(entry: QueueEntryModel) -> Literal["waiting", "held", "running"]:
    return "running" if entry.performer else "held" if entry.held else "waiting"


def _is_performable(entry: QueueEntryModel, alive: Mapping[str, PresenceModel]) -> bool:
    """Whether somebody is there to perform a waiting entry: otherwise nobody waits for it."""
    if entry.held:
        return False
    return entry.waiter in alive if entry.waiter else any(one.kind == "worker" for one in alive.values())


def _goes_on(entry: QueueEntryModel, execution: ExecutionModel, *, died: bool) -> bool:
    """Whether a run that nobody performs any more has something left to do, without anybody having asked for its end."""
    if died and len(execution.attempts) == entry.attempts:
        return True  # whatever it had come to before it was put into the queue
    return execution.status is ExecutionStatus.SCHEDULED or execution.reason is EndReason.INTERRUPTED


def _again(
    entry: QueueEntryModel, execution: ExecutionModel, repositories: Repositories, *, died: bool
) -> QueueEntryModel:
    """Return an entry that waits again, at the head of the queue."""
    deaths = entry.deaths + died
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
            "reason": f"its worker died {deaths} times: {execution.message}" if held else "",
        }
    )


def _waiting(repositories: Repositories, project_id: str, execution_id: str) -> QueueEntryModel:
    entry = repositories.queue.find(project_id, execution_id)
    if entry is None:
        raise NotFoundError(f"execution {execution_id} of project {project_id} does not wait in the queue")
    if entry.performer:
        raise InvalidInputError(
            f"execution {execution_id} runs already: `qdash executions cancel {execution_id}` ends it"
        )
    return entry

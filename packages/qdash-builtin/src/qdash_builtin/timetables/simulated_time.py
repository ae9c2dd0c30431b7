"""Service that lets time pass in a home with a simulated clock, from one due moment to the next."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.timetables.activities import BUSY, get_activity
from qdash_builtin.timetables.repository import TimetableRepository
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.project import ProjectRole
from qdash_core.models.times import format_time
from qdash_core.process.clock import SimulatedClock
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.queue import QueueRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from qdash_builtin.runs.queue import RunQueue
    from qdash_builtin.timetables.models.timetable import TimetableModel
    from qdash_core.models.access import Access
    from qdash_core.models.execution import EventModel
    from qdash_core.runtime.runtime import Runtime

PATIENCE_S = 600.0
"""Real time without any progress after which the passing of time is given up, in seconds."""
WORKER_PATIENCE_S = 30.0
"""The same without a worker: one may be starting, or be started again, in seconds."""
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class TimeStep:
    """Step of the simulated clock.

    Parameters
    ----------
    at : datetime
        Time of the home after everything that was due is done.
    events : sequence of EventModel
        Recorded events of the project since the last step.
    unattended : bool
        Whether something is due or waits, and no worker lives to do it.
    """

    at: datetime
    events: Sequence[EventModel]
    unattended: bool


class SimulatedTimeService:
    """Service that lets time pass in a home with a simulated clock.

    It advances the clock to the next time at which a timetable or the deadline of a waiting run is due, and waits in
    real time until workers have done what is due. Runs advance the clock by their laboratory time themselves. Without a
    worker it passes nothing that is due, unless the caller wants that: then it is left undone, as in reality. It gives
    up after `patience_s` seconds of real time without any progress, and after `worker_patience_s` without a worker.
    """

    def __init__(
        self,
        runtime: Runtime,
        queue: RunQueue,
        *,
        patience_s: float = PATIENCE_S,
        worker_patience_s: float = WORKER_PATIENCE_S,
    ) -> None:
        self._runtime, self._queue = runtime, queue
        self._patience_s, self._worker_patience_s = patience_s, worker_patience_s

    def pass_until(
        self,
        access: Access,
        until: datetime,
        *,
        without_worker: bool = False,
        on_step: Callable[[TimeStep], object] = lambda _step: None,
    ) -> list[TimeStep]:
        """Let time pass, at least until the given time, and return the steps; a run that is in progress then ends first.

        Parameters
        ----------
        access : Access
            User and project, whose events the steps list. The clock is that of all projects.
        without_worker : bool
            Whether time also passes while no worker lives; what is due then is left undone.
        on_step : callable
            Called with each step when it is done.

        Raises
        ------
        InvalidInputError
            If the home has the clock of the machine, or the time is not in its future.
        ConflictError
            If nothing has progressed for `patience_s`, or something is due until then and there was no worker for `worker_patience_s`.
            The clock shows the last step then.
        """
        access.require(ProjectRole.EDITOR)
        clock = self._runtime.clock
        if not isinstance(clock, SimulatedClock):
            raise InvalidInputError(
                "this home has the clock of the machine, which cannot be advanced: `qdash init --simulated-clock TIME` creates a home "
                "with a simulated clock"
            )
        if until <= (now := clock.now()):
            times = [format_time(one, self._runtime.zone) for one in (until, now)]
            raise InvalidInputError(
                f"{times[0]} is not in the future of this home: its clock shows {times[1]}"
            )
        steps: list[TimeStep] = []
        seq = self._runtime.repositories.of(EventRepository).get_last_seq(access.project_id)
        while True:
            self._wait_for_workers()
            if not without_worker and self._wait_until_attended(until):
                continue  # it has something to do first
            events = self._runtime.repositories.of(EventRepository).list_since(access.project_id, seq)
            seq = events[-1].seq if events else seq
            moment = self._find_next(until)
            now = clock.now()
            if events or now >= until:
                steps.append(TimeStep(now, events, self._is_unattended(until)))
                on_step(steps[-1])
            if now >= until:
                return steps
            clock.advance_to(moment)

    def _find_next(self, until: datetime) -> datetime:
        """Return the next time at which something is due that a worker does, at most `until`."""
        if not self._queue.view.list_workers():
            return until
        repositories, now = self._runtime.repositories, self._runtime.clock.now()
        due = [one.next_at for one in repositories.of(TimetableRepository).list_due(until)]
        deadlines = [one.begin_before for one in repositories.of(QueueRepository).list_all()]
        return min(
            (one for one in (*due, *deadlines) if one is not None and now < one < until), default=until
        )

    def _is_unattended(self, until: datetime) -> bool:
        if self._queue.view.list_workers():
            return False
        repositories = self._runtime.repositories
        return bool(
            repositories.of(TimetableRepository).list_due(until)
            or repositories.of(QueueRepository).list_all()
        )

    def _wait_for_workers(self) -> None:
        """Wait in real time until nothing is due or in progress that a live process does."""
        last, since = None, time.monotonic()
        while pending := self._find_pending():
            progress = self._read_progress()
            if progress != last:
                last, since = progress, time.monotonic()
            elif time.monotonic() - since > self._patience_s:
                raise ConflictError(
                    f"nothing has happened for {self._patience_s:g} s of real time: {pending}; end what holds it up (`qdash queue list`, "
                    "`qdash lock status`, `qdash timetable list`, the logs of the workers), then wait again"
                )
            time.sleep(_LOOK_S)

    def _wait_until_attended(self, until: datetime) -> bool:
        """Wait in real time until a worker lives, unless nothing is due and no run waits, and return whether that was necessary."""
        since, waited = time.monotonic(), False
        while self._is_unattended(until):
            waited = True
            if time.monotonic() - since > self._worker_patience_s:
                times = [format_time(one, self._runtime.zone) for one in (until, self._runtime.clock.now())]
                raise ConflictError(
                    f"no worker is running, and timetables are due or runs wait until {times[0]}: the clock stays at {times[1]}. Start "
                    "`qdash worker` and wait again; with --without-worker time passes, and they are not performed"
                )
            time.sleep(_LOOK_S)
        return waited

    def _find_pending(self) -> str:
        """Return a description of something that a live process is doing or will do, or an empty text.

        A due timetable becomes an entry of the queue, which stays until its run has ended: reading them in this order
        overlooks neither.
        """
        has_worker = bool(self._queue.view.list_workers())
        return (self._find_pending_timetable() if has_worker else "") or self._find_pending_run(
            has_worker=has_worker
        )

    def _find_pending_timetable(self) -> str:
        now = self._runtime.clock.now()
        for timetable in self._list_timetables():
            if timetable.next_at is not None and timetable.next_at <= now:
                return f"timetable {timetable.name} is due"
            if timetable.last is not None and timetable.last.became in BUSY:
                return f"the {get_activity(timetable).noun} of timetable {timetable.name} is in progress"
        return ""

    def _find_pending_run(self, *, has_worker: bool) -> str:
        for status in self._queue.view.list_entries():
            entry = status.entry
            if status.state == "running":
                return f"execution {entry.execution_id} is running"
            if status.state == "waiting" and (has_worker or not entry.detached):
                return f"execution {entry.execution_id} waits for {status.waits_for or 'its start'}"
        for lock in self._runtime.locks.list_all():
            if lock.locked:
                return f"{lock.subject} is in use by {lock.run}"
        return ""

    def _list_timetables(self) -> list[TimetableModel]:
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            return [
                timetable
                for project in repositories.of(ProjectRepository).list_all()
                for timetable in repositories.of(TimetableRepository).list_by_project(project.project_id)
            ]

    def _read_progress(self) -> object:
        """Return the clock in seconds, the queue and the outcomes of timetables: if anything progresses, one of them changes."""
        queue = [
            (one.key, one.performer, one.rank)
            for one in self._runtime.repositories.of(QueueRepository).list_all()
        ]
        timetables = [
            (one.name, one.considered_until, one.last, one.sending_since) for one in self._list_timetables()
        ]
        return self._runtime.clock.now().replace(microsecond=0), queue, timetables

"""A worker: performs the runs that nobody waits for, on whatever machine of the store it stands."""

from __future__ import annotations

import logging
import os
import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING

from qdash_core.errors import LockedError, QDashError, StoreUnavailableError
from qdash_core.hooks.runners import ProcessDiedError, Stop, WorksInPool
from qdash_core.lease.presence import Presence
from qdash_core.progress import Unwatched, tell
from qdash_core.runs.attending import buried, has_begun
from qdash_core.runs.pools import Work

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from qdash_core.hooks.runners import Runner
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.queue import QueueEntryModel
    from qdash_core.runs.service import RunService
    from qdash_core.runs.turns import QueueStatus
    from qdash_core.runtime import Runtime

logger = logging.getLogger(__name__)

LOOK_S = 0.5
"""So often the queue is looked at, in seconds."""
_AT_LEAST = 4
"""So many runs at once any machine bears: most of the time they wait for their instruments."""


def usual_most() -> int:
    """Return how many runs a machine performs at once unless somebody says: each takes a process, and computes in between."""
    return max(_AT_LEAST, os.cpu_count() or 1)


class Worker:
    """Performs runs of the queue until it is told to stop, those of different chips side by side.

    Parameters
    ----------
    runtime : Runtime
        Open, on a store that other processes can open.
    runs : RunService
        Of this store.
    most : int or None
        So many runs at once; None: as many as there are chips for.
    told : callable
        Told in words what it does.
    start_due : callable
        Submits the runs that are to begin by themselves now; called whenever the queue is looked at, unless the runner's own
        service tells the time.
    """

    def __init__(
        self,
        runtime: Runtime,
        runs: RunService,
        *,
        most: int | None = None,
        told: Callable[[str], None] = logger.info,
        start_due: Callable[[], object] = lambda: None,
    ) -> None:
        self._start_due = start_due
        self._runtime, self._runs, self._most, self._told = runtime, runs, most, told
        self._going_on: dict[tuple[str, str], tuple[threading.Thread, Stop]] = {}

    def work(self, stopped: threading.Event) -> None:
        """Perform runs until `stopped` is set; what is going on then is let go: it goes to the head of the queue."""
        settings = self._runtime.settings
        runner = self._runtime.registry.runner(settings.runner)
        with (
            Presence(self._runtime.store, "worker", ttl_s=settings.lease_ttl_s) as presence,
            self._at_work(runner, presence.owner, stopped) as can_begin,
        ):
            try:
                while not stopped.wait(LOOK_S):
                    if not isinstance(runner, WorksInPool):  # its service tells the time
                        self._start_due_safely()
                    try:
                        self._begin(presence.owner, can_begin)
                    except QDashError as error:
                        logger.warning("the queue cannot be looked at, which is tried again: %s", error)
            finally:
                self._let_go()

    def _start_due_safely(self) -> None:
        """Submit what is to begin by itself. Whatever is wrong with it, runs that wait are performed."""
        try:
            self._start_due()
        except QDashError as error:
            logger.warning("timetables cannot be looked at, which is tried again: %s", error)
        except Exception:
            logger.exception("timetables cannot be looked at, which is tried again")

    def _at_work(
        self, runner: Runner, owner: str, stopped: threading.Event
    ) -> AbstractContextManager[Callable[[], bool]]:
        """Return what a runner has beside a worker, for the length of a block; it yields whether a run could begin now."""
        if not isinstance(runner, WorksInPool):
            return nullcontext(lambda: True)
        work = Work(self._runtime, self._runs, owner, stopped, self._say, self._start_due)
        return runner.at_work(work)

    def _begin(self, owner: str, can_begin: Callable[[], bool]) -> None:
        """Begin what can begin."""
        self._going_on = {
            key: (thread, stop) for key, (thread, stop) in self._going_on.items() if thread.is_alive()
        }
        self._runs.queue.sweep()
        for status in self._runs.queue.entries():
            entry = status.entry
            if entry.performer == owner and entry.key not in self._going_on:
                self._runs.queue.recover(entry, died=False)  # the store was away when it ended
            elif self._may_begin(status) and can_begin() and self._runs.queue.claim(entry, owner):
                stop = Stop()
                thread = threading.Thread(target=self._perform_safely, args=(entry, stop), daemon=True)
                self._going_on[entry.key] = thread, stop
                thread.start()

    def _may_begin(self, status: QueueStatus) -> bool:
        """Whether a worker performs an entry, it is its turn, and this one has a place for it."""
        if self._most is not None and len(self._going_on) >= self._most:
            return False
        return status.state == "waiting" and status.entry.detached and not status.waits_for

    def _let_go(self) -> None:
        for _, stop in self._going_on.values():
            stop.ask("leave")
        for thread, _ in self._going_on.values():
            thread.join()

    def _perform_safely(self, entry: QueueEntryModel, stop: Stop) -> None:
        try:
            self._perform(entry, stop)
        except QDashError as error:
            logger.warning("what became of execution %s is looked at again: %s", entry.execution_id, error)

    def _perform(self, entry: QueueEntryModel, stop: Stop) -> None:
        where = entry.project_id, entry.execution_id
        execution = self._runtime.record.find(*where)
        self._say(
            f"execution {entry.execution_id} of {entry.username} on {entry.chip_id or 'its chip'}: begins"
        )
        died_by_itself, refusal = False, ""
        try:
            self._runs.have_performed(execution, Unwatched(), stop)
        except LockedError as error:
            if self._waits_again(execution, error):
                return
        except ProcessDiedError as died:
            died_by_itself = stop.asked is None
            self._bury(where, died, stop)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  what began has recorded it; the worker goes on
            logger.info("execution %s: %s", entry.execution_id, error)
            if self._is_as_it_was(execution):
                if stop.asked == "leave" or isinstance(error, StoreUnavailableError):
                    self._runs.queue.give_back(*where)
                    return
                if stop.asked is None and isinstance(error, Exception):
                    refusal = str(error) or type(error).__name__
        self._runs.queue.conclude(*where, died=died_by_itself, refusal=refusal)
        ended = self._runtime.record.find(*where)
        message = refusal or ended.message
        self._say(f"execution {entry.execution_id}: {ended.status}{f' ({message})' if message else ''}")

    def _say(self, line: str) -> None:
        """Tell what is done. That nobody can hear it, as when a terminal is gone, must not end a run."""
        tell(self._told, line)

    def _is_as_it_was(self, execution: ExecutionModel) -> bool:
        """Whether a run is what it was before: nothing was measured, and nothing recorded that ends it."""
        found = self._runtime.record.find(execution.project_id, execution.execution_id)
        return found.status is execution.status and not has_begun(self._runtime, execution)

    def _waits_again(self, execution: ExecutionModel, error: LockedError) -> bool:
        """Give a run back whose chip was taken just before it began; returns False where that cannot be waited for."""
        where = execution.project_id, execution.execution_id
        if has_begun(self._runtime, execution):
            return False
        if not execution.chip_id:  # only the flow itself knows what it needs
            self._runtime.record.refuse(*where, str(error))
            return False
        logger.info("execution %s waits again: %s", execution.execution_id, error)
        self._runs.queue.give_back(*where)
        return True

    def _bury(self, where: tuple[str, str], died: ProcessDiedError, stop: Stop) -> None:
        execution = self._runtime.record.find(*where)
        if execution.start_at is not None:  # one that has not begun is performed anew
            buried(self._runtime, execution, died, stop)

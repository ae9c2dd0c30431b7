"""Workers: performers of queued runs for which no command waits."""

from __future__ import annotations

import logging
import os
import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING

from qdash_builtin.runs.process_ends import has_begun, record_dead_process
from qdash_core.errors import LockedError, QDashError, StoreUnavailableError
from qdash_core.hooks.runners import PoolRunner, ProcessDiedError, Stop
from qdash_core.locks.presence import ProcessRegistration
from qdash_core.models.progress import SilentProgress, notify_observer
from qdash_core.runs.worker_context import WorkerContext

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from qdash_builtin.runs.queue_view import QueueStatus
    from qdash_builtin.runs.service import RunService
    from qdash_core.hooks.runners import Runner
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.queue import QueueEntryModel
    from qdash_core.runtime.runtime import Runtime

logger = logging.getLogger(__name__)

LOOK_S = 0.5
"""Seconds between two checks of the queue."""
_LOOK_SIMULATED_S = 0.1
"""The same in a home with a simulated clock, whose next night waits for the checks of this one."""
_LEAST_MAX_RUNS = 4
"""Number of runs that any machine can perform at once: runs mostly wait for their instruments."""


def get_default_max_runs() -> int:
    """Return the default number of parallel runs on a machine: each has a process that computes between measurements."""
    return max(_LEAST_MAX_RUNS, os.cpu_count() or 1)


class Worker:
    """Performer of queued runs, in parallel on different instruments, until it is stopped.

    Parameters
    ----------
    runtime : Runtime
        On a store that other processes can open.
    max_runs : int or None
        Limit of parallel runs, or None for no limit.
    notify : callable
        Prints a line of text for the user.
    start_due : callable
        Submits the due runs of timetables; called with every check of the queue, unless the service of a `PoolRunner`
        triggers timetables.
    """

    def __init__(
        self,
        runtime: Runtime,
        runs: RunService,
        *,
        max_runs: int | None = None,
        notify: Callable[[str], None] = logger.info,
        start_due: Callable[[], object] = lambda: None,
    ) -> None:
        self._start_due = start_due
        self._runtime, self._runs, self._max_runs, self._notify = runtime, runs, max_runs, notify
        self._in_progress: dict[tuple[str, str], tuple[threading.Thread, Stop]] = {}
        self._said: dict[str, str] = {}

    def work(self, stopped: threading.Event, *, started: Callable[[], object] = lambda: None) -> None:
        """Perform runs until `stopped` is set; then interrupt running ones, which return to the head of the queue.

        `started` is called once the worker is registered and its runner is ready.
        """
        settings = self._runtime.settings
        runner = self._runtime.registry.runner(settings.runner)
        with (
            ProcessRegistration(self._runtime.store, "worker", ttl_s=settings.lease_ttl_s) as presence,
            self._enter_runner(runner, presence.owner, stopped) as can_begin,
        ):
            started()
            try:
                while not stopped.wait(_LOOK_SIMULATED_S if self._runtime.clock.simulated else LOOK_S):
                    if not isinstance(runner, PoolRunner):  # its service tells the time
                        self._start_due_safely()
                    self._try_again("the queue", lambda: self._begin_runs(presence.owner, can_begin))
            finally:
                self._let_go()

    def _start_due_safely(self) -> None:
        """Submit the due runs of timetables. An error does not stop waiting runs."""
        try:
            self._try_again("timetables", self._start_due)
        except Exception:
            logger.exception("timetables cannot be read (tried again)")

    def _try_again(self, what: str, attempt: Callable[[], object]) -> None:
        """Read something, and log an error once, until it is another one or is over."""
        try:
            attempt()
        except QDashError as error:
            if self._said.get(what) != (said := str(error)):
                logger.warning("%s cannot be read (tried again): %s", what, said)
                self._said[what] = said
        else:
            self._said.pop(what, None)

    def _enter_runner(
        self, runner: Runner, owner: str, stopped: threading.Event
    ) -> AbstractContextManager[Callable[[], bool]]:
        """Return the context of the runner for a worker; it yields a function that returns whether a run could start."""
        if not isinstance(runner, PoolRunner):
            return nullcontext(lambda: True)
        work = WorkerContext(self._runtime, self._runs, owner, stopped, self._print_line, self._start_due)
        return runner.at_work(work)

    def _begin_runs(self, owner: str, can_begin: Callable[[], bool]) -> None:
        """Start the runs that can start."""
        self._in_progress = {
            key: (thread, stop) for key, (thread, stop) in self._in_progress.items() if thread.is_alive()
        }
        self._runs.queue.sweep()
        for status in self._runs.queue.view.list_entries():
            entry = status.entry
            if entry.performer == owner and entry.key not in self._in_progress:
                self._runs.queue.recover(entry, died=False)  # the store was away when it ended
            elif self._may_begin(status) and can_begin() and self._runs.queue.claim(entry, owner):
                stop = Stop()
                thread = threading.Thread(target=self._perform_safely, args=(entry, stop), daemon=True)
                self._in_progress[entry.key] = thread, stop
                thread.start()

    def _may_begin(self, status: QueueStatus) -> bool:
        """Return whether a worker performs an entry, its turn has come, and this worker is below its limit."""
        if self._max_runs is not None and len(self._in_progress) >= self._max_runs:
            return False
        return status.state == "waiting" and status.entry.detached and not status.waits_for

    def _let_go(self) -> None:
        for _, stop in self._in_progress.values():
            stop.ask("leave")
        for thread, _ in self._in_progress.values():
            thread.join()

    def _perform_safely(self, entry: QueueEntryModel, stop: Stop) -> None:
        try:
            self._perform(entry, stop)
        except QDashError as error:
            logger.warning("what became of execution %s is looked at again: %s", entry.execution_id, error)

    def _perform(self, entry: QueueEntryModel, stop: Stop) -> None:
        where = entry.project_id, entry.execution_id
        execution = self._runtime.record.find(*where)
        self._print_line(
            f"execution {entry.execution_id} of {entry.username} on {entry.chip_id or 'its chip'}: begins"
        )
        died_by_itself, refusal = False, ""
        try:
            self._runs.perform_with_runner(execution, SilentProgress(), stop)
        except LockedError as error:
            if self._requeue_if_locked(execution, error):
                return
        except ProcessDiedError as died:
            died_by_itself = stop.asked is None
            self._record_death(where, died, stop)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  a run that began has recorded it
            logger.info("execution %s: %s", entry.execution_id, error)
            if self._is_unchanged(execution):
                if stop.asked == "leave" or isinstance(error, StoreUnavailableError):
                    self._runs.queue.give_back_claim(*where)
                    return
                if stop.asked is None and isinstance(error, Exception):
                    refusal = str(error) or type(error).__name__
        self._runs.queue.conclude(*where, died=died_by_itself, refusal=refusal)
        ended = self._runtime.record.find(*where)
        message = refusal or ended.message
        self._print_line(
            f"execution {entry.execution_id}: {ended.status}{f' ({message})' if message else ''}"
        )

    def _print_line(self, line: str) -> None:
        """Print a line. An error, as from a closed terminal, must not end a run."""
        notify_observer(self._notify, line)

    def _is_unchanged(self, execution: ExecutionModel) -> bool:
        """Return whether a run is unchanged: nothing was measured, and no end was recorded."""
        found = self._runtime.record.find(execution.project_id, execution.execution_id)
        return found.status is execution.status and not has_begun(self._runtime, execution)

    def _requeue_if_locked(self, execution: ExecutionModel, error: LockedError) -> bool:
        """Requeue a run whose instrument was taken before its start; return False if only the flow knows its chip."""
        where = execution.project_id, execution.execution_id
        if has_begun(self._runtime, execution):
            return False
        if not execution.chip_id:  # only the flow itself knows what it needs
            self._runtime.external_transitions.refuse(*where, str(error))
            return False
        logger.info("execution %s waits again: %s", execution.execution_id, error)
        self._runs.queue.give_back_claim(*where)
        return True

    def _record_death(self, where: tuple[str, str], died: ProcessDiedError, stop: Stop) -> None:
        execution = self._runtime.record.find(*where)
        if execution.start_at is not None:  # one that has not begun is performed anew
            record_dead_process(self._runtime, execution, died, stop)

"""Foreground runs: wait in the queue, start the process, clean up if it dies."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from qdash_builtin.runs.process_ends import has_begun, record_dead_process
from qdash_builtin.runs.queue_wait import QueueWait
from qdash_core.errors import FlowError, LockedError, QDashError, StoreError
from qdash_core.hooks.runners import ProcessDiedError, Stop
from qdash_core.process.interrupts import handle_ending_signals, is_main_thread, raise_dropped
from qdash_core.record.run_attempts import make_interrupt
from qdash_core.repositories.queue import QueueRepository
from qdash_core.repositories.retry import StoreRetry
from qdash_core.tasks.failures import describe_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from qdash_builtin.runs.queue import RunQueue
    from qdash_builtin.runs.queue_view import QueuePosition
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.queue import QueueEntryModel
    from qdash_core.runtime.runtime import Runtime

LOOK_S = 0.3
"""Seconds between two checks of the position in the queue."""
_LOOKS_BETWEEN_SWEEPS = 15
"""Number of checks between two sweeps of the queue."""


class ForegroundRun:
    """Run that this process waits for and passes to the runner.

    Parameters
    ----------
    execution : ExecutionModel
        The execution when it was queued.
    waiter : str
        Owner of this process's registration.
    perform : callable
        Performs the run to its end; takes a `Stop`.
    """

    def __init__(
        self,
        runtime: Runtime,
        queue: RunQueue,
        execution: ExecutionModel,
        waiter: str,
        perform: Callable[[Stop], None],
    ) -> None:
        self._runtime, self._queue, self._execution = runtime, queue, execution
        self._where = execution.project_id, execution.execution_id
        self._waiter, self._perform = waiter, perform

    def run(self, *, wait: bool, waiting: Callable[[str], None]) -> None:
        """Wait for the run's turn and perform it. The errors are those of `RunService.run`."""
        while not self._perform_in_turn(waiting, wait=wait):
            self._queue.give_back_claim(*self._where)

    def _perform_in_turn(self, waiting: Callable[[str], None], *, wait: bool) -> bool:
        """Perform the run in its turn; return False if its instrument was taken just before."""
        self._wait_for_turn(waiting, wait=wait)
        stop = Stop()
        try:
            with _stop_on_signals(stop):
                raise_dropped()
                self._perform(stop)
        except LockedError as error:
            if has_begun(self._runtime, self._execution):
                raise
            # A flow that alone knows its chip cannot wait in the queue for it.
            if not wait or not self._execution.chip_id:
                raise self._record_refusal(str(error)) from error
            return False
        except ProcessDiedError as died:
            raise record_dead_process(self._runtime, self._execution, died, stop) from None
        except QDashError as error:
            if stop.asked == "cancel" and not has_begun(self._runtime, self._execution):
                raise KeyboardInterrupt from error  # the cancel broke something on the way
            with suppress(QDashError):  # a store that cannot even do that must not hide what went wrong first
                self._runtime.external_transitions.refuse(*self._where, str(error))  # unless it has begun
            raise
        except (Exception, SystemExit) as error:
            raise self._make_removal_error(f"the runner raised {describe_error(error)}") from error
        if not has_begun(self._runtime, self._execution):
            raise self._make_removal_error("the runner returned, and had performed nothing")
        return True

    def _make_removal_error(self, why: str) -> FlowError:
        self._runtime.external_transitions.refuse(*self._where, why)
        return FlowError(f"execution {self._execution.execution_id} was not performed: {why}")

    def _wait_for_turn(self, waiting: Callable[[str], None], *, wait: bool) -> None:
        # Runs whose process died are left to the next session: it ends them while it delivers notices.
        queue_wait = QueueWait(
            self._where[1], waiting, end_dead=self._queue.sweep, looks_between=_LOOKS_BETWEEN_SWEEPS
        )
        with_retry = StoreRetry(self._runtime.settings.store_patience_s)
        while True:
            raise_dropped()
            position = with_retry(partial(self._claim, queue_wait))
            if position is None:
                return
            if (why := position.reason) and not wait:
                raise self._record_refusal(
                    f"execution {self._execution.execution_id} cannot begin now: it would wait for {why}; see `qdash queue list`"
                )
            if why:  # a rival that was quicker does not make the same reason a new one
                queue_wait.report_reason(position.reason)
            time.sleep(LOOK_S)

    def _claim(self, queue_wait: QueueWait) -> QueuePosition | None:
        """Claim the entry in its turn and return None; otherwise return its position, without a reason for a rival."""
        queue_wait.sweep_if_due()
        position = self._queue.view.get_position(*self._where)
        entry = position.entry
        if entry is None:
            raise FlowError(self._describe_removal())
        if entry.performer == self._waiter:
            return None  # the answer of the store to an earlier claim was lost
        if position.waits_for is None and self._queue.claim(entry, self._waiter):
            return None
        return position

    def _record_refusal(self, message: str) -> LockedError:
        """Record that the run did not start; an execution to be resumed does not change."""
        self._runtime.external_transitions.refuse(*self._where, message)
        return LockedError(message)

    def _describe_removal(self) -> str:
        found = self._runtime.record.find(*self._where)
        return f"execution {found.execution_id} does not wait any more: it is {found.status}, {found.message}"


@contextmanager
def empty_queue_at_end(runtime: Runtime, queue: RunQueue, waiter: str) -> Iterator[None]:
    """Remove the entries of the command `waiter` at the end of a block; Ctrl-C cancels a run that has not started."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        if interrupt.args:
            raise  # it names the run already
        raise _cancel_scheduled(runtime, waiter) or interrupt from None
    finally:
        # A failure here must not hide the first error; once this process has ended, the entry is swept.
        with suppress(StoreError):
            for entry in _list_entries(runtime, waiter):
                queue.leave(entry)


def _cancel_scheduled(runtime: Runtime, waiter: str) -> KeyboardInterrupt | None:
    """Cancel the run of a command that has not started; return an interrupt that names it, or None without such a run."""
    with suppress(QDashError):
        for entry in _list_entries(runtime, waiter):
            return make_interrupt(
                runtime.external_transitions.cancel_scheduled(*entry.key, "cancelled while it waited")
            )
    return None


def _list_entries(runtime: Runtime, waiter: str) -> list[QueueEntryModel]:
    return [entry for entry in runtime.repositories.of(QueueRepository).list_all() if entry.waiter == waiter]


@contextmanager
def _stop_on_signals(stop: Stop) -> Iterator[None]:
    """Stop a run at every signal that would end this process, during a block."""
    if not is_main_thread():
        yield  # signals reach the main thread only
        return

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.ask()

    with handle_ending_signals(handle):
        yield

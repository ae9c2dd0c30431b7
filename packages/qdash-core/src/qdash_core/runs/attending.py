"""A run that somebody waits for: its turn, the process that performs it, and what is left when that dies."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.errors import ConflictError, FlowError, LockedError, QDashError, StoreError
from qdash_core.hooks.runners import ProcessDiedError, Stop
from qdash_core.interrupts import handled, in_main_thread, raise_dropped
from qdash_core.models.execution import ExecutionStatus
from qdash_core.record.endings import interruption
from qdash_core.repositories.patience import Patience
from qdash_core.tasks.failures import described

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.queue import QueueEntryModel
    from qdash_core.runs.queue import RunQueue
    from qdash_core.runtime import Runtime

LOOK_S = 0.3
"""So often somebody who waits looks whether it is their turn, in seconds."""
_SWEEP_EVERY = 15
"""Looks between two looks at who has died."""
_LOOKS_OF_SESSION = 4
"""So many looks a session has to see that it is cancelled, before its process is told."""


class Attended:
    """One run that this process waits for.

    Parameters
    ----------
    runtime : Runtime
        Open.
    queue : RunQueue
        Where the run waits.
    execution : ExecutionModel
        As it was put into the queue.
    waiter : str
        The presence of this process.
    perform : callable
        Has the run performed, to its end; takes a `Stop`.
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
        """Wait for the run's turn, and have it performed. Raises as `RunService.run`."""
        while not self._performed(waiting, wait=wait):
            self._queue.give_back(*self._where)

    def _performed(self, waiting: Callable[[str], None], *, wait: bool) -> bool:
        """Perform the run when it is its turn; returns False when its chip was taken just before."""
        self._await_turn(waiting, wait=wait)
        stop = Stop()
        try:
            with _asked_by_signals(stop):
                raise_dropped()
                self._perform(stop)
        except LockedError as error:
            if has_begun(self._runtime, self._execution):
                raise
            # What a flow that knows its chip itself needs cannot be waited for: nobody else knows it.
            if not wait or not self._execution.chip_id:
                raise self._refused(str(error)) from error
            return False
        except ProcessDiedError as died:
            raise buried(self._runtime, self._execution, died, stop) from None
        except QDashError as error:
            if stop.asked == "cancel" and not has_begun(self._runtime, self._execution):
                raise KeyboardInterrupt from error  # whatever broke on the way
            with suppress(QDashError):  # a store that cannot even do that must not hide what went wrong first
                self._runtime.record.refuse(*self._where, str(error))  # unless it has begun
            raise
        except (Exception, SystemExit) as error:
            raise self._not_performed(f"the runner raised {described(error)}") from error
        if not has_begun(self._runtime, self._execution):
            raise self._not_performed("the runner returned, and had performed nothing")
        return True

    def _not_performed(self, why: str) -> FlowError:
        self._runtime.record.refuse(*self._where, why)
        return FlowError(f"execution {self._execution.execution_id} was not performed: {why}")

    def _await_turn(self, waiting: Callable[[str], None], *, wait: bool) -> None:
        said, looks = "", 0
        patiently = Patience(self._runtime.settings.store_patience_s)
        while True:
            raise_dropped()
            why = patiently(partial(self._look, sweep=looks % _SWEEP_EVERY == 0))
            looks += 1
            if why is None:
                return
            if why and not wait:
                raise self._refused(
                    f"execution {self._execution.execution_id} cannot begin now: it would wait for {why}; see `qdash queue list`"
                )
            if why and why != said:
                said = why
                waiting(f"execution {self._execution.execution_id} waits for {why}")
            time.sleep(LOOK_S)

    def _look(self, *, sweep: bool) -> str | None:
        """Return None when it is the run's turn, and the entry claimed; otherwise what it waits for, empty for a rival."""
        if sweep:
            self._queue.sweep()
        entry = self._queue.find(*self._where)
        if entry is None:
            raise FlowError(self._taken_out())
        if entry.performer == self._waiter:
            return None  # the answer of the store to an earlier claim was lost
        why = self._queue.waits_for(entry)
        if why is None and self._queue.claim(entry, self._waiter):
            return None
        return why or ""

    def _refused(self, message: str) -> LockedError:
        """Record that the run did not begin; what was to go on stays as it is."""
        self._runtime.record.refuse(*self._where, message)
        return LockedError(message)

    def _taken_out(self) -> str:
        found = self._runtime.record.find(*self._where)
        return f"execution {found.execution_id} does not wait any more: it is {found.status}, {found.message}"


@contextmanager
def until_its_end(runtime: Runtime, queue: RunQueue, waiter: str) -> Iterator[None]:
    """Leave nothing in the queue for a presence, whatever ends the block; what has not begun is cancelled by Ctrl-C.

    Parameters
    ----------
    waiter : str
        The presence of this process.
    """
    try:
        yield
    except KeyboardInterrupt as interrupt:
        if interrupt.args:
            raise  # it says already which run it has ended
        raise _taken_back(runtime, waiter) or interrupt from None
    finally:
        # It must not hide what went wrong; when this process has ended, the entry is swept.
        with suppress(StoreError):
            for entry in _entries(runtime, waiter):
                queue.leave(entry)


def _taken_back(runtime: Runtime, waiter: str) -> KeyboardInterrupt | None:
    """Cancel what was submitted for a presence and has not begun; return what says so, None where nothing was."""
    with suppress(QDashError):
        for entry in _entries(runtime, waiter):
            return interruption(runtime.record.cancel_scheduled(*entry.key, "cancelled while it waited"))
    return None


def _entries(runtime: Runtime, waiter: str) -> list[QueueEntryModel]:
    return [entry for entry in runtime.repositories.queue.everything() if entry.waiter == waiter]


def has_begun(runtime: Runtime, execution: ExecutionModel) -> bool:
    """Whether an execution has begun, or gone on, since it was put into the queue."""
    now = runtime.record.find(execution.project_id, execution.execution_id)
    return len(now.attempts) > len(execution.attempts)


def buried(runtime: Runtime, execution: ExecutionModel, died: ProcessDiedError, stop: Stop) -> BaseException:
    """End the execution of a process that was killed, or died, without having done so itself; return what that means.

    Returns
    -------
    KeyboardInterrupt
        If it was told to end, by a signal or in the record.
    FlowError
        If it died.
    """
    last = runtime.record.last_of_flow(execution)
    where = last.project_id, last.execution_id
    asked = stop.asked == "cancel" or last.cancel_request is not None
    with runtime.delivery(last.project_id, last.chip_id):
        if asked:
            # Whoever cancels it from elsewhere may be quicker.
            with suppress(ConflictError):
                runtime.record.cancel_from_outside(*where, "cancelled")
            return interruption(runtime.record.find(*where))
        if last.status is ExecutionStatus.SCHEDULED:
            runtime.record.refuse(*where, f"nothing was begun: {died}")
            return FlowError(f"nothing was begun: {died}")
        runtime.record.end_interrupted(last.project_id)
    return FlowError(
        f"execution {last.execution_id} broke off, {died}: "
        f"`qdash executions resume {last.named}` goes on with it"
    )


@contextmanager
def ended_when_cancelled(runtime: Runtime, execution: ExecutionModel, stop: Stop) -> Iterator[None]:
    """Ask a run to end when the record says that it is cancelled, for the length of a block.

    What measures sees that itself, and is left the time for it; a program of somebody's own may do something else, before its
    first session and between tasks.
    """
    over = threading.Event()

    def look() -> None:
        looks_left = _LOOKS_OF_SESSION
        while not over.wait(2 * LOOK_S):
            with suppress(QDashError):
                found = runtime.record.find(execution.project_id, execution.execution_id)
                begun = len(found.attempts) > len(execution.attempts)
                if not begun and found.status is ExecutionStatus.CANCELLED and found.cancel_stands:
                    return stop.ask()
                if _is_to_end(runtime.record.last_of_flow(found)):
                    looks_left -= 1
                    if not looks_left:
                        return stop.ask()
        return None

    threading.Thread(target=look, name="qdash-cancelled", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _is_to_end(last: ExecutionModel) -> bool:
    """Whether somebody has cancelled a run that goes on."""
    return last.status is ExecutionStatus.RUNNING and last.cancel_request is not None


@contextmanager
def _asked_by_signals(stop: Stop) -> Iterator[None]:
    """Ask a run to end for every signal that would end this process, for the length of a block."""
    if not in_main_thread():
        yield  # signals reach the main thread only
        return

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.ask()

    with handled(handle):
        yield

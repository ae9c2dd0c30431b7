"""Ends of the processes of runs, on request or by themselves."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from qdash_core.errors import ConflictError, FlowError, QDashError
from qdash_core.models.execution import ExecutionStatus
from qdash_core.record.run_attempts import make_interrupt
from qdash_core.repositories.executions import EventRepository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.hooks.runners import ProcessDiedError, Stop
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime.runtime import Runtime

LOOK_S = 0.6
"""Seconds between two checks for a cancellation."""
_LOOKS_OF_SESSION = 4
"""Number of checks that a session has to notice a cancellation before its process is stopped."""


def has_begun(runtime: Runtime, execution: ExecutionModel) -> bool:
    """Return whether an execution has started or was resumed since it was queued."""
    return _has_new_attempt(runtime.record.find(execution.project_id, execution.execution_id), execution)


def _has_new_attempt(now: ExecutionModel, before: ExecutionModel) -> bool:
    return len(now.attempts) > len(before.attempts)


def record_dead_process(
    runtime: Runtime, execution: ExecutionModel, died: ProcessDiedError, stop: Stop
) -> BaseException:
    """Record the end of an execution whose process died, and return the exception to raise.

    Returns
    -------
    KeyboardInterrupt
        If the run was cancelled by a signal or in the record.
    FlowError
        Otherwise.
    """
    last = runtime.record.get_last_of_flow(execution)
    where = last.project_id, last.execution_id
    requested = stop.asked == "cancel" or last.cancel_request is not None
    deliveries = runtime.announcers.make_delivery(last.project_id, last.chip_id, last.execution_id)
    since, ended = runtime.repositories.of(EventRepository).get_last_seq(last.project_id), list[str]()
    try:
        if requested:
            # Another process that cancels it may be quicker.
            with suppress(ConflictError):
                runtime.external_transitions.cancel_from_outside(*where, "cancelled")
            return make_interrupt(runtime.record.find(*where))
        if last.status is ExecutionStatus.SCHEDULED:
            runtime.external_transitions.refuse(*where, f"nothing was begun: {died}")
            return FlowError(f"nothing was begun: {died}")
        dead = runtime.external_transitions.end_interrupted(last.project_id)
        ended = [one.execution_id for one in dead]
    finally:
        deliveries.begin(since=since, also=ended)
        deliveries.end()
    return FlowError(
        f"execution {last.execution_id} broke off, {died}: "
        f"`qdash executions resume {last.id_with_options}` resumes it"
    )


@contextmanager
def stop_on_cancel(runtime: Runtime, execution: ExecutionModel, stop: Stop) -> Iterator[None]:
    """Stop a run when its cancellation is recorded, during a block.

    A session notices a cancellation itself and gets the time for it; a user's program may do other things before its first
    session and between tasks.
    """
    over = threading.Event()

    def look() -> None:
        looks_left = _LOOKS_OF_SESSION
        while not over.wait(LOOK_S):
            with suppress(QDashError):
                found = runtime.record.find(execution.project_id, execution.execution_id)
                cancelled = found.status is ExecutionStatus.CANCELLED and found.is_cancel_in_force
                if cancelled and not _has_new_attempt(found, execution):
                    return stop.ask()
                if _is_cancel_requested(runtime.record.get_last_of_flow(found)):
                    looks_left -= 1
                    if not looks_left:
                        return stop.ask()
        return None

    threading.Thread(target=look, name="qdash-cancelled", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _is_cancel_requested(last: ExecutionModel) -> bool:
    """Return whether an execution is running and its cancellation is requested."""
    return last.status is ExecutionStatus.RUNNING and last.cancel_request is not None

"""What may end a task before it is done: the time that it has, and the cancelling of its run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from qdash_core.time_limits import within

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from qdash_core.attempts.attempt import Attempt
    from qdash_core.attempts.state_manager import TaskStateManager

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Watchdog:
    """Watches over the tasks of a run.

    Parameters
    ----------
    states : TaskStateManager
        Told of what fails because it does not stop.
    cancelled : threading.Event
        Set when the run is being cancelled.
    grace_s : float
        So long a task may take to stop when its time is up, in seconds.
    stuck : callable
        Ends the run. Called with the reason, from another thread, when a task has not stopped.
    """

    states: TaskStateManager
    cancelled: threading.Event
    grace_s: float
    stuck: Callable[[str], None]

    def within(self, timeout_s: float, attempts: Sequence[Attempt], work: Callable[[], T], what: str) -> T:
        """Do `work` of these attempts within a time. Raises as `time_limits.within`."""

        def time_up() -> None:
            for attempt in attempts:
                attempt.time_is_up = True

        def stuck(message: str) -> None:
            for attempt in attempts:
                self.states.update_task_status_to_failed(attempt.result, message)
            self.stuck(message)

        return within(timeout_s, work, what=what, time_up=time_up, grace_s=self.grace_s, stuck=stuck)

    def tells_to_stop(self, attempt: Attempt) -> bool:
        """Answer a task that asks whether it is to stop."""
        if not attempt.time_is_up and self.cancelled.is_set():
            attempt.was_told = True
        return attempt.time_is_up or attempt.was_told

"""Wait of a run in the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class QueueWait:
    """Wait of one run in the queue, by the command that performs or follows it.

    Runs ahead of it, or its own performer, may die without another process to notice: the waiting command therefore
    cleans up after dead processes (`end_dead`) before its first check, and again after every `looks_between` checks.

    Parameters
    ----------
    waiting : callable
        Receives a sentence with the reason for the wait whenever it changes.
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

    def sweep_if_due(self) -> None:
        """Clean up after dead processes if that is due. Call this once for each check."""
        if self._looks % self._looks_between == 0:
            self._end_dead()
        self._looks += 1

    def report_reason(self, why: str) -> None:
        """Report the reason for the wait if it has changed since the last report."""
        if why and why != self._told:
            self._waiting(f"execution {self._execution_id} waits for {why}")
        self._told = why

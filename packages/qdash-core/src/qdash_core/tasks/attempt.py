"""One attempt at a task on one target: what it is given, what was measured, and what went wrong on the way."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.inputs import ResolvedInput


@dataclass(slots=True)
class Attempt:
    """One target's way through the executor."""

    result: TaskResultModel
    inputs: Mapping[str, ResolvedInput]
    task: BaseTask | None = None
    measured: object = None
    failure: BaseException | None = None
    stage: str = ""
    """What was called when it failed."""
    time_is_up: bool = False
    """Whether its task is told to stop."""
    was_told: bool = False
    """Whether its task has asked, and heard that the run is being cancelled: what it gives then is a part at best."""

    def fail(self, error: BaseException, stage: str = "") -> None:
        """Remember what went wrong first: the rest follows from it."""
        if self.failure is None:
            self.failure, self.stage = error, stage

    def raise_if_told(self) -> None:
        """Cut the run here, as Ctrl-C would have done, when its task has heard that it is being cancelled.

        Raises
        ------
        KeyboardInterrupt
            Then.
        """
        if self.was_told:
            raise KeyboardInterrupt


@contextmanager
def failing(*attempts: Attempt, stage: str) -> Iterator[None]:
    """Take what the code of a plugin raises as the failure of these attempts.

    `sys.exit` in a task must not end the night. What interrupts or cancels it passes.
    """
    try:
        yield
    except (Exception, SystemExit) as error:  # noqa: BLE001
        for attempt in attempts:
            attempt.fail(error, stage)

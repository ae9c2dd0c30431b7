"""Observers of runs, whose errors do not affect the run."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_core.models.task import TaskResultModel

logger = logging.getLogger(__name__)


class Progress(Protocol):
    """Observer of a run."""

    def began(self, execution_id: str) -> None:
        """Receive the id of the new execution."""

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        """Receive a stage: tasks in order, and groups of targets."""

    def finished(self, result: TaskResultModel) -> None:
        """Receive a recorded result."""


@runtime_checkable
class StartObserver(Protocol):
    """Observer that also receives the starts of tasks, if the runner reports them."""

    def started(self, task: str, target: str) -> None:
        """Receive the start of a task on a target."""


@runtime_checkable
class RepeatObserver(Protocol):
    """Observer that also receives the results whose measurements are repeated."""

    def repeating(self, result: TaskResultModel) -> None:
        """Receive a recorded result that is measured once more; `finished` receives the result that counts."""


class SilentProgress:
    """Observer that ignores everything."""

    def began(self, execution_id: str) -> None:
        """Do nothing."""

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        """Do nothing."""

    def finished(self, result: TaskResultModel) -> None:
        """Do nothing."""


def notify_start(progress: Progress, task: str, target: str) -> None:
    """Report the start of a task to an observer that receives starts."""
    if (started := getattr(progress, "started", None)) is not None:
        notify_observer(started, task, target)


def notify_repeat(progress: Progress, result: TaskResultModel) -> None:
    """Report that a flagged result, or one without a signal, is measured once more to an observer that receives repeats."""
    if isinstance(progress, RepeatObserver):
        notify_observer(progress.repeating, result)


def notify_observer(receive: Callable[..., None], *arguments: object) -> None:
    """Call an observer, and log its errors, which must not end the run."""
    try:
        receive(*arguments)
    except Exception as error:  # noqa: BLE001
        logger.warning("the progress of the run could not be shown: %s", error)

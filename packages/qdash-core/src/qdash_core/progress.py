"""Who watches a run: what they are told, and that they cannot end it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_core.models.task import TaskResultModel

logger = logging.getLogger(__name__)


class Progress(Protocol):
    """Somebody who watches a run."""

    def began(self, execution_id: str) -> None:
        """The execution exists."""

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        """These tasks begin, in this order, on each of these groups of targets."""

    def finished(self, result: TaskResultModel) -> None:
        """A result has been recorded."""


@runtime_checkable
class SeesStarts(Protocol):
    """What somebody who watches a run may want to be told besides, where a runner tells it."""

    def started(self, task: str, target: str) -> None:
        """A task is being measured on a target from now on."""


class Unwatched:
    """Nobody watches."""

    def began(self, execution_id: str) -> None:
        """Do nothing."""

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        """Do nothing."""

    def finished(self, result: TaskResultModel) -> None:
        """Do nothing."""


def tell_started(progress: Progress, task: str, target: str) -> None:
    """Tell somebody who watches that a task begins on a target, if they want to know."""
    if isinstance(progress, SeesStarts):
        tell(progress.started, task, target)


def tell(watcher: Callable[..., None], *news: object) -> None:
    """Tell somebody who watches; that they cannot show it must not end the run."""
    try:
        watcher(*news)
    except Exception as error:  # noqa: BLE001
        logger.warning("the progress of the run could not be shown: %s", error)

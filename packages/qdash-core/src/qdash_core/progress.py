"""Who watches a run: what they are told, and that they cannot end it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

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


class Unwatched:
    """Nobody watches."""

    def began(self, execution_id: str) -> None:
        """Do nothing."""

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        """Do nothing."""

    def finished(self, result: TaskResultModel) -> None:
        """Do nothing."""


def tell(watcher: Callable[..., None], *news: object) -> None:
    """Tell somebody who watches; that they cannot show it must not end the run."""
    try:
        watcher(*news)
    except Exception as error:  # noqa: BLE001
        logger.warning("the progress of the run could not be shown: %s", error)

"""What is left of a run whose worker has died."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from qdash_core.models.execution import ExecutionStatus
from qdash_core.record.outside import interrupted_among
from qdash_core.record.resumption import goes_on

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.queue import QueueEntryModel
    from qdash_core.repositories.repositories import Repositories


class Left(Enum):
    """What is left."""

    NOTHING = "it had ended"
    RUN = "it goes on, or begins"
    PROCESS = "a process that the worker had started performs it still"


def left_of(repositories: Repositories, entry: QueueEntryModel, now: datetime) -> Left:
    """Return what is left of the run of an entry whose performer has died. Nothing is changed."""
    execution = repositories.executions.find(*entry.key)
    if execution is None:
        return Left.NOTHING
    if execution.status is ExecutionStatus.RUNNING:
        return Left.RUN if interrupted_among(repositories, [execution], now) else Left.PROCESS
    return Left.RUN if goes_on(entry, execution, failed=True) else Left.NOTHING

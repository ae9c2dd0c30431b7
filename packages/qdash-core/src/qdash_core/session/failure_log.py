"""Log of failures, for scripts and notebooks, which have no display of their runs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from qdash_core.models.progress import SilentProgress
from qdash_core.models.target_lists import name_measurement
from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from qdash_core.models.task import TaskResultModel

logger = logging.getLogger(__name__)


class FailureLog(SilentProgress):
    """Observer that logs why a measurement failed, or why its values are not used, as a warning."""

    def finished(self, result: TaskResultModel) -> None:
        """Log the reason if there is one."""
        measurement = name_measurement(result.name, result.qid)
        if result.status is TaskStatus.FAILED:
            logger.warning("%s failed: %s", measurement, result.message)
        elif result.verdict is not None and not result.accepted:
            logger.warning("%s %s, not used: %s", measurement, result.verdict, "; ".join(result.reasons))

"""Results with their times and ends."""

from datetime import datetime

from qdash_builtin.runs.result_times import MeasurementSummary
from qdash_core.models.base import UtcDatetime
from qdash_core.models.task import TaskStatus, Verdict
from qdash_core.repositories.kept_reads import KeptResults
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.store import Range

_MOST_DIGESTS = 4
"""Number of digests whose results are kept."""


class FinishedResult(MeasurementSummary):
    """Compact projection of a task result with its times and its end, for the digest of a chip."""

    task_id: str
    execution_id: str
    status: TaskStatus
    verdict: Verdict | None = None
    simulated: bool = False
    message: str = ""
    saved: bool = True
    scope: str | None = None
    end_at: UtcDatetime | None = None


class FinishedResultReader:
    """Reader of the times and ends of the results of chips. It keeps those of the last digests."""

    def __init__(self) -> None:
        self._kept = KeptResults(FinishedResult, most=_MOST_DIGESTS)

    def list_results(
        self, repositories: Repositories, project_id: str, chip_id: str, *, since: datetime
    ) -> list[FinishedResult]:
        """Return the results of a chip that were started after a time, oldest first."""
        hour = since.replace(
            minute=0, second=0, microsecond=0
        )  # digests of the last hours share what is kept
        read = self._kept.read(repositories, project_id, {"chip_id": chip_id}, start_at=Range(least=hour))
        found = [one for one in read if one.start_at is not None and one.start_at > since]
        return sorted(found, key=_get_start)


def _get_start(result: FinishedResult) -> tuple[datetime | None, str]:
    return result.start_at, result.task_id

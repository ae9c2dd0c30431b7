"""Results with their times and ends."""

from datetime import datetime

from qdash_builtin.runs.result_times import MeasurementSummary
from qdash_core.models.base import UtcDatetime
from qdash_core.models.task import TaskStatus, Verdict
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.store import Range


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


def list_finished_results(
    results: TaskResultHistoryRepository, project_id: str, chip_id: str, *, since: datetime
) -> list[FinishedResult]:
    """Return the times and ends of the results of a chip that were started after a time, oldest first."""
    where = {"project_id": project_id, "chip_id": chip_id, "start_at": Range(above=since)}
    return results.select_as(
        FinishedResult, where, order=("start_at",), without=results.list_unread_fields(FinishedResult)
    )

"""Times of the measurements of runs."""

from pydantic import BaseModel

from qdash_core.models.base import UtcDatetime
from qdash_core.models.decision import Decision
from qdash_core.models.task import NodeProjection, TaskStatus, TimedAttempt, Verdict
from qdash_core.repositories.results import TaskResultHistoryRepository


class MeasurementSummary(NodeProjection):
    """Compact projection of a task result with the times of its measurement, for timelines of thousands."""

    start_at: UtcDatetime | None = None
    elapsed_time: float | None = None
    lab_s: float | None = None
    lab_start_s: float | None = None


class PerformanceSummary(MeasurementSummary, BaseModel):
    """Compact projection of a task result with its times and its end, for the record of a task."""

    chip_id: str
    execution_id: str
    status: TaskStatus
    verdict: Verdict | None = None
    decisions: dict[str, Decision] = {}
    output_parameters: dict[str, object] = {}
    simulated: bool = False


def list_measurement_times(
    results: TaskResultHistoryRepository, project_id: str, execution_id: str
) -> list[MeasurementSummary]:
    """Return the times of the results of an execution, in the order of start."""
    where = {"project_id": project_id, "execution_id": execution_id}
    return results.select_as(MeasurementSummary, where, order=("start_at",))


def list_timed_attempts(
    results: TaskResultHistoryRepository, project_id: str, execution_id: str
) -> list[TimedAttempt]:
    """Return the node, attempt, status and times of each result of an execution."""
    return results.select_as(TimedAttempt, {"project_id": project_id, "execution_id": execution_id})

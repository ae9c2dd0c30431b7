"""Times of the measurements of runs."""

from collections.abc import Sequence

from pydantic import BaseModel

from qdash_core.models.base import UtcDatetime
from qdash_core.models.decision import Decision
from qdash_core.models.task import NodeProjection, TaskStatus, TimedAttempt, Verdict
from qdash_core.repositories.kept_reads import KeptResults
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository, count_outcomes

_MOST_EXECUTIONS = 8
"""Number of executions whose attempts are kept."""
_MOST_COUNTED = 3
"""Number of executions that are counted by kept attempts; more are read at once."""


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
    where = {"project_id": project_id, "execution_id": execution_id}
    return results.select_as(TimedAttempt, where, without=results.list_unread_fields(TimedAttempt))


class AttemptReader:
    """Reader of the attempts of executions. It keeps those that were read last."""

    def __init__(self) -> None:
        self._kept = KeptResults(TimedAttempt, most=_MOST_EXECUTIONS)

    def list_attempts(
        self, repositories: Repositories, project_id: str, execution_id: str
    ) -> list[TimedAttempt]:
        """Return the attempts of an execution as `list_timed_attempts`."""
        return self._kept.read(repositories, project_id, {"execution_id": execution_id})

    def count_outcomes(
        self, repositories: Repositories, project_id: str, execution_ids: Sequence[str]
    ) -> dict[str, dict[str, int]]:
        """Return the number of nodes of each of these executions as `TaskResultHistoryRepository.count_outcomes`."""
        if len(execution_ids) > _MOST_COUNTED:
            return repositories.of(TaskResultHistoryRepository).count_outcomes(project_id, execution_ids)
        return {
            one: count_outcomes(self.list_attempts(repositories, project_id, one)) for one in execution_ids
        }

"""The record of executions: begun, ended, looked at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from qdash_core.errors import IllegalTransitionError, InvalidInputError, NotFoundError
from qdash_core.models.base import utc_now
from qdash_core.models.execution import EXECUTION_TRANSITIONS, EventModel, ExecutionModel, ExecutionStatus
from qdash_core.models.task import TaskStatus
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.executions.config import CalibConfig
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Store


class ExecutionService:
    """Executions of one store.

    Parameters
    ----------
    store : Store
        Where they are kept.
    zone : ZoneInfo
        The zone whose calendar dates execution ids.
    """

    def __init__(self, store: Store, zone: ZoneInfo, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._zone = zone
        self._clock = clock

    def start(self, project_id: str, config: CalibConfig) -> ExecutionModel:
        """Begin an execution.

        Raises
        ------
        InvalidInputError
            If its id was given and exists already.
        """
        now = self._clock()
        date = now.astimezone(self._zone).strftime("%Y%m%d")
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            execution_id = config.execution_id
            if execution_id is None:
                execution_id = self._next_id(repositories, project_id, date, config)
            elif repositories.executions.find(project_id, execution_id) is not None:
                raise InvalidInputError(
                    f"execution {execution_id} exists already: leave the id out for the next free one"
                )
            execution = ExecutionModel(
                project_id=project_id,
                username=config.username,
                name=config.name,
                execution_id=execution_id,
                chip_id=config.chip_id,
                calib_data_path=f"{project_id}/{config.chip_id}/{execution_id}",
                note=dict(config.note),
                status=ExecutionStatus.RUNNING,
                tags=list(config.tags),
                start_at=now,
            )
            repositories.executions.add(execution)
            repositories.events.append(_event(execution, "execution.running"))
        return execution

    def end(
        self, execution: ExecutionModel, status: ExecutionStatus, message: str, *, lab_seconds: float | None
    ) -> ExecutionModel:
        """Move a running execution to a final state, with the counts of its results.

        Raises
        ------
        IllegalTransitionError
            If it is in a final state already.
        """
        if status not in EXECUTION_TRANSITIONS.get(execution.status, frozenset()):
            raise IllegalTransitionError(
                f"execution {execution.execution_id} is {execution.status} and cannot become {status}"
            )
        with self._store.transaction() as transaction:
            return self._end(Repositories(transaction), execution, status, message, lab_seconds=lab_seconds)

    def end_interrupted(self, project_id: str, artifacts: CalibDataSaver) -> None:
        """Record every run that never ended as failed: what ran has failed, what waited is cancelled.

        To be called by the holder of the project's lease, and before it begins a run of its own: whatever is open then
        belongs to a run that died. Raw data that were saved before it died are found again.

        Parameters
        ----------
        project_id : str
            The project.
        artifacts : CalibDataSaver
            Where raw data are kept.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            for execution in repositories.executions.in_state(project_id, ExecutionStatus.RUNNING):
                now = self._clock()
                for result in repositories.results.of_execution(project_id, execution.execution_id):
                    if not result.status.terminal:
                        was, path = result.status, result.raw_data_file
                        result.status = (
                            TaskStatus.FAILED if was is TaskStatus.RUNNING else TaskStatus.CANCELLED
                        )
                        result.message, result.end_at, result.updated_at = "interrupted", now, now
                        result.raw_data_path = [path] if artifacts.exists(path) else []
                        repositories.results.replace(result, was=was)
                message = "interrupted: the process that ran it died"
                self._end(repositories, execution, ExecutionStatus.FAILED, message)

    def newest(
        self, project_id: str, *, chip_id: str | None = None, limit: int | None = None
    ) -> list[ExecutionModel]:
        """Return executions, newest first."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            found = repositories.executions.newest(project_id, chip_id=chip_id, limit=limit)
            return [_with_counts(repositories, execution) for execution in found]

    def show(self, project_id: str, execution_id: str) -> tuple[ExecutionModel, list[TaskResultModel]]:
        """Return an execution and its results, in the order in which they began or were skipped.

        What still waits comes last. NotFoundError when there is no such execution.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            execution = repositories.executions.find(project_id, execution_id)
            if execution is None:
                raise NotFoundError(f"there is no execution {execution_id!r} in project {project_id}")
            results = repositories.results.of_execution(project_id, execution_id)
            execution = _with_counts(repositories, execution)
        never = datetime.max.replace(tzinfo=UTC)
        return execution, sorted(results, key=lambda result: result.start_at or result.end_at or never)

    def _end(
        self,
        repositories: Repositories,
        execution: ExecutionModel,
        status: ExecutionStatus,
        message: str,
        *,
        lab_seconds: float | None = None,
    ) -> ExecutionModel:
        now = self._clock()
        counts = repositories.results.count_by_status(execution.project_id, execution.execution_id)
        if status is ExecutionStatus.COMPLETED and counts and not counts.get(TaskStatus.COMPLETED):
            status, message = ExecutionStatus.FAILED, message or "no task completed"
        ended = execution.model_copy(
            update={
                "status": status,
                "message": message,
                "tasks": counts,
                "end_at": now,
                "updated_at": now,
                "elapsed_time": (now - (execution.start_at or now)).total_seconds(),
                "lab_seconds": lab_seconds,
            }
        )
        repositories.executions.replace(ended, was=execution.status)
        repositories.events.append(_event(ended, f"execution.{status}"))
        return ended

    def _next_id(self, repositories: Repositories, project_id: str, date: str, config: CalibConfig) -> str:
        """Return the next id of the day that nobody has chosen by hand."""
        while True:
            index = repositories.counters.get_next_index(
                project_id, date, username=config.username, chip_id=config.chip_id
            )
            execution_id = f"{date}-{index:03d}"
            if repositories.executions.find(project_id, execution_id) is None:
                return execution_id


def _with_counts(repositories: Repositories, execution: ExecutionModel) -> ExecutionModel:
    """Return an execution that goes on with the counts of now; an ended one has those of its end."""
    if execution.status.terminal:
        return execution
    counts = repositories.results.count_by_status(execution.project_id, execution.execution_id)
    return execution.model_copy(update={"tasks": counts})


def _event(execution: ExecutionModel, kind: str) -> EventModel:
    return EventModel(
        project_id=execution.project_id,
        kind=kind,
        chip_id=execution.chip_id,
        execution_id=execution.execution_id,
        data={"name": execution.name, "message": execution.message, "tasks": execution.tasks},
    )

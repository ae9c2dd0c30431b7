"""Executions as they are recorded: looked at, never changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError
from qdash_core.lease.liveness import Liveness
from qdash_core.models.base import utc_now
from qdash_core.models.execution import ExecutionModel, ExecutionStatus
from qdash_core.record.outside import holder_of
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Store


class ExecutionReader:
    """Executions of one store.

    Parameters
    ----------
    store : Store
        Where they are kept.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def newest(
        self, project_id: str, *, chip_id: str | None = None, limit: int | None = None
    ) -> list[ExecutionModel]:
        """Return executions, newest first."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            found = repositories.executions.newest(project_id, chip_id=chip_id, limit=limit)
            return [_with_counts(repositories, execution) for execution in found]

    def find(self, project_id: str, execution_id: str) -> ExecutionModel:
        """Return an execution as it is recorded, without counts while it goes on.

        Raises
        ------
        NotFoundError
            If there is none.
        """
        return existing(Repositories(self._store), project_id, execution_id)

    def last_of_flow(self, execution: ExecutionModel) -> ExecutionModel:
        """Return the last execution that the flow run of this one has made."""
        if execution.flow_run_id is None:
            return self.find(execution.project_id, execution.execution_id)
        return self.find_by_flow_run_id(execution.flow_run_id, execution.project_id)[-1]

    def find_by_flow_run_id(self, flow_run_id: str, project_id: str | None = None) -> list[ExecutionModel]:
        """Return the executions that one run of a flow made, in the order in which it made them.

        Parameters
        ----------
        flow_run_id : str
            The UUID.
        project_id : str or None
            None: of every project.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            everywhere = [project.project_id for project in repositories.projects.everything()]
            return [
                execution
                for project in (everywhere if project_id is None else [project_id])
                for execution in repositories.executions.of_flow_run(project, flow_run_id)
            ]

    def show(self, project_id: str, execution_id: str) -> tuple[ExecutionModel, list[TaskResultModel]]:
        """Return an execution and its results, every attempt, in the order in which they began or were skipped.

        What still waits comes last. NotFoundError when there is no such execution.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            execution = existing(repositories, project_id, execution_id)
            results = repositories.results.of_execution(project_id, execution_id)
            execution = _with_counts(repositories, execution)
        never = datetime.max.replace(tzinfo=UTC)
        return execution, sorted(results, key=lambda result: result.start_at or result.end_at or never)

    def is_interrupted(self, execution: ExecutionModel) -> bool:
        """Whether an execution that is recorded as running has lost its process: it can be resumed."""
        if execution.status is not ExecutionStatus.RUNNING:
            return False
        with self._store.read() as snapshot:
            return holder_of(Repositories(snapshot), execution, self._clock()) is not Liveness.ALIVE


def existing(repositories: Repositories, project_id: str, execution_id: str) -> ExecutionModel:
    """Return an execution; NotFoundError when there is none."""
    execution = repositories.executions.find(project_id, execution_id)
    if execution is None:
        raise NotFoundError(f"there is no execution {execution_id!r} in project {project_id}")
    return execution


def _with_counts(repositories: Repositories, execution: ExecutionModel) -> ExecutionModel:
    """Return an execution that goes on with the counts of now; an ended one has those of its end."""
    if execution.status.terminal:
        return execution
    counts = repositories.results.count_by_status(execution.project_id, execution.execution_id)
    return execution.model_copy(update={"tasks": counts})

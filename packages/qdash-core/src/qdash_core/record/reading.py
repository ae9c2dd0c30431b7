"""Executions as they are recorded: looked at, never changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from qdash_core.errors import NotFoundError
from qdash_core.models.base import utc_now
from qdash_core.models.execution import ExecutionHead
from qdash_core.record.outside import interrupted_among
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Store


E = TypeVar("E", bound=ExecutionHead)


class RecordedExecutions:
    """Executions of one store, whoever asks.

    Parameters
    ----------
    store : Store
        Where they are kept.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._clock = clock

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
        """Return an execution and its results, as `with_results`."""
        with self._store.read() as snapshot:
            return with_results(Repositories(snapshot), project_id, execution_id)

    def is_interrupted(self, execution: ExecutionModel) -> bool:
        """Whether an execution that is recorded as running has lost its process: it can be resumed."""
        return execution.execution_id in self.interrupted_among([execution])

    def interrupted_among(self, executions: Iterable[ExecutionModel]) -> set[str]:
        """Return the ids of those executions of a project that are recorded as running and have lost their process."""
        with self._store.read() as snapshot:
            return interrupted_among(Repositories(snapshot), executions, self._clock())


def existing(repositories: Repositories, project_id: str, execution_id: str) -> ExecutionModel:
    """Return an execution; NotFoundError when there is none."""
    execution = repositories.executions.find(project_id, execution_id)
    if execution is None:
        raise NotFoundError(f"there is no execution {execution_id!r} in project {project_id}")
    return execution


def with_results(
    repositories: Repositories, project_id: str, execution_id: str
) -> tuple[ExecutionModel, list[TaskResultModel]]:
    """Return an execution and its results, every attempt, in the order in which they began or were skipped.

    What still waits comes last. NotFoundError when there is no such execution.
    """
    execution = existing(repositories, project_id, execution_id)
    results = repositories.results.of_execution(project_id, execution_id)
    (execution,) = with_counts(repositories, project_id, [execution])
    never = datetime.max.replace(tzinfo=UTC)
    return execution, sorted(results, key=lambda result: result.start_at or result.end_at or never)


def with_counts(repositories: Repositories, project_id: str, executions: Sequence[E]) -> list[E]:
    """Return executions, those that go on with the counts of now; an ended one has those of its end."""
    going_on = [one.execution_id for one in executions if not one.status.terminal]
    counts = repositories.results.counts_of(project_id, going_on)
    return [
        one.model_copy(update={"tasks": counts[one.execution_id]}) if one.execution_id in counts else one
        for one in executions
    ]

"""Executions as people look at them: named, shown with their results, listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.models.base import utc_now
from qdash_core.record.how_far import how_far
from qdash_core.record.listing import ExecutionLists, SeenExecution
from qdash_core.record.naming import CANDIDATES, unknown
from qdash_core.record.outside import interrupted_among
from qdash_core.record.reading import with_counts, with_results
from qdash_core.record.selection import ResultSelection
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel, Timed
    from qdash_core.record.how_far import HowFar
    from qdash_core.repositories.store import Store


@dataclass(frozen=True, slots=True)
class ExecutionLook:
    """An execution with its results.

    Parameters
    ----------
    seen : SeenExecution
        The execution.
    results : list of TaskResultModel
        All of them, in the order in which they began or were skipped.
    wanted : list of TaskResultModel
        Those that were asked for.
    """

    seen: SeenExecution
    results: list[TaskResultModel]
    wanted: list[TaskResultModel]


class ExecutionService(ExecutionLists):
    """Executions of one store, for who may see them.

    Parameters
    ----------
    store : Store
        Where they are kept.
    task_name : callable
        Tells the name of a task that is called by an alias, and returns any other name as it is.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(
        self,
        store: Store,
        *,
        task_name: Callable[[str], str] = str,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(store, clock=clock)
        self._task_name = task_name

    def meant(self, access: Access, text: str) -> str:
        """Return the id of the execution that is meant by its id, or by the UUID of its flow run: then its last one.

        Raises
        ------
        NotFoundError
            If none is meant; it names the newest ones.
        """
        with self._store.read() as snapshot:
            return _meant(Repositories(snapshot), access.project_id, text).execution_id

    def seen(self, access: Access, text: str) -> SeenExecution:
        """Return an execution as people see it, without its results. `text` and errors: see `meant`."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            execution = _meant(repositories, access.project_id, text)
            interrupted = interrupted_among(repositories, [execution], self._clock())
            (counted,) = with_counts(repositories, access.project_id, [execution])
        return SeenExecution(counted, bool(interrupted))

    def timed(self, access: Access, text: str) -> tuple[ExecutionModel, list[Timed]]:
        """Return an execution and when its results were measured. `text` and errors: see `meant`."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            execution = _meant(repositories, access.project_id, text)
            return execution, repositories.results.timed(access.project_id, execution.execution_id)

    def how_far(self, access: Access, text: str) -> tuple[SeenExecution, HowFar]:
        """Return an execution and how far it is. `text` and errors: see `meant`."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            execution = _meant(repositories, access.project_id, text)
            now = self._clock()
            interrupted = interrupted_among(repositories, [execution], now)
            results = repositories.results.stretches(access.project_id, execution.execution_id)
        return SeenExecution(execution, bool(interrupted)), how_far(execution, results, now)

    def look(self, access: Access, text: str, only: ResultSelection | None = None) -> ExecutionLook:
        """Return an execution with its results, and those of them that are wanted (None: all). `text`: see `named`.

        Raises
        ------
        NotFoundError, InvalidInputError
            As `named`; or if it has no result of a target or task that is wanted.
        """
        execution_id = self.named(access, text)
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            execution, results = with_results(repositories, access.project_id, execution_id)
            interrupted = interrupted_among(repositories, [execution], self._clock())
        selection = only or ResultSelection()
        where = f"execution {execution.execution_id}"
        wanted = selection.of(results, where=where, task_name=self._task_name)
        return ExecutionLook(SeenExecution(execution, bool(interrupted)), results, wanted)

    def show(self, access: Access, execution_id: str) -> tuple[ExecutionModel, list[TaskResultModel]]:
        """Return an execution and its results, as `with_results`."""
        with self._store.read() as snapshot:
            return with_results(Repositories(snapshot), access.project_id, execution_id)


def _meant(repositories: Repositories, project_id: str, text: str) -> ExecutionModel:
    executions = repositories.executions
    found = executions.find(project_id, text)
    if found is not None:
        return found
    if made := executions.of_flow_run(project_id, text):
        return made[-1]
    newest = [one.execution_id for one in executions.newest(project_id, limit=CANDIDATES)]
    raise unknown(text, project_id, what="execution", there_are=newest)

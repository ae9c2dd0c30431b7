"""Queries of executions: by name, with results or progress, in lists and pages; ids of results."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from qdash_builtin.record_lookup.given_ids import match_execution_id, require_execution
from qdash_builtin.record_lookup.newest_executions import list_newest
from qdash_builtin.runs.execution_lists import (
    DisplayedExecution,
    ExecutionFilter,
    ListedExecution,
    add_counts,
    iter_candidates,
)
from qdash_builtin.runs.interrupted_runs import list_interrupted_runs
from qdash_builtin.runs.progress import run_progress
from qdash_builtin.runs.result_times import AttemptReader, list_measurement_times
from qdash_builtin.runs.run_results import ResultSelection
from qdash_core.models.pages import Page, make_cursor
from qdash_core.models.task import TaskStatus
from qdash_core.process.clock import utc_now
from qdash_core.record.counts import read_with_results, update_counts
from qdash_core.record.orphans import is_interrupted
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_builtin.runs.progress import RunProgress
    from qdash_builtin.runs.result_times import MeasurementSummary
    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.pages import PageRequest
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Store

MOST_LOOKED_THROUGH = 5_000
"""Largest number of executions that are read for one page."""


@dataclass(frozen=True, slots=True)
class ExecutionResults:
    """Execution with a selection of its results, and all in the order in which they started or were skipped."""

    displayed: DisplayedExecution
    results: list[TaskResultModel]
    selected: list[TaskResultModel]


class ExecutionService:
    """Service for the executions of one store; `task_name` returns the name of a task with an alias."""

    def __init__(
        self,
        store: Store,
        *,
        task_name: Callable[[str], str] = str,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._task_name = task_name
        self._clock = clock
        self.attempts = AttemptReader()

    def resolve_id(self, access: Access, text: str) -> str:
        """Return the id of an execution, see `match_execution_id`."""
        return match_execution_id(self._store, access, text)

    def require_id(self, access: Access, text: str) -> str:
        """Return the id of the execution with this id, or of the last execution of the flow run with this UUID.

        Raises
        ------
        NotFoundError
            If there is none; the message names the newest executions.
        """
        with self._store.read() as snapshot:
            return require_execution(Repositories(snapshot), access.project_id, text).execution_id

    def list_interrupted(self, access: Access) -> list[ExecutionModel]:
        """Return the interrupted executions of a project that a runner can resume, oldest first.

        Executions that a newer execution of the same flow on the same chip repeats are omitted.
        """
        with self._store.read() as snapshot:
            return list_interrupted_runs(snapshot, access.project_id)

    def get_header(self, access: Access, text: str) -> DisplayedExecution:
        """Return an execution with its displayed status, without its results. For `text` and errors see `require_id`."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            execution = require_execution(repositories, access.project_id, text)
            interrupted = is_interrupted(repositories, execution)
            count = partial(self.attempts.count_outcomes, repositories)
            (counted,) = update_counts(
                repositories, access.project_id, [execution], count_older=True, count=count
            )
        return DisplayedExecution(counted, interrupted)

    def get_timings(self, access: Access, text: str) -> tuple[ExecutionModel, list[MeasurementSummary]]:
        """Return an execution and the times of its measurements. For `text` and errors see `require_id`."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            execution = require_execution(repositories, access.project_id, text)
            return execution, list_measurement_times(
                repositories.of(TaskResultHistoryRepository), access.project_id, execution.execution_id
            )

    def get_progress(self, access: Access, text: str) -> tuple[DisplayedExecution, RunProgress]:
        """Return an execution and its progress. For `text` and errors see `require_id`."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            execution = require_execution(repositories, access.project_id, text)
            interrupted = is_interrupted(repositories, execution)
            results = self.attempts.list_attempts(repositories, access.project_id, execution.execution_id)
        progress = run_progress(execution, results, self._clock(), interrupted=interrupted)
        return DisplayedExecution(execution, interrupted), progress

    def select_results(
        self, access: Access, text: str, only: ResultSelection | None = None
    ) -> ExecutionResults:
        """Return an execution with its results and a selection of them. For `text` see `resolve_id`.

        Raises
        ------
        NotFoundError, InvalidInputError
            As for `resolve_id`, or if it has no result of a selected target or task.
        """
        execution_id = self.resolve_id(access, text)
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            execution, results = read_with_results(repositories, access.project_id, execution_id)
            interrupted = is_interrupted(repositories, execution)
        selection = only or ResultSelection()
        where = f"execution {execution.execution_id}"
        wanted = selection.select(results, where=where, task_name=self._task_name, interrupted=interrupted)
        return ExecutionResults(DisplayedExecution(execution, interrupted), results, wanted)

    def show(self, access: Access, execution_id: str) -> tuple[ExecutionModel, list[TaskResultModel]]:
        """Return an execution and its results, see `read_with_results`."""
        with self._store.read() as snapshot:
            return read_with_results(Repositories(snapshot), access.project_id, execution_id)

    def count_failed_tasks(self, access: Access, text: str) -> int:
        """Return the number of failed tasks of a run, in all executions of its flow run. For `text` and errors see `require_id`."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            execution = require_execution(repositories, access.project_id, text)
            run = [execution]
            if execution.flow_run_id is not None:
                run = repositories.of(ExecutionRepository).list_by_flow_run(
                    access.project_id, execution.flow_run_id
                )
            return sum(
                one.tasks.get(TaskStatus.FAILED, 0)
                for one in update_counts(repositories, access.project_id, run)
            )

    def newest(
        self, access: Access, *, chip_id: str | None = None, limit: int | None = None
    ) -> list[ExecutionModel]:
        """Return executions, newest first."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            found = list_newest(repositories, access.project_id, chip_id=chip_id, limit=limit)
            return update_counts(repositories, access.project_id, found)

    def list_executions(
        self,
        access: Access,
        only: ExecutionFilter | None = None,
        *,
        limit: int | None = None,
        after: str | None = None,
    ) -> list[ListedExecution]:
        """Return executions with their displayed status, newest first; all if `only` is None.

        The execution `after`, with which the next page begins, need not match; see `resolve_id`.

        Raises
        ------
        NotFoundError
            If there is no such chip, or no execution `after`.
        InvalidInputError
            If a field of the filter is invalid or `after` is ambiguous.
        """
        after = None if after is None else self.resolve_id(access, after)
        wanted = self._resolve_filter(only)
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            listed = iter_candidates(repositories, access.project_id, wanted, limit=limit, after=after)
            matching = (
                one for one in listed if wanted.matches(one, repositories.of(TaskResultHistoryRepository))
            )
            return add_counts(repositories, access.project_id, list(islice(matching, limit)), self.attempts)

    def page(
        self,
        access: Access,
        request: PageRequest,
        only: ExecutionFilter | None = None,
        *,
        before: str | None = None,
    ) -> Page[ListedExecution]:
        """Return a page of executions with their displayed status, newest first.

        The first page begins after the execution `before`, which need not match, see `resolve_id`. The filter and the
        errors are those of `list_executions`. With a filter for rare ones a page may be short or empty although it has
        a `next`.
        """
        place = request.place(1)
        after = before if place is None else str(place[0])
        if place is None and before is not None:
            after = self.resolve_id(access, before)
        wanted = self._resolve_filter(only)
        found: list[ListedExecution] = []
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            listed = iter_candidates(
                repositories,
                access.project_id,
                wanted,
                limit=request.limit + 1,
                after=after,
            )
            for number, one in enumerate(listed, 1):
                if wanted.matches(one, repositories.of(TaskResultHistoryRepository)):
                    found.append(one)
                if len(found) > request.limit:
                    break
                if number == MOST_LOOKED_THROUGH:
                    items = add_counts(repositories, access.project_id, found, self.attempts)
                    return Page(items, make_cursor(_place(one)))
            return Page.from_items(
                add_counts(repositories, access.project_id, found, self.attempts), request, _place
            )

    def _resolve_filter(self, only: ExecutionFilter | None) -> ExecutionFilter:
        """Return a filter with the name of its task, in place of an alias."""
        if only is None or only.task is None:
            return only or ExecutionFilter()
        return replace(only, task=self._task_name(only.task))


def _place(listed: ListedExecution) -> tuple[str]:
    return (listed.execution.execution_id,)

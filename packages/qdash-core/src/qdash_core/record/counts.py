"""Executions with their current counts of results."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from qdash_core.models.execution import ExecutionHead, ExecutionModel
from qdash_core.models.task import count_statuses
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.repositories import Repositories

E = TypeVar("E", bound=ExecutionHead)


def read_with_results(
    repositories: Repositories, project_id: str, execution_id: str
) -> tuple[ExecutionModel, list[TaskResultModel]]:
    """Return an execution and its results, every task attempt, in the order in which they started or were skipped.

    Waiting results come last. Raises NotFoundError if there is no such execution.
    """
    execution = repositories.of(ExecutionRepository).require(project_id, execution_id)
    results = repositories.of(TaskResultHistoryRepository).list_by_execution(project_id, execution_id)
    (execution,) = update_counts(repositories, project_id, [execution], count_older=True)
    never = datetime.max.replace(tzinfo=UTC)
    return execution, sorted(results, key=lambda result: result.start_at or result.end_at or never)


def update_counts(
    repositories: Repositories,
    project_id: str,
    executions: Sequence[E],
    *,
    count_older: bool = False,
    count: Callable[[str, Sequence[str]], Mapping[str, dict[str, int]]] | None = None,
) -> list[E]:
    """Return executions: unfinished ones with their current counts, ended ones with those of their end.

    `count_older` tells whether to count the outcomes of ended ones whose record is older than the field. Without it,
    as in lists, their counts by status stand for the outcomes. `count` stands for
    `TaskResultHistoryRepository.count_outcomes`, which reads all results.
    """
    counted = [
        one.execution_id
        for one in executions
        if not one.status.terminal or (count_older and _lacks_outcomes(one))
    ]
    found = (count or repositories.of(TaskResultHistoryRepository).count_outcomes)(project_id, counted)
    return [_add_outcomes(one, found.get(one.execution_id)) for one in executions]


def _lacks_outcomes(execution: ExecutionHead) -> bool:
    return bool(execution.tasks) and not execution.outcomes


def _add_outcomes(execution: E, counted: dict[str, int] | None) -> E:
    """Return an execution with the counted outcomes; None if they were not counted."""
    if counted is None:
        return (
            execution.model_copy(update={"outcomes": execution.tasks})
            if _lacks_outcomes(execution)
            else execution
        )
    tasks = execution.tasks if execution.status.terminal else count_statuses(counted)
    return execution.model_copy(update={"tasks": tasks, "outcomes": counted})

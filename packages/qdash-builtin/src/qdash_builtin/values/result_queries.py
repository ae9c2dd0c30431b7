"""Queries of the results that gave or used values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.task import TaskResultModel, TracedResult
from qdash_core.repositories.store import OneOf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.repositories.results import TaskResultHistoryRepository


def list_traced_results(
    results: TaskResultHistoryRepository, project_id: str, task_ids: Iterable[str]
) -> list[TracedResult]:
    """Return the existing results among these ids, with their inputs and values."""
    return results.select_by_ids(
        TracedResult, project_id, task_ids, without=results.list_unread_fields(TracedResult)
    )


def list_results_of_targets(
    results: TaskResultHistoryRepository, project_id: str, execution_id: str, targets: Iterable[str]
) -> list[TaskResultModel]:
    """Return the results of an execution on these targets, in the order of their starts, unstarted ones first."""
    where = {"project_id": project_id, "execution_id": execution_id, "qid": OneOf(tuple(targets))}
    return results.select(where, order=("start_at",))

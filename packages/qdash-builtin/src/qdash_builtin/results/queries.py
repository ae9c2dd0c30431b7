"""Queries of the results of tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.runs.result_times import PerformanceSummary
from qdash_core.models.targets import by_number
from qdash_core.models.task import TaskResultModel, select_last_attempts
from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from collections.abc import Sequence


def list_performances(
    results: TaskResultHistoryRepository,
    project_id: str,
    name: str,
    *,
    chip_id: str | None = None,
    limit: int,
) -> list[PerformanceSummary]:
    """Return the ends and times of a task's results on one chip or all, last started first."""
    where: dict[str, Any] = {"project_id": project_id, "name": name, "start_at": Range()}
    where |= {} if chip_id is None else {"chip_id": chip_id}
    return results.select_as(PerformanceSummary, where, order=("-start_at",), limit=limit)


def list_newest_by_task(
    results: TaskResultHistoryRepository,
    project_id: str,
    chip_id: str,
    name: str,
    targets: Sequence[str] = (),
) -> list[TaskResultModel]:
    """Return the newest finished result of a task on all or the given targets of a chip, by id."""
    latest = results.make_sibling(LatestResultRepository).list_by_task(project_id, chip_id, name)
    wanted = [one.task_id for one in latest if not targets or one.qid in targets]
    return sorted(results.list_by_ids(project_id, wanted), key=lambda one: by_number(one.qid))


def list_superseded_results(
    results: TaskResultHistoryRepository, project_id: str, execution_id: str
) -> frozenset[str]:
    """Return the ids of the results of an execution that a later attempt at the same node replaced."""
    attempts = [
        one
        for one in results._list_attempts(project_id, [execution_id])[execution_id]
        if one.refit_of is None
    ]
    last = {one.task_id for one in select_last_attempts(attempts)}
    return frozenset(one.task_id for one in attempts if one.task_id not in last)

"""Queries of the results that gave or used values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.task import FlaggedTask, TaskResultModel, TracedResult
from qdash_core.repositories.store import OneOf, Range

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from qdash_core.models.task import ResultValues
    from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository

_FIRST_OF_TASK = 2
"""Number of results in the first page of those of a task on a target, which most searches do not leave."""


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


def iter_results_of_task(
    results: TaskResultHistoryRepository,
    project_id: str,
    chip_id: str,
    qid: str,
    name: str,
    *,
    cooldown_id: str,
    since: datetime,
    oldest_first: bool = False,
) -> Iterator[list[ResultValues]]:
    """Yield growing pages of the results of a task on a target in a cool-down since a time, last started first or oldest first."""
    where = {"project_id": project_id, "chip_id": chip_id, "name": name, "qid": qid}
    return results.iter_growing_pages(
        where | {"cooldown_id": cooldown_id, "start_at": Range(least=since)},
        _FIRST_OF_TASK,
        order="start_at" if oldest_first else "-start_at",
    )


def list_flagged(latest: LatestResultRepository, project_id: str, chip_id: str) -> dict[str, str]:
    """Return the task of the last flagged result of each task and target of a chip, by its id, until it is accepted or decided on."""
    found = latest.select_as(FlaggedTask, {"project_id": project_id, "chip_id": chip_id})
    return {task_id: one["name"] for one in found if (task_id := one.get("flagged_task_id"))}

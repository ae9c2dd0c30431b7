"""Queries of the results on some targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.repositories.store import OneOf, Range

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.results import TaskResultHistoryRepository


def list_briefs_by_target(
    results: TaskResultHistoryRepository,
    project_id: str,
    chip_id: str,
    name: str,
    targets: Iterable[str],
    *,
    until: datetime | None = None,
    limit: int,
) -> dict[str, list[list[Any]]]:
    """Return the last values from a task until a time by target, as `list_briefs` does, in one snapshot; at most `limit` of each target."""
    where = {
        "project_id": project_id,
        "chip_id": chip_id,
        "name": name,
        "start_at": Range(below=until),
    }
    return {
        qid: results.select_briefs({**where, "qid": qid}, order=("-start_at",), limit=limit)
        for qid in targets
    }


def list_results_on_targets(
    results: TaskResultHistoryRepository,
    project_id: str,
    chip_id: str,
    targets: Iterable[str],
    *,
    since: datetime,
    until: datetime,
    limit: int,
) -> list[TaskResultModel]:
    """Return the results on these targets that were started from a time until another one, inclusive, last started first."""
    where = {"project_id": project_id, "chip_id": chip_id, "qid": OneOf(tuple(targets))}
    where |= {"start_at": Range(least=since, most=until)}
    return results.select(where, order=("-start_at",), limit=limit)

"""Newest results on some targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.repositories.store import OneOf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.models.task import LatestResultModel
    from qdash_core.repositories.results import LatestResultRepository


def list_latest_results(
    latest_results: LatestResultRepository, project_id: str, chip_id: str, qids: Iterable[str]
) -> dict[str, list[LatestResultModel]]:
    """Return the newest finished result of every task on each of these targets, by task name."""
    found: dict[str, list[LatestResultModel]] = {qid: [] for qid in qids}
    where = {"project_id": project_id, "chip_id": chip_id, "qid": OneOf(tuple(found))}
    for latest in latest_results.select(where, order=("name",)):
        found[latest.qid].append(latest)
    return found

"""Search of results."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qdash_builtin.record_lookup.given_ids import find_ids_by_prefix
from qdash_core.models.search import Match, make_address
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.search import Search
    from qdash_core.models.task import LatestResultModel, TaskResultModel
    from qdash_core.runtime.application import QDash

_ID = re.compile(r"[0-9a-f]{3}[0-9a-f-]*")
_SHORT_ID = 8
"""Number of characters of an id that people read."""


def find_results(qdash: QDash, access: Access, search: Search) -> list[Match]:
    """Return the results whose id begins with the word, or the newest results on the target that the words name, of tasks with the other words."""
    results: list[TaskResultModel | LatestResultModel] = []
    with qdash.store.read() as snapshot:
        repositories = Repositories(snapshot)
        if len(search.words) == 1 and _ID.fullmatch(search.words[0]):
            stored = repositories.of(TaskResultHistoryRepository)
            ids = find_ids_by_prefix(
                stored, access.project_id, "task_id", search.words[0], limit=search.limit
            )
            results += stored.list_by_ids(access.project_id, ids)
        if search.chip_id is not None and search.target is not None:
            newest = repositories.of(LatestResultRepository)
            results += [
                one
                for one in newest.list_by_target(access.project_id, search.chip_id, search.target)
                if search.fits_beside_target("result", one.name, one.verdict or one.status)
            ]
    return [_make_match(one) for one in results]


def _make_match(result: TaskResultModel | LatestResultModel) -> Match:
    on = result.qid or result.chip_id
    return Match(
        "result",
        f"{result.name} on {on}",
        f"{result.verdict or result.status}, {result.task_id[:_SHORT_ID]}",
        make_address("result", result=result.task_id),
        f"qdash task figure {result.task_id[:_SHORT_ID]}",
        (result.task_id, f"{result.name} {on}"),
    )

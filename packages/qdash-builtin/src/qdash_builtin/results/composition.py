"""Services of results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.record_lookup.given_ids import match_result_id
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.service import ResultService

_SHORTEST_PREFIX = 8
"""Number of characters of a result's id that cite it; fewer may fit another result later."""

if TYPE_CHECKING:
    from qdash_builtin.results.proposal import RefitAction
    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash


def open_results(qdash: QDash) -> ResultService:
    """Open the service for stored results, refits and figures."""
    return ResultService(qdash)


def make_refit_action(qdash: QDash) -> RefitAction:
    """Return the action that proposes refits."""
    from qdash_builtin.results.proposal import RefitAction

    return RefitAction(qdash.store, qdash.get(RESULTS))


def find_cited_result(qdash: QDash, access: Access, name: str) -> tuple[str, str] | None:
    """Return the id and a title of a cited result."""
    if len(name) < _SHORTEST_PREFIX:
        return None
    result = qdash.get(RESULTS).show(access, match_result_id(qdash.store, access, name))
    return result.task_id, f"{result.name} on {result.qid or result.chip_id}"

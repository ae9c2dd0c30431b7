"""Services of results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.results.feature import RESULTS
from qdash_core.results.service import ResultService

if TYPE_CHECKING:
    from qdash_core.application import QDash
    from qdash_core.assistants.proposal_actions.refit import RefitAction


def open_results(qdash: QDash) -> ResultService:
    """Open the service for stored results, refits and figures."""
    return ResultService(qdash)


def make_refit_action(qdash: QDash) -> RefitAction:
    """Return the action that proposes refits."""
    from qdash_core.assistants.proposal_actions.refit import RefitAction

    return RefitAction(qdash.get(RESULTS))

"""Services of results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.results.service import ResultService

if TYPE_CHECKING:
    from qdash_core.application import QDash


def open_results(qdash: QDash) -> ResultService:
    """Open the service for stored results, refits and figures."""
    return ResultService(qdash)

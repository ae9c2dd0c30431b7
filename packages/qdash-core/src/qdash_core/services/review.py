"""Services of review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.review.query import KnownNames
from qdash_core.review.service import ReviewService

if TYPE_CHECKING:
    from qdash_core.application import QDash


def open_review(qdash: QDash) -> ReviewService:
    """Open the service for the review of flagged results."""
    registry = qdash.registry
    return ReviewService(
        qdash.store, KnownNames(registry.task_name, registry.any_task, registry.output_parameters)
    )

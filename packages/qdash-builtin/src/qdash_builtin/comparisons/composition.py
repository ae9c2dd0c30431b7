"""Services of comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.comparisons.service import ComparisonService
from qdash_builtin.metrics.feature import JUDGEMENTS, METRICS

if TYPE_CHECKING:
    from qdash_core.runtime.application import QDash


def open_comparisons(qdash: QDash) -> ComparisonService:
    """Open the service that compares a chip at two points in time, or two chips."""
    return ComparisonService(qdash.store, qdash.zone, qdash.get(METRICS), qdash.get(JUDGEMENTS))

"""Services of contexts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.chips.feature import TARGETS
from qdash_builtin.contexts.service import ContextService
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.runs.feature import EXECUTIONS

if TYPE_CHECKING:
    from qdash_core.runtime.application import QDash


def open_contexts(qdash: QDash) -> ContextService:
    """Open the service that collects contexts of chips, targets and results."""
    return ContextService(
        qdash.store,
        metrics=qdash.get(METRICS),
        targets=qdash.get(TARGETS),
        executions=qdash.get(EXECUTIONS),
        results=qdash.get(RESULTS),
        facts=qdash.facts,
        registry=qdash.registry,
    )

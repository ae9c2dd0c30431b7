"""Services of explanations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.chips.feature import TARGETS
from qdash_builtin.explanations.service import ExplanationService
from qdash_builtin.metrics.feature import JUDGEMENTS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.runs.feature import EXECUTIONS

if TYPE_CHECKING:
    from qdash_core.runtime.application import QDash


def open_explanations(qdash: QDash) -> ExplanationService:
    """Open the service that explains the failures of results, targets and executions."""
    return ExplanationService(
        qdash.store,
        qdash.registry,
        results=qdash.get(RESULTS),
        executions=qdash.get(EXECUTIONS),
        targets=qdash.get(TARGETS),
        facts=qdash.facts,
        get_design=qdash.get_design,
        judgements=qdash.get(JUDGEMENTS),
    )

"""Services of reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.comparisons.feature import COMPARISONS
from qdash_builtin.metrics.feature import JUDGEMENTS, METRICS
from qdash_builtin.reports.service import ReportService
from qdash_builtin.runs.feature import EXECUTIONS

if TYPE_CHECKING:
    from qdash_core.runtime.application import QDash


def open_reports(qdash: QDash) -> ReportService:
    """Open the service that makes reports on chips, executions and releases."""
    return ReportService(
        qdash,
        qdash.get(METRICS),
        qdash.get(COMPARISONS),
        qdash.get(EXECUTIONS),
        judgements=qdash.get(JUDGEMENTS),
        facts=qdash.facts,
    )

"""Services of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.metrics.feature import METRICS

if TYPE_CHECKING:
    from qdash_builtin.metrics.service import MetricsService
    from qdash_builtin.metrics.specification_service import SpecificationService
    from qdash_core.runtime.application import QDash


def open_metrics(qdash: QDash) -> MetricsService:
    """Open the service for the metrics of chips."""
    from qdash_builtin.metrics.service import MetricsService

    return MetricsService(qdash.store, qdash.settings.metrics_file, judgement_reader=qdash.judgement_reader)


def open_specifications(qdash: QDash) -> SpecificationService:
    """Open the service for the specifications of chips."""
    from qdash_builtin.metrics.specification_service import SpecificationService

    return SpecificationService(qdash.store, qdash.get(METRICS), quantities=qdash.registry.quantities)

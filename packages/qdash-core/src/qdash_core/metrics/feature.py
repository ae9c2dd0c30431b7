"""Feature of metrics, statistics and trends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features import Feature, FeaturePage, Service

if TYPE_CHECKING:
    from qdash_core.metrics.service import MetricsService
    from qdash_core.metrics.specification_service import SpecificationService

METRICS: Service[MetricsService] = Service("qdash_core.services.metrics:open_metrics")
SPECIFICATIONS: Service[SpecificationService] = Service("qdash_core.services.metrics:open_specifications")

FEATURE = Feature(
    "metrics",
    requires=("chips",),
    services=(
        METRICS,
        SPECIFICATIONS,
    ),
    operations=(
        "qdash_core.resources.chip_trends:operations",
        "qdash_core.resources.metrics:operations",
        "qdash_core.resources.metric_statistics:operations",
        "qdash_core.resources.metric_histories:operations",
    ),
    commands={
        "metrics": "qdash_core.cli.metrics:metrics",
    },
    pages=(
        FeaturePage(
            "Metrics",
            ":material/bar_chart:",
            "Chip",
            "metrics",
            "qdash_ui_streamlit.pages.metrics:render",
            place=120,
        ),
        FeaturePage(
            "Trends",
            ":material/monitoring:",
            "Chip",
            "trends",
            "qdash_ui_streamlit.pages.trends:render",
            place=130,
        ),
    ),
    checks=("qdash_core.health.metrics_file:CHECK",),
)

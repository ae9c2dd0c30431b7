"""Feature of metrics, statistics and trends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, FeaturePage, Service
from qdash_core.judgement.judge import JUDGE

if TYPE_CHECKING:
    from qdash_builtin.metrics.judgement.reader import JudgementReader
    from qdash_builtin.metrics.service import MetricsService
    from qdash_builtin.metrics.specification_service import SpecificationService

METRICS: Service[MetricsService] = Service("qdash_builtin.metrics.composition:open_metrics")
JUDGEMENTS: Service[JudgementReader] = Service("qdash_builtin.metrics.composition:open_judgements")
SPECIFICATIONS: Service[SpecificationService] = Service(
    "qdash_builtin.metrics.composition:open_specifications"
)

FEATURE = Feature(
    "metrics",
    requires=("chips",),
    services=(
        JUDGEMENTS,
        METRICS,
        SPECIFICATIONS,
    ),
    metrics_checked_by="qdash_builtin.metrics.definition_file:load_feature_metrics",
    provides={JUDGE: "qdash_builtin.metrics.composition:open_judge"},
    searches=(
        "qdash_builtin.metrics.search:find_metrics",
        "qdash_builtin.metrics.search:find_values",
    ),
    operations=(
        "qdash_builtin.metrics.operations.annotations:operations",
        "qdash_builtin.metrics.operations.chip_trends:operations",
        "qdash_builtin.metrics.operations.metrics:operations",
        "qdash_builtin.metrics.operations.metric_statistics:operations",
        "qdash_builtin.metrics.operations.metric_histories:operations",
        "qdash_builtin.metrics.operations.specifications:operations",
    ),
    commands={
        "metrics": "qdash_builtin.metrics.commands.metrics:metrics",
    },
    further_commands={
        "chip": "qdash_builtin.metrics.further_commands:chip",
        "values": "qdash_builtin.metrics.further_commands:values",
    },
    pages=(
        FeaturePage(
            "Metrics",
            ":material/bar_chart:",
            "Metrics",
            "metrics",
            "qdash_builtin.metrics.pages.metrics:render",
            place=10,
            has_figures=True,
        ),
        FeaturePage(
            "Trends",
            ":material/monitoring:",
            "Metrics",
            "trends",
            "qdash_builtin.metrics.pages.trends:render",
            place=20,
        ),
    ),
    checks=("qdash_builtin.metrics.metrics_file:CHECK",),
)

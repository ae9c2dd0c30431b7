"""Feature of comparisons of chips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, FeaturePage, Service

if TYPE_CHECKING:
    from qdash_builtin.comparisons.service import ComparisonService

COMPARISONS: Service[ComparisonService] = Service("qdash_builtin.comparisons.composition:open_comparisons")

FEATURE = Feature(
    "comparisons",
    requires=("chips",),
    services=(COMPARISONS,),
    operations=("qdash_builtin.comparisons.operations:operations",),
    commands={
        "compare": "qdash_builtin.comparisons.commands:compare",
    },
    further_commands={"chip": "qdash_builtin.comparisons.further_commands:chip"},
    pages=(
        FeaturePage(
            "Compare",
            ":material/compare_arrows:",
            "Chip",
            "compare",
            "qdash_builtin.comparisons.pages.compare:render",
            place=100,
            has_figures=True,
        ),
    ),
)

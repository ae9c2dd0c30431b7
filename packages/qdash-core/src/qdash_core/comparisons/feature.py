"""Feature of comparisons of chips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features import Feature, FeaturePage, Service

if TYPE_CHECKING:
    from qdash_core.comparisons.service import ComparisonService

COMPARISONS: Service[ComparisonService] = Service("qdash_core.services.comparisons:open_comparisons")

FEATURE = Feature(
    "comparisons",
    requires=("chips",),
    services=(COMPARISONS,),
    operations=("qdash_core.resources.comparisons:operations",),
    commands={
        "compare": "qdash_core.cli.compare:compare",
    },
    pages=(
        FeaturePage(
            "Compare",
            ":material/compare_arrows:",
            "Chip",
            "compare",
            "qdash_ui_streamlit.pages.compare:render",
            place=100,
        ),
    ),
)

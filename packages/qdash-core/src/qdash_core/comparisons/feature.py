"""Feature of comparisons of chips."""

from __future__ import annotations

from qdash_core.features import Feature, FeaturePage

FEATURE = Feature(
    "comparisons",
    requires=("chips",),
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

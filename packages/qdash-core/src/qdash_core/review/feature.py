"""Feature of the review of flagged results."""

from __future__ import annotations

from qdash_core.features import Feature, FeaturePage

FEATURE = Feature(
    "review",
    requires=("results",),
    operations=("qdash_core.resources.review:operations",),
    commands={
        "review": "qdash_core.cli.review:review",
    },
    pages=(
        FeaturePage(
            "Review", ":material/rule:", "Chip", "review", "qdash_ui_streamlit.pages.review:render", place=140
        ),
    ),
)

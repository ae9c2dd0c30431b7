"""Feature of task results."""

from __future__ import annotations

from qdash_core.features import Feature, FeaturePage

FEATURE = Feature(
    "results",
    requires=("runs",),
    operations=(
        "qdash_core.resources.results:operations",
        "qdash_core.resources.thumbnails:operations",
    ),
    pages=(
        FeaturePage(
            "Result",
            ":material/query_stats:",
            "Now",
            "result",
            "qdash_ui_streamlit.pages.result:render",
            hidden=True,
            place=40,
        ),
        FeaturePage(
            "Workbench",
            ":material/construction:",
            "Chip",
            "workbench",
            "qdash_ui_streamlit.pages.workbench:render",
            place=80,
        ),
    ),
)

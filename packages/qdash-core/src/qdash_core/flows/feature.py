"""Feature of flows."""

from __future__ import annotations

from qdash_core.features import Feature, FeaturePage

FEATURE = Feature(
    "flows",
    requires=("runs",),
    operations=("qdash_core.resources.flows:operations",),
    commands={
        "flow": "qdash_core.cli.flows:flow",
    },
    pages=(
        FeaturePage(
            "Flows",
            ":material/account_tree:",
            "Now",
            "flows",
            "qdash_ui_streamlit.pages.flows:render",
            place=60,
        ),
    ),
)

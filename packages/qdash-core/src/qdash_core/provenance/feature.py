"""Feature of the origin and use of values."""

from __future__ import annotations

from qdash_core.features import Feature, FeaturePage
from qdash_core.sections import Section

FEATURE = Feature(
    "provenance",
    requires=("chips",),
    operations=("qdash_core.resources.provenance:operations",),
    commands={
        "provenance": "qdash_core.cli.provenance:provenance",
    },
    pages=(
        FeaturePage(
            "Origin",
            ":material/alt_route:",
            "Chip",
            "origin",
            "qdash_ui_streamlit.pages.origin:render",
            place=110,
        ),
    ),
    sections=(
        Section(
            "result", "Origin and use", "qdash_ui_streamlit.pages.result_impact:draw_origin_and_impact", 10
        ),
    ),
)

"""Feature of the overview."""

from __future__ import annotations

from qdash_core.features.declarations import Feature, FeaturePage

FEATURE = Feature(
    "overview",
    pages=(
        FeaturePage(
            "Overview",
            ":material/home:",
            "Overview",
            "overview",
            "qdash_builtin.overview.pages.overview:render",
            place=10,
        ),
    ),
)

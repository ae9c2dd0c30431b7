"""Feature of explanations."""

from __future__ import annotations

from qdash_core.features import Feature

FEATURE = Feature(
    "explanations",
    requires=("results",),
    operations=("qdash_core.resources.explanations:operations",),
    commands={
        "explain": "qdash_core.cli.explain:explain",
    },
)

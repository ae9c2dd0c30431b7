"""Feature of contexts."""

from __future__ import annotations

from qdash_core.features import Feature

FEATURE = Feature(
    "contexts",
    requires=("chips",),
    operations=("qdash_core.resources.contexts:operations",),
    commands={
        "context": "qdash_core.cli.contexts:context",
    },
)

"""Feature of digests."""

from __future__ import annotations

from qdash_core.features import Feature

FEATURE = Feature(
    "digests",
    requires=("chips",),
    operations=("qdash_core.resources.digests:operations",),
    commands={
        "digest": "qdash_core.cli.digest:digest",
    },
)

"""Feature of decisions on values."""

from __future__ import annotations

from qdash_core.features import Feature

FEATURE = Feature(
    "values",
    requires=("chips",),
    operations=(
        "qdash_core.resources.value_changes:operations",
        "qdash_core.resources.value_scopes:operations",
    ),
    commands={
        "values": "qdash_core.cli.values:values",
        "scope": "qdash_core.cli.value_scopes:scope",
    },
)

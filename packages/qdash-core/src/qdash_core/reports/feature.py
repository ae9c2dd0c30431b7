"""Feature of reports."""

from __future__ import annotations

from qdash_core.features import Feature

FEATURE = Feature(
    "reports",
    requires=("chips",),
    operations=("qdash_core.resources.reports:operations",),
    commands={
        "report": "qdash_core.cli.report:report",
    },
)

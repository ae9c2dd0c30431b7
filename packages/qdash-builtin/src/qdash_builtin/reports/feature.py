"""Feature of reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, Service

if TYPE_CHECKING:
    from qdash_builtin.reports.service import ReportService

REPORTS: Service[ReportService] = Service("qdash_builtin.reports.composition:open_reports")

FEATURE = Feature(
    "reports",
    requires=("chips",),
    services=(REPORTS,),
    operations=("qdash_builtin.reports.operations:operations",),
    commands={
        "report": "qdash_builtin.reports.commands:report",
    },
)

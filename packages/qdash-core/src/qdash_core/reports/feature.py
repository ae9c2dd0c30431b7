"""Feature of reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features import Feature, Service

if TYPE_CHECKING:
    from qdash_core.reports.service import ReportService

REPORTS: Service[ReportService] = Service("qdash_core.services.reports:open_reports")

FEATURE = Feature(
    "reports",
    requires=("chips",),
    services=(REPORTS,),
    operations=("qdash_core.resources.reports:operations",),
    commands={
        "report": "qdash_core.cli.report:report",
    },
)

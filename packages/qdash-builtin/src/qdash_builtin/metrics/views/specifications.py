"""View models of the specifications of chips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.metrics.definitions import MetricsFile
    from qdash_builtin.metrics.specification import ProposedLimits
    from qdash_core.models.specification import AskedLimits


class AskedLimitsDocument(Document):
    """Asked or proposed limits of a metric of a chip, in the unit of stored values."""

    title: str
    limit: float | None = None
    """The worst value within specification."""
    minimum: float | None = None
    """The worst value with which a target may be used."""
    shown_limit: OmitEmpty[str] = None
    """The limit in the display unit."""
    shown_minimum: OmitEmpty[str] = None
    username: str | None = None
    """User who asked; null for a proposal."""
    asked_at: UtcDatetime | None = None


class SpecificationDocument(Document):
    """Asked or proposed limits of the values of a chip by metric; other metrics have those of the metrics file."""

    chip_id: str
    limits: dict[str, AskedLimitsDocument]

    @classmethod
    def from_limits(
        cls, chip_id: str, limits: Mapping[str, AskedLimits] | Mapping[str, ProposedLimits], file: MetricsFile
    ) -> Self:
        """Return the view model of asked or proposed limits."""
        found = {}
        for name, one in limits.items():
            metric = file.find_metric(name)
            shown = (
                ("", "")
                if metric is None
                else (metric.format_limit(one.limit), metric.format_limit(one.minimum))
            )
            found[name] = AskedLimitsDocument(
                title=name if metric is None else metric.title,
                limit=one.limit,
                minimum=one.minimum,
                shown_limit=shown[0],
                shown_minimum=shown[1],
                username=getattr(one, "username", None),
                asked_at=getattr(one, "asked_at", None),
            )
        return cls(chip_id=chip_id, limits=found)

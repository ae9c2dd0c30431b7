"""What the metrics file says of a value: whether it is good enough, too old, and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from qdash_core.metrics.definitions import Evaluation, Metric, Range, Threshold

if TYPE_CHECKING:
    from qdash_core.documents.metric_definitions import MetricDefinitionDocument
    from qdash_core.documents.metrics import ValueDocument

WITHIN, OUTSIDE = "within", "outside"
"""States of a value of which the metrics file says what is good enough."""


def _metric(document: MetricDefinitionDocument) -> Metric:
    """Return a metric as the core judges values by it."""
    asked = None
    if document.specification:
        ends = Range() if document.range is None else Range(min=document.range.min, max=document.range.max)
        asked = Threshold(value=document.threshold, range=ends)
    return Metric(
        title=document.title,
        evaluation=Evaluation(mode=document.better, magnitude=document.magnitude),
        threshold=asked,
    )


def within(metric: MetricDefinitionDocument | None, value: float) -> bool | None:
    """Return whether a stored value is within specification; None: nothing is asked for."""
    return None if metric is None or not metric.specification else _metric(metric).is_within(value)


def limits(metric: MetricDefinitionDocument | None) -> list[float]:
    """Return the limits of what is good enough, in the unit in which values are stored."""
    if metric is None or not metric.specification:
        return []
    if metric.threshold is not None and metric.better != "none":
        return [metric.threshold, -metric.threshold] if metric.magnitude else [metric.threshold]
    found = (metric.range.min, metric.range.max) if metric.range else ()
    return [limit for limit in found if limit is not None]


def measured_at(value: ValueDocument) -> datetime | None:
    """Return when a value was measured; None: nobody knows."""
    at: datetime | str | None = value.get("calibrated_at")
    return datetime.fromisoformat(at) if isinstance(at, str) else at


def is_stale(metric: MetricDefinitionDocument | None, measured: datetime | None, now: datetime) -> bool:
    """Return whether a value is older than the metrics file allows."""
    if metric is None or metric.age_limit_s is None or measured is None:
        return False
    return (now - measured).total_seconds() > metric.age_limit_s


@dataclass(frozen=True, slots=True)
class Scale:
    """How values of a metric are shown.

    Parameters
    ----------
    title : str
        Its name.
    unit : str
        In which it is shown.
    factor : float
        What a stored value is multiplied with for that.
    """

    title: str
    unit: str
    factor: float = 1.0

    def shown(self, value: float, error: float | None = None) -> tuple[float, float | None, str]:
        """Return a stored value with its error as it is shown, and the unit."""
        return self.factor * value, None if error is None else abs(self.factor) * error, self.unit


def scale_of(name: str, metric: MetricDefinitionDocument | None, unit: str = "") -> Scale:
    """Return how values of a metric are shown; of one that the metrics file does not know, as they are stored, in `unit`."""
    return Scale(name, unit) if metric is None else Scale(metric.title, metric.unit, metric.scale)

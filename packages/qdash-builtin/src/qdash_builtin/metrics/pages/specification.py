"""Specification, age limit and display unit of a value, from the metric definitions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from qdash_builtin.metrics.definitions import Evaluation, Metric, Range, Threshold
from qdash_builtin.metrics.missed_limits import describe_miss
from qdash_core.models.quantities import round_as_shown
from qdash_ui_streamlit.display.quantities import use_unit_symbols

if TYPE_CHECKING:
    from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionDocument
    from qdash_builtin.values.views.shown_values import ValueDocument

WITHIN, OUTSIDE = "within", "outside"
"""States of a value with a specification."""


def _make_metric(document: MetricDefinitionDocument) -> Metric:
    """Return a metric of the core, which judges values."""
    requested = None
    if document.specification:
        ends = Range() if document.range is None else Range(min=document.range.min, max=document.range.max)
        requested = Threshold(value=document.threshold, range=ends)
    return Metric(
        title=document.title,
        unit=document.unit,
        scale=document.scale,
        evaluation=Evaluation(mode=document.better, magnitude=document.magnitude),
        threshold=requested,
    )


def is_within_limits(metric: MetricDefinitionDocument | None, value: float) -> bool | None:
    """Return whether a stored value is within specification, or None if there is none."""
    return None if metric is None or not metric.specification else _make_metric(metric).is_within(value)


def format_specification(
    metric: MetricDefinitionDocument | None, value: float | None = None, error: float | None = None
) -> str:
    """Return the specification of a metric; empty if there is none.

    For a stored value that rounds to its limit but misses it, the text says by how much.
    """
    if metric is None or not metric.specification:
        return ""
    miss = ""
    if value is not None:
        shown = round_as_shown(value * metric.scale, None if error is None else error * metric.scale)
        miss = describe_miss(_make_metric(metric), value, shown)
    return use_unit_symbols(metric.specification + (f" ({miss})" if miss else ""))


def judge_value(metric: MetricDefinitionDocument | None, value: ValueDocument) -> str | None:
    """Return whether a stored value is `within` or `outside` specification, or None if there is none."""
    is_good = is_within_limits(metric, value["value"])
    return None if is_good is None else WITHIN if is_good else OUTSIDE


def format_limits(metric: MetricDefinitionDocument | None) -> list[float]:
    """Return the limits of the specification, in stored units."""
    if metric is None or not metric.specification:
        return []
    if metric.threshold is not None and metric.better != "none":
        return [metric.threshold, -metric.threshold] if metric.magnitude else [metric.threshold]
    found = (metric.range.min, metric.range.max) if metric.range else ()
    return [limit for limit in found if limit is not None]


def get_measurement_time(value: ValueDocument) -> datetime | None:
    """Return the time of the measurement of a value, or None if unknown."""
    at: datetime | str | None = value.get("calibrated_at")
    return datetime.fromisoformat(at) if isinstance(at, str) else at


@dataclass(frozen=True, slots=True)
class Scale:
    """Display name and unit of a metric, and the factor from stored to displayed values."""

    title: str
    unit: str
    factor: float = 1.0

    def shown(self, value: float, error: float | None = None) -> tuple[float, float | None, str]:
        """Return a stored value with its error in the display unit, and the unit."""
        return self.factor * value, None if error is None else abs(self.factor) * error, self.unit


def get_scale(name: str, metric: MetricDefinitionDocument | None, unit: str = "") -> Scale:
    """Return the scale of a metric; for one without a definition, its name and the stored `unit`."""
    return Scale(name, unit) if metric is None else Scale(metric.title, metric.unit, metric.scale)

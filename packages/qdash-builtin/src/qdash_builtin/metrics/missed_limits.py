"""Distances of values from the limits that they miss."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_builtin.metrics.definitions import Metric


def describe_miss(metric: Metric, value: float, shown: float) -> str:
    """Return by how much a stored value misses its limit, such as `0.0012 % below the limit`.

    The text is empty if the number that is shown tells it: `shown`, rounded in the display unit, is beside the
    `specification`.
    """
    limit = _find_missed_limit(metric, value)
    if limit is None:
        return ""
    size, seen = (abs(value), abs(shown)) if metric.rates_size else (value, shown)
    is_below, bound = size < limit, float(f"{limit * metric.scale:g}")
    if seen < bound if is_below else seen > bound:
        return ""
    amount = f"{abs(size - limit) * metric.scale:.2g} {metric.unit}".rstrip()
    return f"{amount} {'below' if is_below else 'above'} the limit"


def _find_missed_limit(metric: Metric, value: float) -> float | None:
    """Return the limit that a stored value violates, or None if it is within specification."""
    if metric.threshold is None or metric.is_within(value):
        return None
    if metric.evaluation.mode != "none":
        return metric.threshold.value
    least = metric.threshold.range.min
    return least if least is not None and value < least else metric.threshold.range.max

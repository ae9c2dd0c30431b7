"""Distributions of metrics over a chip as Plotly figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.tasks.figure_layout import axis_title

if TYPE_CHECKING:
    from qdash_builtin.metrics.definitions import Metric
    from qdash_builtin.metrics.summary import MetricSummary

_FEWEST = 2
"""Number of values from which there is a distribution."""


def make_distribution(summary: MetricSummary, metric: Metric | None) -> dict[str, Any] | None:
    """Return the cumulative distribution of the values of a metric as steps, with its limits as lines; None for fewer than two values."""
    if len(summary.values) < _FEWEST:
        return None
    scale = 1.0 if metric is None else metric.scale
    x = [value * scale for value, _ in summary.cdf]
    y = [fraction for _, fraction in summary.cdf]
    title = summary.name if metric is None else metric.title
    unit = summary.unit if metric is None else metric.unit
    line = {"type": "line", "xref": "x", "yref": "paper", "y0": 0, "y1": 1}
    limits = [] if metric is None else _list_limits(metric)
    return {
        "data": [
            {"type": "scatter", "mode": "lines", "line": {"shape": "hv"}, "x": [x[0], *x], "y": [0.0, *y]}
        ],
        "layout": {
            "xaxis": {"title": {"text": axis_title(title, unit)}},
            "yaxis": {"title": {"text": "Fraction of values"}, "range": [-0.03, 1.03]},
            "shapes": [{**line, "x0": limit * scale, "x1": limit * scale} for limit in limits],
        },
    }


def _list_limits(metric: Metric) -> list[float]:
    if metric.threshold is None or not metric.has_specification:
        return []
    limits = [metric.threshold.value]
    if metric.evaluation.mode == "none":
        limits = [metric.threshold.range.min, metric.threshold.range.max]
    return [one for one in limits if one is not None]

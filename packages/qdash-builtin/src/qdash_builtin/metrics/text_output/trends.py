"""Trends of a chip in words, and as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.metrics.model import format_difference
from qdash_builtin.metrics.trend_points import LONGEST_SERIES
from qdash_cli.rendering.output import format_count, print_message, print_table
from qdash_cli.rendering.times import format_short_time
from qdash_core.models.quantities import format_quantity
from qdash_core.models.targets import get_target_kind

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionsDocument
    from qdash_builtin.metrics.views.trends import (
        ChangePointDocument,
        ChipTrendsDocument,
        SpreadSummaryDocument,
        TrendDocument,
    )

_SMALL_PERCENT = 0.001
"""Relative spread in per cent below which it is in parts per million."""


def describe_trend(
    trend: TrendDocument, *, unit: str, scale: float, zone: ZoneInfo, with_spread: bool = True
) -> list[str]:
    """Return what is significant in a series, in words, the worst kind first.

    `scale` converts stored values to the display unit; `with_spread` includes the spread beyond the error bars.
    """
    largest_first = sorted(trend.change_points, key=lambda one: one.deviations, reverse=True)
    words = [_describe_change(one, unit, scale, zone) for one in largest_first]
    if trend.unconfirmed is not None:
        words.append(f"unconfirmed: {_describe_change(trend.unconfirmed, unit, scale, zone)}")
    if trend.flagged:
        newest = trend.flagged[-1]
        error = None if newest.error is None else newest.error * scale
        words.append(f"newest measured {format_quantity(newest.value * scale, error, unit)}, flagged")
    if trend.drift is not None and trend.drift.significant:
        drift = format_difference(trend.drift.per_day * scale, trend.drift.error * scale, unit, per="/day")
        words.append(f"drifts by {drift}")
    if with_spread and trend.spread is not None and trend.spread.significant:
        spread = format_difference(trend.spread.value * scale, trend.spread.error * scale, unit)
        words.append(f"spread {spread} beyond the error bars")
    return words


def describe_spread(summary: SpreadSummaryDocument, title: str) -> str:
    """Return the spread of a metric in words: `T1: 59 of 64 scatter by more than their errors, median 30 %`."""
    median = "" if summary.median is None else f", median {_format_share(summary.median)}"
    return f"{title}: {summary.significant} of {summary.judged} scatter by more than their errors{median}"


def _format_share(share: float) -> str:
    """Return a relative spread with two digits: `14 %`, or in parts per million if it is less than 0.001 %."""
    percent, ppm = share * 100, share * 1e6
    return f"{percent:.2g} %" if percent >= _SMALL_PERCENT else f"{ppm:.2g} ppm"


def describe_totals(trends: ChipTrendsDocument) -> str:
    """Return the numbers of change points, drifts and spreads in words."""
    found = [
        format_count(trends.change_points, "change point"),
        *([f"{trends.unconfirmed} unconfirmed"] if trends.unconfirmed else []),
        format_count(trends.drifts, "drift"),
        f"{format_count(trends.spreads, 'spread')} beyond the errors",
    ]
    rate = f"false discovery rate {trends.false_discovery_rate * 100:g} % of each kind"
    return f"{', '.join(found)} among {len(trends.series)} series; {rate}"


def show_trends(
    trends: ChipTrendsDocument, file: MetricDefinitionsDocument, zone: ZoneInfo, *, every: bool
) -> None:
    """Print the series whose level changes, or every series, worst first, the spread of each metric, and totals."""
    rows = [_make_row(one, file, zone, every=every) for one in trends.series if every or one.has_changed]
    if rows:
        print_table(("target", "metric", "n", "latest", "trend"), rows, fold=("trend",))
        print_message()
    titles = {
        name: one.title for kind in ("coupling", "qubit") for name, one in file.get_metrics(kind).items()
    }
    for one in trends.spread_summaries:
        print_message(describe_spread(one, titles.get(one.metric, one.metric)))
    print_message(describe_totals(trends))
    if any(one.n == LONGEST_SERIES for one in trends.series):
        print_message(f"of each series the newest {LONGEST_SERIES} values")


def _make_row(
    trend: TrendDocument, file: MetricDefinitionsDocument, zone: ZoneInfo, *, every: bool
) -> tuple[object, ...]:
    metric = file.get_metrics(get_target_kind(trend.target)).get(trend.metric)
    unit, scale = (trend.unit, 1.0) if metric is None else (metric.unit, metric.scale)
    latest = trend.points[-1]
    error = None if latest.error is None else latest.error * scale
    return (
        trend.target,
        trend.metric if metric is None else metric.title,
        trend.n,
        format_quantity(latest.value * scale, error, unit),
        "; ".join(describe_trend(trend, unit=unit, scale=scale, zone=zone, with_spread=every)),
    )


def _describe_change(change: ChangePointDocument, unit: str, scale: float, zone: ZoneInfo) -> str:
    size = format_difference(abs(change.size) * scale, change.error * scale, unit)
    before, after = (format_short_time(one, zone) for one in (change.before, change.after))
    verb = "rose" if change.size > 0 else "fell"
    return f"{verb} by {size} ({change.deviations:.1f} noise sd) between {before} and {after}"

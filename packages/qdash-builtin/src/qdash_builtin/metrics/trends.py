"""Trends of a chip: series of accepted values of its targets, worst first."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.trends.page_analysis import SeriesAnalysis, analyse_page
from qdash_analysis.trends.series_models import Series
from qdash_builtin.metrics.period_values import iter_measured_values
from qdash_builtin.metrics.trend_points import collect_values, join_turns, make_points
from qdash_core.models.targets import by_number
from qdash_core.models.task import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from qdash_builtin.metrics.selection import Period
    from qdash_builtin.metrics.trend_points import TrendPoint
    from qdash_core.models.task import RecordedValues


_DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class SeriesTrend:
    """Accepted values of a metric on a target, with their analysis; the unit is that of stored values.

    Parameters
    ----------
    points : sequence of TrendPoint
        The newest values, in the order of time. Angles follow each other without jumps of a full turn.
    analysis : SeriesAnalysis
        Change points, drift and spread, which refer to the places of `points`.
    flagged : sequence of TrendPoint
        Flagged values that await a decision and are newer than all points, in the order of time. They are not analysed.
    """

    target: str
    metric: str
    unit: str
    points: Sequence[TrendPoint]
    analysis: SeriesAnalysis
    flagged: Sequence[TrendPoint] = ()

    @property
    def relative_spread(self) -> float | None:
        """Spread as a share of the median of the values; None without a spread, for angles, and for a median of 0."""
        median = abs(float(np.median([one.value for one in self.points])))
        if self.analysis.spread is None or self.unit == "rad" or median == 0:
            return None
        return self.analysis.spread.value / median

    @property
    def is_significant(self) -> bool:
        """True if anything is significant."""
        return _rank(self)[0] > 0


@dataclass(frozen=True, slots=True)
class SpreadSummary:
    """Spread of the series of a metric beyond their error bars.

    Parameters
    ----------
    significant, judged : int
        Number of series that spread beyond their error bars, and of all that have enough values and error bars.
    median : float or None
        Median spread of the significant ones, as a share of the median value of each; None if there is no share.
    """

    metric: str
    significant: int
    judged: int
    median: float | None


@dataclass(frozen=True, slots=True)
class ChipTrends:
    """Trends of a chip, worst first: by the size of the largest change point, then by drift, then by relative spread."""

    chip_id: str
    series: Sequence[SeriesTrend]

    @property
    def n_change_points(self) -> int:
        """Number of confirmed change points."""
        return sum(len(one.analysis.change_points) for one in self.series)

    @property
    def n_unconfirmed(self) -> int:
        """Number of newest values that depart from the values before."""
        return sum(one.analysis.newest is not None for one in self.series)

    @property
    def n_drifts(self) -> int:
        """Number of series that drift."""
        return sum(one.analysis.drift is not None and one.analysis.drift.significant for one in self.series)

    @property
    def n_spreads(self) -> int:
        """Number of series that spread beyond their error bars."""
        return sum(one.significant for one in self.summarise_spreads())

    def summarise_spreads(self) -> list[SpreadSummary]:
        """Return the spread of each metric with a significant one, the largest relative spread first."""
        judged: dict[str, list[SeriesTrend]] = defaultdict(list)
        for one in self.series:
            if one.analysis.spread is not None:
                judged[one.metric].append(one)
        found = [_summarise_spread(metric, own) for metric, own in judged.items()]
        return sorted((one for one in found if one.significant), key=lambda one: -(one.median or 0.0))


def _summarise_spread(metric: str, judged: Sequence[SeriesTrend]) -> SpreadSummary:
    spread = [one for one in judged if one.analysis.spread is not None and one.analysis.spread.significant]
    shares = [share for one in spread if (share := one.relative_spread) is not None]
    return SpreadSummary(metric, len(spread), len(judged), float(np.median(shares)) if shares else None)


def compute_trends(
    chip_id: str,
    results: Sequence[RecordedValues],
    *,
    metrics: Mapping[str, int],
    period: Period,
    is_usable: Callable[[RecordedValues, str], bool],
) -> ChipTrends:
    """Return the trends of a chip; `metrics` has the places of the metrics in the order for steady series.

    Parameters
    ----------
    results : sequence of RecordedValues
        Results of the targets, newest first of each, with at least all measurements of the period.
    is_usable : callable
        Returns whether a value of a result may be the chip's, see `UsableResults.accepts`.

    Notes
    -----
    If a coupling was measured in both directions, only values in the direction of the newest one count; a change of the unit
    also begins a new series.
    """
    known = collect_values(iter_measured_values(results, is_usable=is_usable, period=period, names=metrics))
    held = [one for one in results if one.verdict is Verdict.FLAGGED]
    waiting = collect_values(
        one
        for one in iter_measured_values(held, is_usable=is_usable, period=period, names=metrics, flagged=True)
        if not one[2]
    )
    alike = {
        key: found for key, values in known.items() if (found := make_points(values, waiting[key])).points
    }
    analyses = analyse_page([make_series(metric, one.unit, one.points) for (_, metric), one in alike.items()])
    trends = [
        SeriesTrend(
            target,
            metric,
            one.unit,
            join_turns(one.points, one.unit, one.points),
            own,
            join_turns(one.flagged, one.unit, one.points),
        )
        for ((target, metric), one), own in zip(alike.items(), analyses, strict=True)
    ]
    trends.sort(key=lambda one: (metrics[one.metric], by_number(one.target)))
    return ChipTrends(chip_id, sort_trends(trends))


def sort_trends(trends: Iterable[SeriesTrend]) -> list[SeriesTrend]:
    """Return series worst first; steady ones keep their order."""
    return sorted(trends, key=_rank, reverse=True)


def make_series(metric: str, unit: str, points: Sequence[TrendPoint]) -> Series:
    """Return a series for the analysis; an unknown error is taken as the median of the known ones."""
    joined = join_turns(points, unit, points)
    errors = np.array([math.nan if one.error is None else abs(one.error) for one in joined])
    unknown = np.isnan(errors)
    if not unknown.all():
        errors[unknown] = np.median(errors[~unknown])
    start = joined[0].at
    return Series(
        f"{metric} {unit} {unknown.all()}",
        np.array([(one.at - start).total_seconds() / _DAY_S for one in joined]),
        np.array([one.value for one in joined]),
        None if unknown.all() else errors,
    )


def _rank(trend: SeriesTrend) -> tuple[int, float]:
    """Return the rank of the worst that is significant, and its size; rank 0 if nothing is."""
    own = trend.analysis
    if own.change_points:
        return 4, max(one.deviations for one in own.change_points)
    if own.newest is not None:
        return 3, own.newest.deviations
    if own.drift is not None and own.drift.significant:
        return 2, abs(own.drift.per_day) / own.drift.error
    if own.spread is not None and own.spread.significant:
        return 1, trend.relative_spread or 0.0
    return 0, 0.0

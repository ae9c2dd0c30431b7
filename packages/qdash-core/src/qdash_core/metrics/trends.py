"""Trends of a chip: series of accepted values of its targets, worst first."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_core.metrics.period_values import iter_measured_values
from qdash_core.metrics.series_models import Series
from qdash_core.metrics.trend_analysis import SeriesAnalysis, analyse_page
from qdash_core.models.targets import by_number
from qdash_core.repositories.chips import WITHOUT_DIRECTION

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.metrics.selection import Period
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import RecordedValues

LONGEST_SERIES = 60
"""Samples of a series that are analysed, the newest ones."""
_DAY_S = 86400.0


class TrendPoint(NamedTuple):
    """An accepted value with the time of its measurement, its error, if known, and its result."""

    at: datetime
    value: float
    error: float | None
    task_id: str


@dataclass(frozen=True, slots=True)
class SeriesTrend:
    """Accepted values of a metric on a target, with their analysis.

    Parameters
    ----------
    target, metric, unit : str
        The metric, and the unit of stored values.
    points : sequence of TrendPoint
        The newest values, in the order of time. Angles follow each other without jumps of a full turn.
    analysis : SeriesAnalysis
        Change points, drift and spread, which refer to the places of `points`.
    """

    target: str
    metric: str
    unit: str
    points: Sequence[TrendPoint]
    analysis: SeriesAnalysis

    @property
    def is_significant(self) -> bool:
        """True if anything is significant."""
        return _rank(self)[0] > 0


@dataclass(frozen=True, slots=True)
class ChipTrends:
    """Trends of a chip.

    Parameters
    ----------
    chip_id : str
        The chip.
    series : sequence of SeriesTrend
        All series, worst first: by the size of the largest change point, then by drift, then by spread.
    """

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
        return sum(one.analysis.spread is not None and one.analysis.spread.significant for one in self.series)


def compute_trends(
    chip_id: str,
    results: Iterable[RecordedValues],
    *,
    metrics: Mapping[str, int],
    targets: Collection[str],
    period: Period,
    is_usable: Callable[[RecordedValues, str], bool],
) -> ChipTrends:
    """Return the trends of a chip.

    Parameters
    ----------
    chip_id : str
        The chip.
    results : iterable of RecordedValues
        Results of the chip, newest first, with at least all measurements of the period.
    metrics : mapping of str to int
        Places of the metrics in the order for steady series.
    targets : collection of str
        Selected qubits and couplings.
    period : Period
        Period of the measurements.
    is_usable : callable
        Returns whether a value of a result may be the chip's, see `UsableResults.accepts`.

    Notes
    -----
    If a coupling was measured in both directions, only values in the direction of the newest one count; a change of the unit
    also begins a new series.
    """
    known: dict[tuple[str, str], list[tuple[ParameterModel, str | None]]] = defaultdict(list)
    measured = iter_measured_values(results, is_usable=is_usable, period=period, names=metrics)
    for result, name, _ in measured:
        if result.qid in targets:
            control = None if name in WITHOUT_DIRECTION else result.control
            known[result.qid, name].append((result.output_parameters[name], control))
    series = {key: found for key, values in known.items() if (found := _make_points(values))[1]}
    analyses = analyse_page([make_series(metric, *found) for (_, metric), found in series.items()])
    trends = [
        SeriesTrend(target, metric, unit, _join_turns(points, unit), own)
        for ((target, metric), (unit, points)), own in zip(series.items(), analyses, strict=True)
    ]
    trends.sort(key=lambda one: (metrics[one.metric], by_number(one.target)))
    return ChipTrends(chip_id, sort_trends(trends))


def sort_trends(trends: Iterable[SeriesTrend]) -> list[SeriesTrend]:
    """Return series worst first; steady ones keep their order."""
    return sorted(trends, key=_rank, reverse=True)


def _make_points(values: Sequence[tuple[ParameterModel, str | None]]) -> tuple[str, list[TrendPoint]]:
    """Return the unit and the newest values that are alike, in the order of time."""
    dated = [(at, one, control) for one, control in values if (at := one.calibrated_at) is not None]
    if not dated:
        return "", []
    dated.sort(key=lambda one: one[0])
    _, newest, direction = dated[-1]
    points = [
        TrendPoint(at, float(one.value), one.error or None, one.task_id)
        for at, one, control in dated
        if one.unit == newest.unit
        and (control is None or direction is None or control == direction)
        and math.isfinite(one.value)
    ]
    return newest.unit, points[-LONGEST_SERIES:]


def make_series(metric: str, unit: str, points: Sequence[TrendPoint]) -> Series:
    """Return a series for the analysis; an unknown error is taken as the median of the known ones."""
    joined = _join_turns(points, unit)
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


def _join_turns(points: Sequence[TrendPoint], unit: str) -> Sequence[TrendPoint]:
    """Return angles about the middle direction, each within half a turn of it; other values as they are."""
    if unit != "rad":
        return points
    values = np.array([one.value for one in points])
    middle = math.atan2(float(np.median(np.sin(values))), float(np.median(np.cos(values))))
    return [one._replace(value=middle + math.remainder(one.value - middle, math.tau)) for one in points]


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
        return 1, own.spread.reduced_chi2
    return 0, 0.0

"""Analysis of the series of a page: change points, drift and spread beyond the error bars, with one rate of false discoveries.

Each family (change points, unconfirmed newest values, drift, spread) is controlled over all series of the page
by Benjamini, Hochberg, J. Royal Statistical Society B 57, 289 (1995).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.trends.change_points import CAUTION, compute_p_values, find_change_points
from qdash_analysis.trends.excess_spread import Spread, measure_spread
from qdash_analysis.trends.false_discoveries import FALSE_DISCOVERY_RATE, compute_q_values
from qdash_analysis.trends.level_model import TAILS, fit_levels
from qdash_analysis.trends.series_models import MODELS, WANDERING, fit_models, normalise, sum_models

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_analysis.trends.level_model import Flags, Floats, LevelFit
    from qdash_analysis.trends.series_models import Series, SeriesModels

SMALLEST_LENGTH = 5
"""Samples that a series needs to be analysed."""
_MOST_STEPS = 4
_NEWEST_CAUTION = 20.0
"""Further factor on the p values of newest samples: a single outlier is common."""


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """Change of the level between two samples.

    `place` is the last sample before it; `error` is a standard deviation, and `deviations` are in those of the noise,
    without wandering; `q_value` is the rate of false discoveries among all that are at least as significant.
    """

    place: int
    size: float
    error: float
    deviations: float
    q_value: float


@dataclass(frozen=True, slots=True)
class Drift:
    """Constant change with time.

    `error` is the standard deviation, slow wandering included; `q_value` as in `ChangePoint`.
    """

    per_day: float
    error: float
    q_value: float

    @property
    def significant(self) -> bool:
        """True if the change is significant."""
        return self.q_value <= FALSE_DISCOVERY_RATE


@dataclass(frozen=True, slots=True)
class SeriesAnalysis:
    """Findings in a series.

    `change_points` are confirmed by two samples or more; `newest` is that of the newest sample alone. Drift (None for
    too short a series) and spread (None without error bars) are significant or not.
    """

    change_points: tuple[ChangePoint, ...] = ()
    newest: ChangePoint | None = None
    drift: Drift | None = None
    spread: Spread | None = None


def analyse_page(page: Sequence[Series]) -> list[SeriesAnalysis]:
    """Return the analysis of each series of a page; short and constant series have none."""
    found = [SeriesAnalysis()] * len(page)
    usable = [place for place, one in enumerate(page) if _is_usable(one)]
    if usable:
        analysed = _analyse([page[place] for place in usable])
        for place, one in zip(usable, analysed, strict=True):
            found[place] = one
    return found


def _is_usable(series: Series) -> bool:
    if len(series.values) < SMALLEST_LENGTH or series.days[0] == series.days[-1]:
        return False
    return float(np.ptp(series.values)) > 0 and len(np.unique(series.values)) > 2


def _analyse(series: Sequence[Series]) -> list[SeriesAnalysis]:
    models = fit_models(series)
    models, breaks, q_values = _find_all_steps(models)
    fit = _fit_with_breaks(models, breaks)
    newest = _find_newest(models, breaks)
    drifts = _find_drifts(series, models, breaks, fit)
    spreads = measure_spread(series, breaks, [one.per_day if one.significant else 0.0 for one in drifts])
    return [
        SeriesAnalysis(
            tuple(
                _measure_change(models, fit, breaks, column, int(place), q_values[place, column])
                for place in np.flatnonzero(breaks[:, column])
            ),
            newest.get(column),
            drifts[column],
            spreads[column],
        )
        for column in range(len(series))
    ]


def _find_newest(models: SeriesModels, breaks: Flags) -> dict[int, ChangePoint]:
    """Return the significant changes of newest samples, by series."""
    newest, _ = find_change_points(models, breaks, newest=True)
    q_values = compute_q_values(np.minimum(1.0, _NEWEST_CAUTION * newest.p_values))
    found = np.flatnonzero(q_values <= FALSE_DISCOVERY_RATE)
    marked = breaks.copy()
    marked[newest.places[found], found] = True
    fit = _fit_with_breaks(models, marked)
    return {
        int(column): _measure_change(
            models, fit, marked, int(column), int(newest.places[column]), float(q_values[column])
        )
        for column in found
    }


def _find_all_steps(models: SeriesModels) -> tuple[SeriesModels, Flags, Floats]:
    """Return the models with pooled weights, all significant steps, and their q values."""
    breaks = np.zeros((len(models.rows.links), len(models.lengths)), bool)
    q_values = np.ones(breaks.shape)
    first, models = find_change_points(models, breaks, pool=True)
    found_q = compute_q_values(first.p_values)
    found = np.flatnonzero(found_q <= FALSE_DISCOVERY_RATE)
    limit = first.p_values[found].max(initial=0.0)
    breaks[first.places[found], found] = True
    q_values[first.places[found], found] = found_q[found]
    for _ in range(_MOST_STEPS - 1):
        if not len(found):
            break
        further, _ = find_change_points(models.take(found), breaks[:, found])
        again = further.p_values <= limit
        places, found = further.places[again], found[again]
        breaks[places, found] = True
        # The first steps of the page set the limit; no further one is more significant than this.
        q_values[places, found] = np.interp(
            further.p_values[again], np.sort(first.p_values), np.sort(found_q)
        )
    return models, breaks, q_values


def _fit_with_breaks(models: SeriesModels, breaks: Flags) -> LevelFit:
    """Return the fits of all series, of those with steps again."""
    broken = np.flatnonzero(np.repeat(breaks.any(axis=0), MODELS))
    if not len(broken):
        return models.fit
    rows = models.rows.take(broken)
    again = fit_levels(replace(rows, breaks=np.repeat(breaks, MODELS, axis=1)[:, broken]))
    return models.fit.replace_rows(broken, again)


def _measure_change(
    models: SeriesModels, fit: LevelFit, breaks: Flags, column: int, place: int, q_value: float
) -> ChangePoint:
    """Return the size of a step by the best model of the series."""
    weights = models.log_prior[column] + fit.evidence[column * MODELS : (column + 1) * MODELS]
    row = column * MODELS + int(np.argmax(weights))
    n = int(models.lengths[column])
    links = np.where(breaks[: n - 1, column], 0.0, models.rows.links[: n - 1, row])
    precision = np.diag(models.rows.weights[:n, row])
    for i, link in enumerate(links):
        precision[i : i + 2, i : i + 2] += link * np.array([[1, -1], [-1, 1]])
    covariance = np.linalg.inv(precision) * fit.factors[row] / TAILS[float(models.rows.tails[row])] ** 2
    variance = covariance[place, place] + covariance[place + 1, place + 1]
    move = fit.slopes[row] * (models.rows.places[place + 1, row] - models.rows.places[place, row])
    size = float(fit.levels[place + 1, row] - fit.levels[place, row] - move)
    typical = float(np.median(1 / models.rows.weights[:n, row]))
    scale = math.sqrt(fit.factors[row] * typical) / TAILS[float(models.rows.tails[row])]
    return ChangePoint(place, size, math.sqrt(variance), abs(size) / scale, float(q_value))


def _find_drifts(series: Sequence[Series], models: SeriesModels, breaks: Flags, fit: LevelFit) -> list[Drift]:
    """Return the slope of every series, within the parts between its steps."""
    half = len(WANDERING)
    evidence = fit.evidence.reshape(-1, MODELS)
    costs = fit.slope_cost.reshape(-1, MODELS)
    flat, sloped = models.log_prior[:, :half], models.log_prior[:, half:]
    wandering = np.logaddexp(flat, sloped)
    gains = 2 * (
        sum_models(wandering + (evidence + costs)[:, half:]) - sum_models(wandering + evidence[:, :half])
    )
    df = models.lengths + models.rows.prior_df[::MODELS] - 1 - breaks.sum(axis=0)
    q_values = compute_q_values(np.minimum(1.0, CAUTION * compute_p_values(gains, df)))
    weights = normalise(wandering + (evidence + costs)[:, half:])
    slopes, errors = (array.reshape(-1, MODELS)[:, half:] for array in (fit.slopes, fit.slope_errors))
    means = (weights * slopes).sum(axis=1)
    variances = (weights * (errors**2 + (slopes - means[:, None]) ** 2)).sum(axis=1)
    spans = np.array([one.days[-1] - one.days[0] for one in series])
    return [
        Drift(float(mean / span), float(math.sqrt(variance) / span), float(q_value))
        for mean, variance, span, q_value in zip(means, variances, spans, q_values, strict=True)
    ]

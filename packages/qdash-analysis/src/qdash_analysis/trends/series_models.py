"""Models of the series of a page without steps: noise, wandering and slope, with pooled priors."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.trends.level_model import (
    FEW_ITERATIONS,
    ITERATIONS,
    TAILS,
    LevelFit,
    Rows,
    fit_levels,
)
from qdash_analysis.trends.noise_prior import pool_factors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qdash_analysis.trends.level_model import Flags, Floats

WANDERING = (1e-6, 0.05, 0.3, 2.0, 20.0)
"""Variances of a median step of the level, in units of the variance of the noise, that are considered."""
_WANDERING_PRIOR = (0.8, 0.4, 0.3, 0.2, 0.1)
_SLOPE_PRIOR = (0.7, 0.3)
MODELS = len(WANDERING) * 2
"""Models of each series: every wandering without a slope, then with one."""
_SERIES_FOR_TAILS = 24
_TRIMMED = 0.15
"""Share of the series of a group with a step, at most, which look like heavy tails."""


@dataclass(frozen=True, slots=True)
class Series:
    """Values of a quantity in the order of time.

    Series of one `group`, a metric, have similar noise; `days` ascend, `errors` are standard deviations.
    """

    group: str
    days: Floats
    values: Floats
    errors: Floats | None


@dataclass(frozen=True, slots=True)
class SeriesModels:
    """Series with the models that are considered for each, without steps.

    `rows` are those of series 0 with each model, then of series 1. `log_prior`, shape (series, models), has logarithms
    of weights, `scales` standard deviations of a typical sample, as for Gaussian noise, and `lengths` numbers of
    samples.
    """

    rows: Rows
    log_prior: Floats
    fit: LevelFit
    scales: Floats
    lengths: Floats
    groups: NDArray[np.intp]

    def take(self, chosen: NDArray[np.intp]) -> SeriesModels:
        """Return the models of some series."""
        rows = (chosen[:, None] * MODELS + np.arange(MODELS)).ravel()
        return SeriesModels(
            self.rows.take(rows),
            self.log_prior[chosen],
            LevelFit(*(array[..., rows] for array in _list_arrays(self.fit))),
            self.scales[chosen],
            self.lengths[chosen],
            self.groups[chosen],
        )

    @property
    def log_weights(self) -> Floats:
        """Logarithms of the evidence for each model times its prior, shape (series, models)."""
        return self.log_prior + self.fit.evidence.reshape(self.log_prior.shape)


def fit_models(series: Sequence[Series]) -> SeriesModels:
    """Return the fitted models of all series of a page, with priors and noise from the series of each group."""
    groups = np.unique([one.group for one in series], return_inverse=True)[1]
    return _fit_with_tails(series, groups, _choose_tails(series, groups))


def _choose_tails(series: Sequence[Series], groups: NDArray[np.intp]) -> Floats:
    """Return the degrees of freedom of the noise that explain each group best, from its longest series."""
    longest = sorted(range(len(series)), key=lambda place: -len(series[place].values))
    kept = np.array(
        sorted(
            place
            for group in np.unique(groups)
            for place in [one for one in longest if groups[one] == group][:_SERIES_FOR_TAILS]
        )
    )
    some, of = [series[place] for place in kept], groups[kept]
    heavy, light = min(TAILS), max(TAILS)
    evidence = {
        tails: sum_models(_fit_with_tails(some, of, np.full(len(some), tails)).log_weights)
        for tails in (heavy, light)
    }
    gains = evidence[heavy] - evidence[light]
    chosen = np.full(len(series), light)
    for group in np.unique(groups):
        limits = np.quantile(gains[of == group], (_TRIMMED, 1 - _TRIMMED))
        if np.clip(gains[of == group], *limits).sum() > 0:
            chosen[groups == group] = heavy
    return chosen


def _fit_with_tails(series: Sequence[Series], groups: NDArray[np.intp], tails: Floats) -> SeriesModels:
    """Return the fitted models of all series for given distributions of the noise."""
    values, places, steps, present = _pad(series)
    variances = np.where(present, _find_variances(series, present.shape), 1.0)
    lengths = present.sum(axis=0).astype(float)
    has_errors = np.array([one.errors is not None for one in series])
    log_prior = np.log(np.tile(_join_priors(), (len(series), 1)))
    rows = _make_rows(values, variances, places, steps, present, tails)
    for _ in range(2):
        start = _rough_factors(rows)
        models = _fit(_set_prior(rows, np.ones(len(series)), start), log_prior, groups, FEW_ITERATIONS)
        factors = _posterior_factors(models)
        df, variance = pool_factors(factors, lengths, groups, start)
        shrunk = (lengths / 2 * factors + df * variance) / (lengths / 2 + df)
        excess = np.maximum(shrunk / gaussian_scales(tails) ** 2 - 1, 0) * _typical(variances, present)
        excess *= has_errors
        if not excess.any():
            break
        variances = np.where(present, variances + excess, 1.0)
        rows = _make_rows(values, variances, places, steps, present, tails)
        # The factor is now that of the enlarged variances.
        has_errors = np.zeros(len(series), bool)
    return _fit(_set_prior(rows, df, variance), log_prior, groups, ITERATIONS)


def gaussian_scales(tails: Floats) -> Floats:
    """Return the scale of each t distribution that fits Gaussian noise of unit standard deviation."""
    heavy, light = min(TAILS), max(TAILS)
    return np.where(tails == heavy, TAILS[heavy], TAILS[light])


def _list_arrays(record: LevelFit) -> list[Floats]:
    return [getattr(record, field.name) for field in fields(record)]


def _typical(variances: Floats, present: Flags) -> Floats:
    return np.nanmedian(np.where(present, variances, np.nan), axis=0)


def _pad(series: Sequence[Series]) -> tuple[Floats, Floats, Floats, Flags]:
    """Return values, scaled times, steps of time in median steps, and the samples that are present."""
    longest = max(len(one.values) for one in series)
    shape = longest, len(series)
    values, places = np.zeros(shape), np.zeros(shape)
    steps, present = np.zeros((longest - 1, len(series))), np.zeros(shape, bool)
    for column, one in enumerate(series):
        n = len(one.values)
        values[:n, column] = one.values - np.median(one.values)
        span = one.days[-1] - one.days[0]
        places[:n, column] = (one.days - one.days[0]) / span - 0.5 if span > 0 else 0
        gaps = np.diff(one.days)
        middle = np.median(gaps[gaps > 0]) if (gaps > 0).any() else 1.0
        steps[: n - 1, column] = np.clip(gaps / middle, 0.01, 30.0)
        present[:n, column] = True
    return values, places, steps, present


def _find_variances(series: Sequence[Series], shape: tuple[int, ...]) -> Floats:
    """Return the variances by the error bars; without them, equal ones in proportion to the squared value."""
    variances = np.ones(shape)
    for column, one in enumerate(series):
        n = len(one.values)
        if one.errors is not None:
            variances[:n, column] = one.errors**2
        else:
            middle = float(np.median(one.values))
            variances[:n, column] = (
                middle**2 if middle and (np.sign(one.values) == np.sign(middle)).all() else 1.0
            )
    return variances


def _make_rows(
    values: Floats, variances: Floats, places: Floats, steps: Floats, present: Flags, tails: Floats
) -> Rows:
    """Return one row for each series and model."""
    n_series = values.shape[1]
    typical = _typical(variances, present)
    chosen = np.repeat(np.arange(n_series), MODELS)
    wandering = np.tile(np.array(WANDERING * 2), n_series)
    variance = steps[:, chosen] * typical[chosen] * wandering
    links = np.where(variance > 0, 1 / np.where(variance > 0, variance, 1.0), 0.0)
    nothing = np.zeros(len(chosen))
    return Rows(
        values[:, chosen],
        1 / variances[:, chosen],
        places[:, chosen],
        links,
        np.zeros(links.shape, bool),
        present[:, chosen],
        np.tile(np.repeat([False, True], len(WANDERING)), n_series),
        tails[chosen],
        nothing,
        nothing + 1,
    )


def _set_prior(rows: Rows, df: Floats, variance: Floats) -> Rows:
    return replace(rows, prior_df=np.repeat(df, MODELS), prior_variance=np.repeat(variance, MODELS))


def _rough_factors(rows: Rows) -> Floats:
    """Return the factor of each series from the median change between neighbours."""
    one = rows.take(np.arange(0, rows.values.shape[1], MODELS))
    both = one.present[1:]
    spread = np.abs(np.diff(one.values, axis=0)) / np.sqrt(1 / one.weights[1:] + 1 / one.weights[:-1])
    middle = np.nanmedian(np.where(both, spread, np.nan), axis=0) / 0.6745
    whole = np.nanstd(np.where(one.present, one.values * np.sqrt(one.weights), np.nan), axis=0)
    return np.asarray(np.maximum(middle, whole / 10) ** 2 * gaussian_scales(one.tails) ** 2)


def _fit(rows: Rows, log_prior: Floats, groups: NDArray[np.intp], iterations: int) -> SeriesModels:
    lengths = rows.present[:, ::MODELS].sum(axis=0).astype(float)
    models = SeriesModels(rows, log_prior, fit_levels(rows, iterations=iterations), lengths, lengths, groups)
    typical = _typical(1 / rows.weights, rows.present)[::MODELS]
    return replace(
        models, scales=np.sqrt(_posterior_factors(models) * typical) / gaussian_scales(rows.tails[::MODELS])
    )


def _posterior_factors(models: SeriesModels) -> Floats:
    weights = normalise(models.log_weights)
    return np.asarray(np.exp((weights * np.log(models.fit.factors.reshape(weights.shape))).sum(axis=1)))


def normalise(logarithms: Floats) -> Floats:
    """Return weights that add up to 1 in each row from their logarithms."""
    weights = np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def sum_models(terms: Floats) -> Floats:
    """Return the logarithm of the sum of exponentials of each row."""
    most = terms.max(axis=1, initial=-np.inf)
    return np.asarray(most + np.log(np.exp(terms - most[:, None]).sum(axis=1)))


def _join_priors() -> Floats:
    return np.outer(_SLOPE_PRIOR, np.array(_WANDERING_PRIOR) / sum(_WANDERING_PRIOR)).ravel()

"""Change points of series: steps that noise, outliers and wandering do not explain."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.trends.level_model import fit_levels
from qdash_analysis.trends.series_models import MODELS, sum_models

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_analysis.trends.level_model import Flags, Floats, Rows
    from qdash_analysis.trends.series_models import SeriesModels

    Integers = NDArray[np.intp]

SMALLEST_SIDE = 2
"""Samples that a confirmed step needs on either side."""
_WINDOWS = (2, 4, 8)
_CANDIDATES = 2
"""Candidates for each window."""
_STEP_PRIOR = 0.01
"""Share of series with a step times the prior density of its size, for the weights of the models."""
CAUTION = 2.0
"""Factor on the p values, for models and scales that are fitted to the same data."""
_PRIOR_SERIES = 1.5
_POOLING_STEPS = 10
_LEAST_CONTRAST = 2.5
"""Contrast, in standard errors, below which a step is not looked into."""


@dataclass(frozen=True, slots=True)
class ChangePointTest:
    """Best step of each series.

    Parameters
    ----------
    places : ndarray of int, shape (series,)
        Last sample before the step, or -1 if no step was looked into.
    p_values : ndarray, shape (series,)
        Probability of so large an improvement at any place without a step.
    """

    places: Integers
    p_values: Floats


def find_change_points(
    models: SeriesModels, breaks: Flags, *, newest: bool = False, pool: bool = False
) -> tuple[ChangePointTest, SeriesModels]:
    """Return the best further step of each series, and the models with their weights.

    `breaks`, shape (samples - 1, series), are steps known before. `newest` looks only at the step before the newest
    sample, which nothing confirms; `pool` estimates the weights of the models from all series of a group.
    """
    n_series = len(models.lengths)
    places, owners = _choose_newest(models) if newest else _choose_candidates(models, breaks)
    plain = _fit_plain(models, breaks)
    null = _fit_candidates(models, owners, breaks, places, step=False)
    np.maximum.at(plain, owners, null)
    with_step = _fit_candidates(models, owners, breaks, places, step=True)
    log_prior = _pool_weights(models, plain, with_step, owners) if pool else models.log_prior
    models = replace(models, log_prior=log_prior)
    df = models.lengths[owners] + models.rows.prior_df[::MODELS][owners] - 1 - breaks.sum(axis=0)[owners]
    gains = 2 * (sum_models(log_prior[owners] + with_step) - sum_models(log_prior + plain)[owners])
    possible = 1 if newest else np.maximum(models.lengths[owners] - 2 * SMALLEST_SIDE + 1, 1)
    found = np.minimum(1.0, CAUTION * possible * compute_p_values(gains, df))
    order = np.argsort(-found, kind="stable")
    best, p_values = np.full(n_series, -1), np.ones(n_series)
    best[owners[order]] = places[order]
    p_values[owners[order]] = found[order]
    return ChangePointTest(best, p_values), models


def _pool_weights(models: SeriesModels, plain: Floats, with_step: Floats, owners: Integers) -> Floats:
    """Return the logarithms of the weights of the models: how often the series of the group are so, whether they have a step or not."""
    log_prior = models.log_prior.copy()
    start = np.exp(log_prior[0])
    step_cost = np.log(_STEP_PRIOR / models.lengths[owners, None])
    for _ in range(_POOLING_STEPS):
        joint = log_prior + plain
        steps = log_prior[owners] + with_step + step_cost
        most = joint.max(axis=1)
        np.maximum.at(most, owners, steps.max(axis=1, initial=-np.inf))
        weights = np.exp(joint - most[:, None])
        np.add.at(weights, owners, np.exp(steps - most[owners, None]))
        weights /= weights.sum(axis=1, keepdims=True)
        for group in np.unique(models.groups):
            chosen = models.groups == group
            total = weights[chosen].sum(axis=0) + _PRIOR_SERIES * start
            log_prior[chosen] = np.log(total / total.sum())
    return log_prior


def compute_p_values(gains: Floats, df: Floats) -> Floats:
    """Return the probability of twice the gain in log likelihood by one parameter (Wallace 1959 for few samples)."""
    fewer = np.maximum(df - 1, 1.0)
    factor = fewer / (fewer + 1) * ((8 * fewer + 1) / (8 * fewer + 3)) ** 2
    squares = np.maximum(gains, 0) * factor
    return np.array([math.erfc(math.sqrt(one / 2)) for one in squares])


def _choose_candidates(models: SeriesModels, breaks: Flags) -> tuple[Integers, Integers]:
    """Return places and series of the steps with the largest contrast of medians about them."""
    rows = models.rows.take(np.arange(0, models.rows.values.shape[1], MODELS))
    longest, n_series = rows.values.shape
    sides = np.where(rows.present, rows.values, np.nan)
    typical = np.nanmedian(np.where(rows.present, 1 / rows.weights, np.nan), axis=0)
    scales = np.minimum(models.scales, np.sqrt(rows.prior_variance * typical))
    pairs: set[tuple[int, int]] = set()
    border = np.vstack([np.ones((1, n_series), bool), breaks, np.ones((1, n_series), bool)])
    ends = np.cumsum(border, axis=0)[:-1]  # segment of each sample
    for window in _WINDOWS:
        contrast = np.full((longest - 1, n_series), -np.inf)
        for k in range(SMALLEST_SIDE - 1, longest - SMALLEST_SIDE):
            contrast[k] = _compute_contrast(sides, ends, k, window)
        contrast /= scales
        top = np.argsort(-contrast, axis=0)[:_CANDIDATES]
        for line in top:
            strong = np.flatnonzero(np.take_along_axis(contrast, line[None], 0)[0] > _LEAST_CONTRAST)
            pairs.update((int(line[one]), int(one)) for one in strong)
    if not pairs:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    places, owners = np.array(sorted(pairs, key=lambda pair: pair[::-1]), np.intp).T
    return places, owners


def _choose_newest(models: SeriesModels) -> tuple[Integers, Integers]:
    """Return the steps before newest samples that depart from the median of the samples before."""
    rows = models.rows.take(np.arange(0, models.rows.values.shape[1], MODELS))
    last = models.lengths.astype(int) - 1
    owners = np.arange(len(last))
    before = np.arange(len(rows.values))[:, None]
    window = (before < last) & (before >= last - max(_WINDOWS))
    middle = np.nanmedian(np.where(window, rows.values, np.nan), axis=0)
    departs = np.abs(rows.values[last, owners] - middle) > _LEAST_CONTRAST * models.scales
    return last[departs] - 1, owners[departs]


def _compute_contrast(sides: Floats, segments: Integers, k: int, window: int) -> Floats:
    """Return the contrast at one place in all series: difference of the medians over its standard error but the scale."""
    first, last = max(0, k + 1 - window), min(len(sides), k + 1 + window)
    before = np.where(segments[first : k + 1] == segments[k], sides[first : k + 1], np.nan)
    after = np.where(segments[k + 1 : last] == segments[k + 1], sides[k + 1 : last], np.nan)
    n_before, n_after = (np.isfinite(one).sum(axis=0) for one in (before, after))
    enough = (n_before >= SMALLEST_SIDE) & (n_after >= SMALLEST_SIDE) & (segments[k] == segments[k + 1])
    result = np.full(sides.shape[1], -np.inf)
    if enough.any():
        size = np.abs(np.nanmedian(after[:, enough], axis=0) - np.nanmedian(before[:, enough], axis=0))
        result[enough] = size / np.sqrt(1 / n_before[enough] + 1 / n_after[enough])
    return result


def _expand(models: SeriesModels, owners: Integers, breaks: Flags) -> Rows:
    rows = models.rows.take((owners[:, None] * MODELS + np.arange(MODELS)).ravel())
    return replace(rows, breaks=np.repeat(breaks, MODELS, axis=1))


def _fit_candidates(
    models: SeriesModels, owners: Integers, breaks: Flags, places: Integers, *, step: bool
) -> Floats:
    """Return the log evidence of each candidate and model, with the step, or with outliers in its place."""
    if not len(owners):
        return np.empty((0, MODELS))
    chosen = breaks[:, owners].copy()
    if step:
        chosen[places, np.arange(len(places))] = True
        return fit_levels(_expand(models, owners, chosen)).evidence.reshape(-1, MODELS)
    rows = _expand(models, owners, chosen)
    samples = np.arange(len(rows.values))[:, None]
    lengths = models.lengths[owners]
    after = samples > places
    late = places + 1 > lengths / 2
    doubted = np.where(late, after, ~after) & (samples < lengths)
    fit = fit_levels(rows, doubted=np.repeat(doubted, MODELS, axis=1))
    return fit.evidence.reshape(-1, MODELS)


def _fit_plain(models: SeriesModels, breaks: Flags) -> Floats:
    """Return the log evidence of each series and model with the known steps."""
    evidence = models.fit.evidence.reshape(-1, MODELS).copy()
    broken = np.flatnonzero(breaks.any(axis=0))
    if len(broken):
        fit = fit_levels(_expand(models, broken, breaks[:, broken]))
        evidence[broken] = fit.evidence.reshape(-1, MODELS)
    return evidence

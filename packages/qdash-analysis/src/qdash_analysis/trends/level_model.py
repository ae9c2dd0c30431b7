"""Local level model with Student t noise, fitted to many series at once.

A series is a level that wanders (random walk), optionally with a constant slope and steps, plus noise from a Student t
distribution, so that outliers count little. Local level and steps: Harvey, Koopman, J. Business
& Economic Statistics 10, 377 (1992); de Jong, Penzer, JASA 93, 796 (1998). Noise: Lange, Little, Taylor, JASA 84, 881
(1989). The likelihood is integrated over the level by Laplace's method.

Arrays have the shape (samples, rows): one row for each series and model. Short series are padded at the end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

TAILS = {4.0: 0.831, 30.0: 0.973}
"""Degrees of freedom of the noise, with the scale that fits Gaussian noise of unit standard deviation best."""
_SLOPE_SD = 5.0
"""Standard deviation of the prior of a slope: change over the series, in scales of the noise."""
FEW_ITERATIONS, ITERATIONS = 4, 10


@dataclass(frozen=True, slots=True)
class Rows:
    """Series with the model of each.

    Parameters
    ----------
    weights : ndarray
        Reciprocal variances of the noise up to the common factor that is fitted; padding is 1.
    places : ndarray
        Times, scaled to the range from -0.5 to 0.5 of each series.
    links : ndarray, shape (samples - 1, rows)
        Reciprocal variances of the steps of the level, up to the same factor; 0 from the last sample on.
    breaks : ndarray of bool, shape (samples - 1, rows)
        Steps at which the level may change freely.
    tails : ndarray, shape (rows,)
        Degrees of freedom of the noise, one of `TAILS`.
    prior_df, prior_variance : ndarray, shape (rows,)
        Degrees of freedom and variance of the scaled inverse chi squared prior of the factor.
    """

    values: Floats
    weights: Floats
    places: Floats
    links: Floats
    breaks: Flags
    present: Flags
    sloped: Flags
    tails: Floats
    prior_df: Floats
    prior_variance: Floats

    def take(self, chosen: NDArray[np.intp]) -> Rows:
        """Return some rows, or rows several times."""
        return Rows(*(getattr(self, name)[..., chosen] for name in (field.name for field in fields(self))))


@dataclass(frozen=True, slots=True)
class LevelFit:
    """Fitted rows.

    Parameters
    ----------
    factors : ndarray, shape (rows,)
        Variance of the noise in units of the reciprocal weights.
    slopes : ndarray, shape (rows,)
        Change over the whole series by the slope.
    slope_errors : ndarray, shape (rows,)
        Standard deviation of `slopes` by noise and wandering.
    evidence : ndarray, shape (rows,)
        Logarithm of the likelihood, integrated over levels and slopes, at the best factor and steps.
    slope_cost : ndarray, shape (rows,)
        Part of `evidence` that the prior of the slope takes away.
    """

    levels: Floats
    factors: Floats
    slopes: Floats
    slope_errors: Floats
    evidence: Floats
    slope_cost: Floats

    def replace_rows(self, chosen: NDArray[np.intp], other: LevelFit) -> LevelFit:
        """Return the fits with some rows replaced by those of another fit."""
        arrays = []
        for field in fields(self):
            array = getattr(self, field.name).copy()
            array[..., chosen] = getattr(other, field.name)
            arrays.append(array)
        return LevelFit(*arrays)


def fit_levels(rows: Rows, *, doubted: Flags | None = None, iterations: int = ITERATIONS) -> LevelFit:
    """Return the fits of all rows.

    The iteration first takes `doubted` samples for outliers; `FEW_ITERATIONS` suffice for priors.
    """
    count = rows.present.sum(axis=0)
    free_links = np.where(rows.breaks, 0.0, rows.links)
    mean_variance = _average_variance(rows)
    slope_precision = np.where(rows.sloped, 1 / (_SLOPE_SD**2 * mean_variance), np.inf)
    trust = np.ones(rows.values.shape) if doubted is None else np.where(doubted, 0.05, 1.0)
    factors = rows.prior_variance
    for _ in range(iterations):
        weights = trust * rows.weights
        levels, slopes, slope_information = _smooth(rows, weights, free_links, slope_precision)
        residuals = (rows.values - levels) ** 2 * rows.weights * rows.present
        moves = _level_moves(rows, levels, slopes) ** 2 * free_links
        penalty = np.where(rows.sloped, slopes**2 / (_SLOPE_SD**2 * mean_variance), 0.0)
        total = (trust * residuals).sum(axis=0) + moves.sum(axis=0) + penalty
        factors = (rows.prior_df * rows.prior_variance + total) / (rows.prior_df + count - 1)
        trust = (rows.tails + 1) / (rows.tails + residuals / factors)
        trust[~rows.present] = 1.0
    evidence = _compute_evidence(rows, residuals, moves.sum(axis=0) + penalty, factors, trust)
    cost = np.where(rows.sloped, np.log1p(slope_information * _SLOPE_SD**2 * mean_variance) / 2, 0.0)
    errors = np.sqrt(factors / np.maximum(slope_information, 1e-300))
    return LevelFit(levels, factors, slopes, errors, evidence - cost, cost + penalty / factors / 2)


def _compute_evidence(
    rows: Rows, residuals: Floats, penalty: Floats, factors: Floats, trust: Floats
) -> Floats:
    """Return the log likelihood, integrated over the levels and the factor by Laplace's method.

    `residuals` are squared, times weights; `penalty` is that of squared steps times their links, and of the slope;
    `trust` are weights by which outliers count little.
    """
    count = rows.present.sum(axis=0)
    # A free step keeps its part of the determinant: its size is chosen, not integrated over.
    _, diagonal = _factorise(trust * rows.weights, rows.links)
    noise = -(rows.tails + 1) / 2 * np.log1p(residuals / factors / rows.tails).sum(axis=0)
    noise += count * _log_peak(rows.tails) + (np.log(rows.weights) * rows.present).sum(axis=0) / 2
    levels = np.log(np.where(rows.links > 0, rows.links, 1.0)).sum(axis=0) / 2
    levels -= np.log(diagonal).sum(axis=0) / 2 + penalty / factors / 2
    scale = _normalise_prior(rows) - rows.prior_df * rows.prior_variance / factors / 2
    scale -= (count - 1 + rows.prior_df) / 2 * np.log(factors)
    scale -= np.log(count * rows.tails / (rows.tails + 3) + rows.prior_df) / 2
    return np.asarray(noise + levels + scale)


def _log_peak(tails: Floats) -> Floats:
    """Return the logarithm of the density of the t distribution at its centre."""
    peaks = {df: math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - math.log(df * math.pi) / 2 for df in TAILS}
    return np.array([peaks[df] for df in tails])


def _normalise_prior(rows: Rows) -> Floats:
    """Return the logarithm of the constant of the scaled inverse chi squared density."""
    half = rows.prior_df / 2
    distinct, places = np.unique(half, return_inverse=True)
    gammas = np.array([math.lgamma(one) for one in distinct])[places]
    return np.asarray(half * np.log(half * rows.prior_variance) - gammas)


def _average_variance(rows: Rows) -> Floats:
    return np.asarray((rows.present / rows.weights).sum(axis=0) / rows.present.sum(axis=0))


def _level_moves(rows: Rows, levels: Floats, slopes: Floats) -> Floats:
    return np.diff(levels - slopes * rows.places, axis=0)


def _smooth(
    rows: Rows, weights: Floats, links: Floats, slope_precision: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return levels with slope, slopes, and the information on them, for given weights of the samples."""
    multipliers, diagonal = _factorise(weights, links)
    level = _solve(multipliers, diagonal, weights * rows.values)
    if not rows.sloped.any():
        nothing = np.zeros(len(rows.sloped))
        return level, nothing, nothing
    trend = _solve(multipliers, diagonal, weights * rows.places)
    left = weights * rows.present * rows.places
    information = (left * (rows.places - trend)).sum(axis=0)
    slopes = (left * (rows.values - level)).sum(axis=0) / (information + slope_precision)
    return level + slopes * (rows.places - trend), slopes, information


def _factorise(weights: Floats, links: Floats) -> tuple[Floats, Floats]:
    """Return the multipliers and the diagonal of the LDL factors of the tridiagonal precision of the levels."""
    diagonal = weights.copy()
    diagonal[:-1] += links
    diagonal[1:] += links
    multipliers = np.empty_like(links)
    for i in range(len(links)):
        multipliers[i] = links[i] / diagonal[i]
        diagonal[i + 1] -= multipliers[i] * links[i]
    return multipliers, diagonal


def _solve(multipliers: Floats, diagonal: Floats, right: Floats) -> Floats:
    solution = right.copy()
    for i in range(len(multipliers)):
        solution[i + 1] += multipliers[i] * solution[i]
    solution /= diagonal
    for i in range(len(multipliers) - 1, -1, -1):
        solution[i] += multipliers[i] * solution[i + 1]
    return solution

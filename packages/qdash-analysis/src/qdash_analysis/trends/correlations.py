"""Correlation of two metrics over targets, as pure functions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    _Floats: TypeAlias = NDArray[np.float64]

FEWEST_PAIRS = 8
"""Number of pairs below which there is no coefficient: with seven uncorrelated pairs, every twentieth exceeds 0.75 in size."""
_TWO_SIDED_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Coefficient:
    """Correlation coefficient, from -1 to 1, with its confidence interval of 95 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Correlation:
    """Correlation of two metrics.

    The Spearman rank coefficient is of a monotonic relation; single outliers hardly change it. There is no coefficient
    for fewer than `fewest` pairs, or if one of the metrics has the same value everywhere.
    """

    n: int
    pearson: Coefficient | None
    spearman: Coefficient | None
    fewest: int = FEWEST_PAIRS


def compute_correlation(pairs: Sequence[tuple[float, float]]) -> Correlation:
    """Return the correlation of pairs of finite values.

    Notes
    -----
    The intervals follow from the Fisher z transformation; for the Spearman coefficient with the variance of Bonett and Wright,
    Psychometrika 65, 23 (2000).
    """
    n = len(pairs)
    if n < FEWEST_PAIRS:
        return Correlation(n, None, None)
    first, second = np.array(pairs, float).T
    pearson = _correlate(first, second)
    spearman = _correlate(rank(first), rank(second))
    return Correlation(
        n,
        None if pearson is None else _make_coefficient(pearson, 1 / (n - 3)),
        None if spearman is None else _make_coefficient(spearman, (1 + spearman**2 / 2) / (n - 3)),
    )


def rank(values: _Floats) -> _Floats:
    """Return the ranks of values, from 1; equal values share their mean rank."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[places])


def _correlate(first: _Floats, second: _Floats) -> float | None:
    """Return the correlation coefficient of two rows, or None if one of them is constant."""
    centred = [_centre(one) for one in (first, second)]
    if not all(one.any() for one in centred):
        return None
    sizes = [math.sqrt(float(one @ one)) for one in centred]
    return min(1.0, max(-1.0, float(centred[0] @ centred[1]) / (sizes[0] * sizes[1])))


def _centre(values: _Floats) -> _Floats:
    """Return the differences from the mean as parts of the largest one, whose squares neither overflow nor vanish; 0 if all are equal."""
    if values.min() == values.max():
        return np.zeros(len(values))
    parts = values / np.abs(values).max()
    parts = parts - parts.mean()
    return np.asarray(parts / np.abs(parts).max())


def _make_coefficient(value: float, variance: float) -> Coefficient:
    if abs(value) == 1.0:
        return Coefficient(value, value, value)
    middle, half = math.atanh(value), _TWO_SIDED_95 * math.sqrt(variance)
    return Coefficient(value, math.tanh(middle - half), math.tanh(middle + half))

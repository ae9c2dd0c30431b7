"""Spread of series beyond their error bars."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.trends.false_discoveries import FALSE_DISCOVERY_RATE, compute_q_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_analysis.trends.level_model import Flags, Floats
    from qdash_analysis.trends.series_models import Series

_CLIP = 3.0
"""Residual in errors above which a sample counts no more: one outlier is not a spread."""
_BISECTIONS = 50


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard deviation that has to be added to the error bars to explain the scatter.

    Parameters
    ----------
    value, error : float
        Additional standard deviation (0 if the error bars suffice) and its own standard deviation.
    reduced_chi2 : float
        Squared residuals in errors, divided by the degrees of freedom.
    q_value : float
        Rate of false discoveries among all that are at least as significant.
    """

    value: float
    error: float
    reduced_chi2: float
    q_value: float

    @property
    def significant(self) -> bool:
        """True if the error bars do not explain the scatter."""
        return self.q_value <= FALSE_DISCOVERY_RATE


def measure_spread(series: Sequence[Series], breaks: Flags, slopes: Sequence[float]) -> list[Spread | None]:
    """Return the spread of each series about its levels between steps; None without error bars.

    `breaks`, shape (samples - 1, series), are the steps of each series; `slopes` are taken out, per day.

    Notes
    -----
    Of the error bars as they are and the median one of each level, those count that explain more of the scatter: some small
    bars by chance, or smaller bars of smaller values, are no spread, and neither are values measured with different accuracy.

    The additional variance is that of Paule and Mandel, J. Research NBS 87, 377 (1982), with residuals clipped at three
    deviations. Probabilities of chi squared are those of Wilson and Hilferty, PNAS 17, 684 (1931).
    """
    known = [column for column, one in enumerate(series) if one.errors is not None]
    found: list[Spread | None] = [None] * len(series)
    if known:
        own, typical = (
            _estimate(*_prepare(series, breaks, slopes, known, typical=which)) for which in (False, True)
        )
        chosen = np.where(own[-1] >= typical[-1], own, typical)
        q_values = compute_q_values(chosen[-1])
        for place, column in enumerate(known):
            value, error, chi2, _ = (float(one) for one in chosen[:, place])
            found[column] = Spread(value, error, chi2, float(q_values[place]))
    return found


def _estimate(squares: Floats, variances: Floats, df: Floats) -> Floats:
    """Return additional standard deviation, its error, reduced chi squared and p value, each for all series."""
    chi2 = (squares / variances).sum(axis=0) / df
    extra = _find_variances(squares, variances, df)
    errors = np.sqrt(2 / ((1 / (variances + extra)) ** 2).sum(axis=0))
    spreads = np.sqrt(extra)
    errors = np.where(spreads > 0, errors / np.maximum(2 * spreads, 1e-300), np.sqrt(errors))
    return np.array([spreads, errors, chi2, _compute_chi2_tails(_sum_squares(squares, variances), df)])


def _prepare(
    series: Sequence[Series],
    breaks: Flags,
    slopes: Sequence[float],
    columns: Sequence[int],
    *,
    typical: bool,
) -> tuple[Floats, Floats, Floats]:
    """Return squared residuals (0 in padding), variances (infinite in padding) and degrees of freedom.

    `typical` error bars are the median ones between two steps.
    """
    shape = len(breaks) + 1, len(columns)
    squares, variances, df = np.zeros(shape), np.full(shape, np.inf), np.ones(len(columns))
    for place, column in enumerate(columns):
        one, n = series[column], len(series[column].values)
        errors = np.full(n, np.inf) if one.errors is None else one.errors.astype(float, copy=True)
        values = one.values - slopes[column] * (one.days - one.days[0])
        edges = [0, *(np.flatnonzero(breaks[: n - 1, column]) + 1).tolist(), n]
        for first, last in pairwise(edges):
            if typical:
                errors[first:last] = np.median(errors[first:last])
            centre = _find_centre(values[first:last], errors[first:last])
            squares[first:last, place] = (values[first:last] - centre) ** 2
        variances[:n, place] = errors**2
        df[place] = max(n - len(edges) + 1 - (slopes[column] != 0), 1)
    return squares, variances, df


def _find_centre(values: Floats, errors: Floats) -> float:
    """Return the mean with weights by the errors, without the influence of outliers."""
    weights = 1 / errors**2
    centre = float(np.median(values))
    for _ in range(3):
        kept = weights * np.minimum(1, _CLIP / np.maximum(np.abs(values - centre) / errors, 1e-12))
        centre = float((kept * values).sum() / kept.sum())
    return centre


def _sum_squares(squares: Floats, variances: Floats) -> Floats:
    return np.asarray(np.minimum(squares / variances, _CLIP**2).sum(axis=0))


def _find_variances(squares: Floats, variances: Floats, df: Floats) -> Floats:
    """Return the variance that has to be added to each series, 0 where none is needed."""
    low, high = np.zeros(len(df)), squares.max(axis=0) * len(squares)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        more = _sum_squares(squares, variances + middle) > df
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return np.where(_sum_squares(squares, variances) > df, high, 0.0)


def _compute_chi2_tails(squares: Floats, df: Floats) -> Floats:
    deviations = (np.cbrt(squares / df) - (1 - 2 / (9 * df))) / np.sqrt(2 / (9 * df))
    return np.array([math.erfc(one / math.sqrt(2)) / 2 for one in deviations])

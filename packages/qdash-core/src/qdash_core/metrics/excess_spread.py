"""Spread of series beyond their error bars."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.metrics.level_model import Flags, Floats
    from qdash_core.metrics.series_models import Series

_CLIP = 3.0
"""Residual in errors above which a sample counts no more: one outlier is not a spread."""
_FALSE_DISCOVERY_RATE = 0.05
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
        Rate of false findings among all that are at least as significant.
    """

    value: float
    error: float
    reduced_chi2: float
    q_value: float

    @property
    def significant(self) -> bool:
        """True if the error bars do not explain the scatter."""
        return self.q_value <= _FALSE_DISCOVERY_RATE


def measure_spread(
    series: Sequence[Series], breaks: Flags, slopes: Sequence[float]
) -> list[Spread | None]:
    """Return the spread of each series about its levels between steps; None without error bars.

    Parameters
    ----------
    series : sequence of Series
        The series.
    breaks : ndarray of bool, shape (samples - 1, series)
        Steps of each series.
    slopes : sequence of float
        Change per day that is taken out of each series.

    Notes
    -----
    The additional variance is that of Paule and Mandel, J. Research NBS 87, 377 (1982), with residuals clipped at three
    deviations. Probabilities of chi squared are those of Wilson and Hilferty, PNAS 17, 684 (1931).
    """
    # Imported late: both modules define parts of one analysis.
    from qdash_core.metrics.trend_analysis import compute_q_values

    measured = [
        None if one.errors is None else _measure(one, breaks[: len(one.values) - 1, column], slope)
        for column, (one, slope) in enumerate(zip(series, slopes, strict=True))
    ]
    known = [one for one in measured if one is not None]
    q_values = iter(compute_q_values(np.array([p for _, p in known])).tolist()) if known else iter(())
    return [
        None if one is None else Spread(*one[0], q_value=next(q_values)) for one in measured
    ]


def _measure(series: Series, breaks: Flags, slope: float) -> tuple[tuple[float, float, float], float]:
    assert series.errors is not None
    values = series.values - slope * (series.days - series.days[0])
    parts = np.concatenate([[0], np.cumsum(breaks)]).astype(int)
    variances = series.errors**2
    df = len(values) - len(np.unique(parts)) - (slope != 0)
    squares = _sum_squares(values, variances, parts)
    extra = _find_variance(values, variances, parts, df)
    weights = 1 / (variances + extra)
    error = math.sqrt(2 / float((weights**2).sum()))
    spread = math.sqrt(extra)
    return (
        (spread, error / (2 * spread) if spread else math.sqrt(error), squares / df),
        _compute_chi2_tail(squares, df),
    )


def _sum_squares(values: Floats, variances: Floats, parts: Floats) -> float:
    """Return the sum of squared residuals about the mean of each part, in deviations, clipped."""
    total = 0.0
    for part in np.unique(parts):
        chosen = parts == part
        y, weights = values[chosen], 1 / variances[chosen]
        centre = np.median(y)
        for _ in range(3):
            kept = weights * np.minimum(1, _CLIP / np.maximum(np.abs(y - centre) * np.sqrt(weights), 1e-12))
            centre = float((kept * y).sum() / kept.sum())
        total += float(np.minimum((y - centre) ** 2 * weights, _CLIP**2).sum())
    return total


def _find_variance(values: Floats, variances: Floats, parts: Floats, df: int) -> float:
    if _sum_squares(values, variances, parts) <= df:
        return 0.0
    low, high = 0.0, float(np.ptp(values)) ** 2
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if _sum_squares(values, variances + middle, parts) > df:
            low = middle
        else:
            high = middle
    return high


def _compute_chi2_tail(squares: float, df: int) -> float:
    deviation = ((squares / df) ** (1 / 3) - (1 - 2 / (9 * df))) / math.sqrt(2 / (9 * df))
    return math.erfc(deviation / math.sqrt(2)) / 2

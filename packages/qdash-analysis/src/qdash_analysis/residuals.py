"""Noise properties from the residuals of a fit: correlation of neighbours, and its effect on errors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats

_STRUCTURED = 3.5
_CORRELATED = 2.5
_STRONGEST = 0.95
_SIGNIFICANT = 0.01


def compute_correlation(residuals: Floats) -> float:
    """Return the lag-one correlation of residuals, -1 to 1, with an error of one over the root of their number."""
    total = float(residuals @ residuals)
    return float(residuals[1:] @ residuals[:-1]) / total if total > 0 else 0.0


def are_structured(residuals: Floats, *, errors: float = _STRUCTURED) -> bool:
    """Return whether neighbouring residuals are correlated by that many standard `errors`, unlike white noise."""
    return compute_correlation(residuals) > errors / math.sqrt(residuals.size)


def compute_inflation(residuals: Floats) -> float:
    """Return the factor by which correlated noise raises the variance of a mean; one for white noise.

    (1 + r) / (1 - r) for noise with an exponential autocorrelation and the correlation r of neighbours (Bartlett,
    Journal of the Royal Statistical Society 98, 536 (1935)). Only a significant r counts.
    """
    correlation = compute_correlation(residuals)
    if correlation <= _CORRELATED / math.sqrt(residuals.size):
        return 1.0
    r = min(correlation, _STRONGEST)
    return (1 + r) / (1 - r)


def compute_lack_of_fit(residuals: Floats, *, parameters: int) -> float:
    """Return the factor by which common residuals of repeated traces raise the variance of their mean.

    It is one for noise: the mean residuals are then no larger than the scatter of the repetitions implies (F test for
    lack of fit: Draper and Smith, Applied Regression Analysis, 3rd ed., chapter 2 (1998)). Only a significant excess
    counts, and correlated neighbours as in `compute_inflation`.

    Residuals of at least two traces over the same points are in units of their noise, shape ``(traces, n)``;
    `parameters` is the number for one trace.
    """
    from scipy.special import fdtrc

    traces, points = residuals.shape
    freedom = max(points - parameters, 1)
    common = residuals.mean(axis=0)
    scatter = float(np.sum((residuals - common) ** 2)) / ((traces - 1) * freedom)
    excess = traces * float(common @ common) / freedom
    if not 0 < scatter < excess or fdtrc(freedom, (traces - 1) * freedom, excess / scatter) > _SIGNIFICANT:
        return compute_inflation(common)
    return float(excess / scatter) * compute_inflation(common)

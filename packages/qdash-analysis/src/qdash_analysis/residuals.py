"""What the residuals of a fit tell about the noise: whether neighbours are alike, and what that costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats

_STRUCTURED = 3.5
_CORRELATED = 2.5
_STRONGEST = 0.95
_SIGNIFICANT = 0.01


def correlation(residuals: Floats) -> float:
    """Lag-one correlation of neighbouring residuals, -1 to 1; its standard error is one over the root of their number."""
    total = float(residuals @ residuals)
    return float(residuals[1:] @ residuals[:-1]) / total if total > 0 else 0.0


def are_structured(residuals: Floats, *, errors: float = _STRUCTURED) -> bool:
    """Whether neighbouring residuals are alike by so many standard `errors`, which white noise is not."""
    return bool(correlation(residuals) > errors / np.sqrt(residuals.size))


def inflation(residuals: Floats) -> float:
    """Factor by which correlated noise raises the variance of what is averaged over many points; one for white noise.

    (1 + r) / (1 - r) holds for noise that forgets exponentially, with the correlation r of neighbours (Bartlett, Journal
    of the Royal Statistical Society 98, 536 (1935)). Only a significant r counts, so white noise keeps its errors.
    """
    r = min(correlation(residuals), _STRONGEST)
    if not are_structured(residuals, errors=_CORRELATED):
        return 1.0
    return (1 + r) / (1 - r)


def lack_of_fit(residuals: Floats, *, parameters: int) -> float:
    """Factor by which what the residuals of repeated traces have in common raises the variance of the mean result; one for noise.

    The scatter of the repetitions about their mean, point by point, is noise whatever the model is; the mean residuals of a model that
    describes the traces are no larger than that implies (the F test for lack of fit: Draper and Smith, Applied Regression
    Analysis, 3rd ed., chapter 2 (1998)). No repetition averages out what the model leaves. Only a significant excess counts, and
    neighbours that are alike as in `inflation`.

    Parameters
    ----------
    residuals
        Of at least two traces over the same points, in units of their noise, shape ``(traces, n)``.
    parameters
        Of the model of one trace.
    """
    from scipy.special import fdtrc

    traces, points = residuals.shape
    freedom = max(points - parameters, 1)
    common = residuals.mean(axis=0)
    scatter = float(np.sum((residuals - common) ** 2)) / ((traces - 1) * freedom)
    excess = traces * float(common @ common) / freedom
    if not 0 < scatter < excess or fdtrc(freedom, (traces - 1) * freedom, excess / scatter) > _SIGNIFICANT:
        return inflation(common)
    return float(excess / scatter) * inflation(common)

"""What the residuals of a fit tell about the noise: whether neighbours are alike, and what that costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats

_STRUCTURED = 3.5
_CORRELATED = 2.5
_STRONGEST = 0.95


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

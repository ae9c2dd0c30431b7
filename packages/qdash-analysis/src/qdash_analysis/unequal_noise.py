"""Weights for points of unknown noise that depends on the signal, as for counted shots.

Binary shots with probability p have a noise of sqrt(p (1 - p) / shots): from 0.5 to 0.98 it falls to a third. Equal
weights make errors wrong by up to two thirds, and noisy points look like outliers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import LEVERAGE_LIMIT
from qdash_analysis.outliers import fit_without_outliers
from qdash_analysis.residuals import are_structured
from qdash_analysis.second_decay import belongs_to_second_decay, find_second_decay

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_analysis.candidates import Candidate
    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.solution import Solution

_ROUNDS = 8
_GROSS = 9.0
_STEP = 1.0
_HINT = 2.0
_LARGEST = 2.5
"""Largest logarithm of a variance relative to the mean one."""
_SIGNIFICANT = 0.005
_SYSTEMATIC = 1e-7
"""Chance of a second decay below which the residuals are systematic, and weights would hide that. Unequal noise makes
such a chance smaller, by less than that.
"""
_FEWEST = 20
"""Fewest points for which the noise in parts of a trace can be compared."""


def fit_with_weights(
    trace: Trace, fit: Callable[[Trace], list[Candidate]]
) -> tuple[Trace, list[Candidate], tuple[float, ...]]:
    """Fit as `fit_without_outliers`, with weights for points of unknown and significantly unequal noise.

    One outlier is left out before the noise is estimated; several may be the noisier part.
    """
    kept, candidates, left_out = fit_without_outliers(trace, fit, belongs=belongs_to_second_decay)
    if trace.sigma_known:
        return kept, candidates, left_out
    several = kept.x.size < trace.x.size - 1
    looked_at, solution = (trace, fit(trace)[0].solution) if several else (kept, candidates[0].solution)
    found = _weight_trace(looked_at, solution)
    if found is looked_at or find_second_decay(looked_at, solution).chance < _SYSTEMATIC:
        return kept, candidates, left_out
    again, candidates, more = fit_without_outliers(found, fit, belongs=belongs_to_second_decay)
    return again, candidates, more if several else tuple(sorted({*left_out, *more}))


def _weight_trace(trace: Trace, solution: Solution) -> Trace:
    """Return `trace` with the relative noise that the residuals of a first fit show, if it is significant.

    The logarithm of the variance is a parabola in the fitted signal (a gamma regression of the squared residuals, in
    which gross outliers count as three sigma).
    """
    from scipy.special import chdtrc

    signal = solution.predict(trace.x)
    height = float(np.ptp(signal))
    squares = solution.residuals**2 / np.maximum(1 - solution.leverage, 0.1)
    typical = float(np.median(squares))
    # A misfit of the model is not noise: weights would hide it.
    misfit = are_structured(solution.residuals, errors=_HINT)
    # A point that the fit follows wherever it lies has no residual, and says nothing about the noise.
    followed = solution.leverage.max() > LEVERAGE_LIMIT
    if height <= 0 or typical <= 0 or trace.x.size < _FEWEST or misfit or followed:
        return trace
    parabola = np.vander((signal - signal.min()) / height, 3)
    logarithm = _fit_log_variance(parabola, squares / typical)
    spread = logarithm - logarithm.mean()
    # The variance of a squared residual is twice its square, so that of its ratio to the mean is two.
    if chdtrc(2, float(spread @ spread) / 2) > _SIGNIFICANT:
        return trace
    return replace(trace, sigma=np.exp(np.clip(spread, -_LARGEST, _LARGEST) / 2))


def _fit_log_variance(parabola: Floats, squares: Floats) -> Floats:
    """Return the logarithm of the variance of each point, by Fisher's scoring."""
    inverse = np.linalg.pinv(parabola)
    found = np.full(squares.size, np.log(2.2))  # the median of a square is 0.455 of its mean
    for _ in range(_ROUNDS):
        relative = np.minimum(squares * np.exp(-found), _GROSS)
        step = parabola @ (inverse @ (relative - 1))
        found = found + np.clip(step, -_STEP, _STEP)
    return np.asarray(found)

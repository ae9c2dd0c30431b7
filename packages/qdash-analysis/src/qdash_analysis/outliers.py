"""Removal of gross outliers, so that one bad point does not ruin a calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_analysis.candidates import Candidate
    from qdash_analysis.inputs import Trace
    from qdash_analysis.solution import Solution

_GROSS = 6.0
_LEVERAGE = 0.8
_SHARE = 0.1
_FEWEST_DOF = 8


def fit_without_outliers(
    trace: Trace, fit: Callable[[Trace], list[Candidate]]
) -> tuple[Trace, list[Candidate], str]:
    """Fit, and fit again without points that deviate from the others' prediction by more than 6 sigma.

    A point with leverage near one has no residual, because the model follows it: it is tested too, against
    the prediction of the other points. At most a tenth of the points is removed.

    Parameters
    ----------
    trace
        Points to fit.
    fit
        Returns the models of a trace, the best first; the best one judges the points.

    Returns
    -------
    trace, candidates, note
        The remaining points, their models, and a note on the removed points for the message.
    """
    left_out: list[float] = []
    candidates = fit(trace)
    for _ in range(int(_SHARE * trace.x.size)):
        better = _remove_worst(trace, candidates[0].solution, fit)
        if better is None:
            break
        place, trace, candidates = better
        left_out.append(place)
    if not left_out:
        return trace, candidates, ""
    places = ", ".join(f"{place:g}" for place in sorted(left_out))
    return trace, candidates, f"; left out as outliers: x = {places}"


def _remove_worst(
    trace: Trace, solution: Solution, fit: Callable[[Trace], list[Candidate]]
) -> tuple[float, Trace, list[Candidate]] | None:
    """Find the worst contradicting point; return its abscissa, the other points and their models, or None."""
    for suspect in _find_suspects(trace, solution):
        others = trace.select(np.arange(trace.x.size) != suspect)
        candidates = fit(others)
        if _contradicts(trace, suspect, others, candidates[0].solution):
            return float(trace.x[suspect]), others, candidates
    return None


def _find_suspects(trace: Trace, solution: Solution) -> list[int]:
    """Return the indices of the point that alone determines part of the model, and of the largest outlier."""
    if solution.dof <= _FEWEST_DOF:
        return []
    deviation = np.abs(solution.residuals) / np.sqrt(np.maximum(1 - solution.leverage, 1 - _LEVERAGE))
    suspects = [int(solution.leverage.argmax())] if solution.leverage.max() > _LEVERAGE else []
    if deviation.max() > _GROSS * _estimate_robust_sigma(solution, trace):
        suspects.append(int(deviation.argmax()))
    return suspects


def _contradicts(trace: Trace, suspect: int, others: Trace, refit: Solution) -> bool:
    """Return whether the point deviates by more than 6 sigma from the prediction of the fit to the others."""
    here = trace.x[suspect : suspect + 1]
    noise = _estimate_robust_sigma(refit, others) * trace.sigma[suspect]
    uncertainty = np.hypot(noise, refit.error(refit.gradient(here)[0]))
    return bool(abs(trace.y[suspect] - refit.predict(here)[0]) > _GROSS * uncertainty)


def _estimate_robust_sigma(solution: Solution, trace: Trace) -> float:
    """Return the width of the bulk of the residuals, corrected for the degrees of freedom."""
    freedom = np.sqrt(trace.x.size / solution.dof)
    width = 1.4826 * float(np.median(np.abs(solution.residuals))) * freedom
    return float(max(width, 1.0)) if trace.sigma_known else float(width)

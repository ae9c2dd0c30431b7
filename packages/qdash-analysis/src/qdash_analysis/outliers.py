"""Removal of gross outliers, so that one bad point does not ruin a calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from qdash_analysis.candidates import Candidate
    from qdash_analysis.inputs import Trace
    from qdash_analysis.solution import Solution

    Places = NDArray[np.intp]

_GROSS = 6.0
_LEVERAGE = 0.8
_SHARE = 0.1
_FEWEST_DOF = 8
_NEAR = 2
_ISOLATED = 3.0


def fit_without_outliers(
    trace: Trace,
    fit: Callable[[Trace], list[Candidate]],
    *,
    belongs: Callable[[Trace, Solution], bool] | None = None,
) -> tuple[Trace, list[Candidate], tuple[float, ...]]:
    """Fit, and fit again without isolated points that deviate from the others' prediction by more than 6 sigma.

    A point with leverage near one is tested too, against the prediction of the others. A point is isolated if its
    neighbours follow that prediction. The last point is never left out, nor are several side by side, which may be a
    signal that the model lacks: then all points stay. At most a tenth of the points is removed.

    `fit` returns the models of a trace, the best first. `belongs` tells whether the first point belongs to a signal
    that the best model of the others lacks; without it that point is never left out. Returns the remaining points,
    their models, and the abscissas of those left out.
    """
    kept = np.arange(trace.x.size)
    candidates = everything = fit(trace)
    for _ in range(int(_SHARE * trace.x.size)):
        better = _remove_worst(trace, kept, candidates[0].solution, fit, belongs)
        if better is None:
            break
        kept, candidates = better
    if kept.size == trace.x.size:
        return trace, candidates, ()
    left_out = np.setdiff1d(np.arange(trace.x.size), kept)
    if (np.diff(left_out) == 1).any():
        return trace, everything, ()
    return _select(trace, kept), candidates, tuple(trace.x[left_out].tolist())


def describe_left_out(left_out: tuple[float, ...]) -> str:
    """Return a note on the points that were left out, for a message."""
    if not left_out:
        return ""
    return f"; left out as outliers: x = {', '.join(f'{place:g}' for place in left_out)}"


def _remove_worst(
    trace: Trace,
    kept: Places,
    solution: Solution,
    fit: Callable[[Trace], list[Candidate]],
    belongs: Callable[[Trace, Solution], bool] | None,
) -> tuple[Places, list[Candidate]] | None:
    """Find the worst contradicting point; return the indices of the others and their models, or None."""
    here = _select(trace, kept)
    for suspect in _find_suspects(here, solution):
        first = kept[suspect] == 0
        if kept[suspect] == trace.x.size - 1 or (first and belongs is None):
            continue
        rest = np.delete(kept, suspect)
        others = _select(trace, rest)
        candidates = fit(others)
        refit = candidates[0].solution
        if not _contradicts(here, suspect, others, refit):
            continue
        if first and belongs is not None and belongs(here, refit):
            continue
        return rest, candidates
    return None


def _select(trace: Trace, places: Places) -> Trace:
    return trace if places.size == trace.x.size else trace.select(np.isin(np.arange(trace.x.size), places))


def _find_suspects(trace: Trace, solution: Solution) -> list[int]:
    """Return the indices of the point that alone determines part of the model, and of the largest outlier."""
    if solution.dof <= _FEWEST_DOF:
        return []
    deviation = np.abs(solution.residuals) / np.sqrt(np.maximum(1 - solution.leverage, 1 - _LEVERAGE))
    suspects = [int(solution.leverage.argmax())] if solution.leverage.max() > _LEVERAGE else []
    largest = float(deviation.max())
    beyond = not trace.sigma_known or largest > _GROSS
    if beyond and largest > _GROSS * _estimate_robust_sigma(solution, trace):
        suspects.append(int(deviation.argmax()))
    return suspects


def _contradicts(trace: Trace, suspect: int, others: Trace, refit: Solution) -> bool:
    """Return whether the point alone deviates from the others' fit by more than 6 sigma.

    It must exceed three times the deviations of the two neighbours on either side.
    """
    here = trace.x[suspect : suspect + 1]
    noise = _estimate_robust_sigma(refit, others) * trace.sigma[suspect]
    uncertainty = np.hypot(noise, refit.error(refit.gradient(here)[0]))
    deviation = abs(trace.y[suspect] - refit.predict(here)[0])
    near = np.abs(refit.residuals[max(suspect - _NEAR, 0) : suspect + _NEAR]).max() * trace.sigma[suspect]
    return bool(deviation > max(_GROSS * uncertainty, _ISOLATED * near))


def _estimate_robust_sigma(solution: Solution, trace: Trace) -> float:
    """Return the width of the bulk of the residuals, corrected for the degrees of freedom."""
    freedom = np.sqrt(trace.x.size / solution.dof)
    width = 1.4826 * float(np.median(np.abs(solution.residuals))) * freedom
    return float(max(width, 1.0)) if trace.sigma_known else float(width)

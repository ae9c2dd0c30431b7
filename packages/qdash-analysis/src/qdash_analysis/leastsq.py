"""Weighted least squares for models that are linear in part of their parameters.

Every model here is ``y = basis(x, theta) @ coefficients``. The coefficients follow from `theta` by linear
algebra (variable projection, Golub and Pereyra, SIAM Journal on Numerical Analysis 10, 413 (1973)), so only
`theta` needs a start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_analysis.solution import BLIND, Solution, decompose, step_each_element

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.solution import Basis

_ITERATIONS = 30
_DAMPING = 1e-3
_CONVERGED = 1e-5
_LAST = 1e-2
_HOPELESS = 30.0
_PROMISES = 3.0
_STUCK = 1e7
_NOTHING = 1e-50
_UNSEEN = 1e-14


@dataclass(frozen=True, slots=True)
class _Problem:
    """Fixed inputs of a search for the best theta."""

    basis: Basis
    x: Floats
    weights: Floats
    target: Floats


class _Point(NamedTuple):
    """State of a search at one `theta`.

    `values`, the weighted basis, is ``u @ diag(singular) @ vt``; `slope` is the derivative of the weighted model by
    `theta`, and `descent` its part that no coefficients can compensate.
    """

    theta: Floats
    coefficients: Floats
    residuals: Floats
    chi2: float
    descent: Floats
    slope: Floats
    values: Floats
    u: Floats
    singular: Floats
    vt: Floats


def solve(basis: Basis, trace: Trace, start: Floats, *, rival: Solution | None = None) -> Solution:
    """Return the minimum of chi² nearest to `start`, with a description of the fit there.

    Levenberg-Marquardt on the projected residuals, with Kaufman's derivative (BIT 15, 49 (1975)). A last step of less
    than a tenth of the error bars is taken without a new evaluation. The search stops early if the model stays clearly
    worse than its `rival`.
    """
    weights = 1 / trace.sigma
    problem = _Problem(basis, trace.x, weights[:, None], trace.y * weights)
    here = _evaluate(problem, np.asarray(start, dtype=np.float64))
    damping = _DAMPING
    for _ in range(_ITERATIONS):
        step, promised = _compute_step(here, damping)
        if promised <= _LAST * here.chi2 / trace.x.size:
            here = _move(here, step)
            break
        if rival is not None and _is_hopeless(here.chi2 - _PROMISES * promised, rival):
            break
        there = _evaluate(problem, here.theta + step)
        gain = here.chi2 - there.chi2
        if gain >= 0:
            here, damping = there, 0.1 * damping
        else:
            damping = max(10 * damping, _DAMPING)
        if abs(gain) <= _CONVERGED * here.chi2 or damping > _STUCK:
            break
    return _describe(basis, trace, here)


def _is_hopeless(chi2: float, rival: Solution) -> bool:
    """Return whether a model with this chi² is negligible beside the `rival`."""
    return chi2 > rival.chi2 + _HOPELESS * rival.variance


def _move(point: _Point, step: Floats) -> _Point:
    """Return `point` after a `step` that is small enough for a linear model."""
    change = (point.u.T @ (point.slope @ step)) / point.singular
    residuals = point.residuals - point.descent @ step
    return point._replace(
        theta=point.theta + step,
        coefficients=point.coefficients - point.vt.T @ change,
        residuals=residuals,
        chi2=float(residuals @ residuals),
    )


def _compute_step(point: _Point, damping: float) -> tuple[Floats, float]:
    """Return the next step, at most one in each direction, and the approximate decrease of chi²."""
    from scipy.linalg.lapack import dposv

    gradient = point.residuals @ point.descent
    curvature = point.descent.T @ point.descent
    diagonal = curvature.diagonal()
    # A direction that the data do not determine has no curvature: it stays unchanged.
    curvature.flat[:: diagonal.size + 1] = (1 + damping) * diagonal + (_UNSEEN * diagonal.max() + _NOTHING)
    step = dposv(curvature, gradient)[1]
    return np.minimum(np.maximum(step, -1.0), 1.0), float(step @ gradient)


def _evaluate(problem: _Problem, theta: Floats) -> _Point:
    shifted, steps = step_each_element(theta)
    values = problem.basis(problem.x, shifted) * problem.weights
    u, singular, vt = decompose(values[0])
    # A coefficient that the data do not determine stays small instead of diverging.
    singular = np.maximum(singular, BLIND * singular[0])
    coefficients = vt.T @ ((u.T @ problem.target) / singular)
    model = values @ coefficients
    residuals = problem.target - model[0]
    slope = ((model[1:] - model[0]) / steps).T
    descent = slope - u @ (u.T @ slope)
    chi2 = float(residuals @ residuals)
    return _Point(theta, coefficients, residuals, chi2, descent, slope, values[0], u, singular, vt)


def _describe(basis: Basis, trace: Trace, point: _Point) -> Solution:
    design = np.concatenate([point.values, point.slope], axis=1)
    return Solution(
        basis=basis,
        theta=point.theta,
        coefficients=point.coefficients,
        chi2=point.chi2,
        dof=max(trace.x.size - design.shape[1], 1),
        residuals=point.residuals,
        design=design,
        sigma_known=trace.sigma_known,
    )

"""Weighted least squares for models that are linear in some of their parameters.

Every model here is ``y = basis(x, theta) @ coefficients``. The coefficients follow from `theta` by linear algebra
(variable projection, Golub and Pereyra, SIAM Journal on Numerical Analysis 10, 413 (1973)), so only `theta` needs a start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from qdash_analysis.residuals import inflation

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_analysis.inputs import Floats, Trace

_ONE_SIGMA = 0.8413447460685429
_SIGNIFICANT = 0.01
_ITERATIONS = 30
_DAMPING = 1e-3
_CONVERGED = 1e-5
_STUCK = 1e7
_NOTHING = 1e-50
_BLIND = 1e-10
_STEP = 1e-5


class Basis(Protocol):
    """The functions that a model adds up.

    Takes `x` of shape ``(n,)`` and `theta` of shape ``(m,)``, returns shape ``(n, k)``; a whole grid of `theta`,
    shape ``(g, m)``, gives ``(g, n, k)``.
    """

    def __call__(self, x: Floats, theta: Floats, /) -> Floats:
        """Evaluate the basis."""
        ...


@dataclass(frozen=True, slots=True)
class Solution:
    """The best `theta` and coefficients of one model for one trace.

    Attributes
    ----------
    theta, coefficients
        Non-linear parameters ``(m,)`` and linear ones ``(k,)``.
    covariance
        Of ``(*coefficients, *theta)``, shape ``(k + m, k + m)``, noise scale included.
    chi2
        Sum of squared residuals, each divided by its `sigma`.
    dof
        Points minus parameters.
    scale
        Variance of the noise in units of `sigma` squared, as the errors use it; more if neighbours are correlated.
    residuals
        ``(y - model) / sigma``, shape ``(n,)``.
    leverage
        Share of each point in its own prediction, 0 to 1, shape ``(n,)``.
    """

    basis: Basis
    theta: Floats
    coefficients: Floats
    covariance: Floats
    chi2: float
    dof: int
    scale: float
    residuals: Floats
    leverage: Floats

    def predict(self, x: Floats) -> Floats:
        """Evaluate the model at `x`."""
        return np.asarray(self.basis(x, self.theta) @ self.coefficients)

    def gradient(self, x: Floats) -> Floats:
        """Derivative of the model by ``(*coefficients, *theta)`` at `x`, shape ``(n, k + m)``."""
        values, slopes = _linearised(self.basis, x, self.theta)
        return np.concatenate([values, slopes(self.coefficients)], axis=1)

    def error(self, derivative: Floats) -> float:
        """1-sigma error of a quantity with this `derivative` by ``(*coefficients, *theta)``."""
        return float(np.sqrt(max(float(derivative @ self.covariance @ derivative), 0.0)))

    def derived(self, quantity: Callable[[Floats, Floats], float]) -> tuple[float, float]:
        """Value and 1-sigma error of a `quantity` of (coefficients, theta)."""
        centre = np.concatenate([self.coefficients, self.theta])
        size = self.coefficients.size
        # A small part of each error is a step to which the quantity responds, in whatever unit.
        steps = 1e-3 * np.sqrt(np.diag(self.covariance)) + 1e-300
        up, down = centre + np.diag(steps), centre - np.diag(steps)
        change = [
            quantity(u[:size], u[size:]) - quantity(d[:size], d[size:]) for u, d in zip(up, down, strict=True)
        ]
        return quantity(self.coefficients, self.theta), self.error(np.array(change) / (2 * steps))

    def theta_error(self, index: int) -> float:
        """1-sigma error of ``theta[index]``."""
        place = self.coefficients.size + index
        return float(np.sqrt(self.covariance[place, place]))


def linear_fit(basis: Floats, trace: Trace) -> tuple[Floats, Floats]:
    """Solve for the coefficients of one `basis` of shape ``(n, k)``; return them and the weighted residuals."""
    design = basis / trace.sigma[:, None]
    target = trace.y / trace.sigma
    coefficients: Floats = np.linalg.lstsq(design, target, rcond=1e-12)[0].astype(np.float64)
    return coefficients, target - design @ coefficients


def scan(basis: Basis, trace: Trace, grid: Floats) -> Floats:
    """Chi² of the best coefficients at each `theta` of `grid`, shape ``(g, m)``, as a start for `solve`."""
    design = basis(trace.x, grid) / trace.sigma[:, None]
    target = trace.y / trace.sigma
    norms = np.linalg.norm(design, axis=1, keepdims=True)
    design = design / np.where(norms > 0, norms, 1.0)
    moments = design.swapaxes(1, 2)
    gram = moments @ design + 1e-10 * np.eye(design.shape[2])
    projection = moments @ target
    explained = np.sum(projection * np.linalg.solve(gram, projection[..., None])[..., 0], axis=1)
    return np.asarray(target @ target - explained)


@dataclass(frozen=True, slots=True)
class _Point:
    """One `theta` on the way to the best one, with the projected derivative of the residuals."""

    theta: Floats
    coefficients: Floats
    residuals: Floats
    chi2: float
    descent: Floats
    design: Floats


def solve(basis: Basis, trace: Trace, start: Floats) -> Solution:
    """Find the `theta` nearest to `start` with the least chi², and describe the fit there.

    Levenberg-Marquardt on the projected residuals, with Kaufman's approximation of their derivative (BIT 15, 49 (1975)).
    """
    here = _evaluate(basis, trace, np.asarray(start, dtype=np.float64))
    damping = _DAMPING
    for _ in range(_ITERATIONS):
        curvature = here.descent.T @ here.descent
        damped = curvature + np.diag(damping * np.diag(curvature) + 1e-300)
        step = np.linalg.lstsq(damped, here.descent.T @ here.residuals, rcond=None)[0]
        there = _evaluate(basis, trace, here.theta + np.clip(step, -1.0, 1.0))
        gain = here.chi2 - there.chi2
        if gain >= 0:
            here, damping = there, 0.1 * damping
        else:
            damping = max(10 * damping, _DAMPING)
        if abs(gain) <= _CONVERGED * here.chi2 or damping > _STUCK:
            break
    return _describe(basis, trace, here)


def _evaluate(basis: Basis, trace: Trace, theta: Floats) -> _Point:
    values, slopes = _linearised(basis, trace.x, theta)
    weights = 1 / trace.sigma[:, None]
    weighted = values * weights
    target = trace.y / trace.sigma
    u, singular, vt = np.linalg.svd(weighted, full_matrices=False)
    # A coefficient that the data do not see stays small instead of exploding.
    coefficients = vt.T @ ((u.T @ target) / np.maximum(singular, _BLIND * singular[0]))
    residuals = target - weighted @ coefficients
    slope = slopes(coefficients) * weights
    descent = slope - u @ (u.T @ slope)
    design = np.concatenate([weighted, slope], axis=1)
    return _Point(theta, coefficients, residuals, float(residuals @ residuals), descent, design)


def _linearised(basis: Basis, x: Floats, theta: Floats) -> tuple[Floats, Callable[[Floats], Floats]]:
    """Basis at `theta`, shape ``(n, k)``, and what turns coefficients into the slopes by `theta`, shape ``(n, m)``."""
    steps = _STEP * np.maximum(1.0, np.abs(theta))
    shifts = np.diag(steps)
    values = basis(x, np.concatenate([theta[None], theta + shifts, theta - shifts]))
    size = theta.size

    def slopes(coefficients: Floats) -> Floats:
        model = values[1:] @ coefficients
        return np.asarray((model[:size] - model[size:]).T / (2 * steps))

    return values[0], slopes


def _describe(basis: Basis, trace: Trace, point: _Point) -> Solution:
    dof = max(trace.x.size - point.design.shape[1], 1)
    scale = noise_scale(point.chi2, dof, sigma_known=trace.sigma_known) * inflation(point.residuals)
    norms = np.linalg.norm(point.design, axis=0)
    norms[norms <= _NOTHING * norms.max()] = 1.0
    u, singular, vt = np.linalg.svd(point.design / norms, full_matrices=False)
    # A direction that the data do not see gets a huge error instead of none.
    inverse = vt.T / np.maximum(singular, _BLIND * singular[0])
    covariance = (inverse @ inverse.T) / np.outer(norms, norms) * scale
    leverage = np.sum(u**2, axis=1)
    return Solution(
        basis, point.theta, point.coefficients, covariance, point.chi2, dof, scale, point.residuals, leverage
    )


def noise_scale(chi2: float, dof: int, *, sigma_known: bool) -> float:
    """Variance of the noise in units of `sigma` squared.

    With known `sigma` it is one, unless chi² says that the scatter is significantly larger. Without, it is the scatter
    of the residuals, with Student's factor for few degrees of freedom: so 1 sigma means 68 % there too.
    """
    from scipy.special import chdtrc, stdtrit

    reduced = chi2 / dof
    if sigma_known and (reduced <= 1 or chdtrc(dof, chi2) > _SIGNIFICANT):
        return 1.0
    return float(reduced * stdtrit(dof, _ONE_SIGMA) ** 2)

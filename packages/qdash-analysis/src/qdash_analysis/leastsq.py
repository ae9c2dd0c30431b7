"""Weighted least squares for models that are linear in some of their parameters.

Every model here is ``y = basis(x, theta) @ coefficients``. The coefficients follow from `theta` by linear algebra
(variable projection, Golub and Pereyra, SIAM Journal on Numerical Analysis 10, 413 (1973)), so only `theta` needs a start.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

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
_LAST = 1e-2
_HOPELESS = 30.0
_PROMISES = 3.0
_STUCK = 1e7
_NOTHING = 1e-50
_BLIND = 1e-10
_UNSEEN = 1e-14
_RIDGE = 1e-10
_STEP = 1e-6


class Basis(Protocol):
    """The functions that a model adds up.

    Takes `x` of shape ``(n,)`` and `theta` of shape ``(m,)``, returns shape ``(n, k)``; a whole grid of `theta`,
    shape ``(g, m)``, gives ``(g, n, k)``.
    """

    def __call__(self, x: Floats, theta: Floats, /) -> Floats:
        """Evaluate the basis."""
        ...


@dataclass(frozen=True)
class Solution:
    """The best `theta` and coefficients of one model for one trace.

    Errors and leverages are worked out when they are first asked for: of most models only chi² is.

    Attributes
    ----------
    theta, coefficients
        Non-linear parameters ``(m,)`` and linear ones ``(k,)``.
    chi2
        Sum of squared residuals, each divided by its `sigma`.
    dof
        Points minus parameters.
    residuals
        ``(y - model) / sigma``, shape ``(n,)``.
    design
        Derivative of ``model / sigma`` by ``(*coefficients, *theta)``, shape ``(n, k + m)``.
    sigma_known
        Whether the noise is.
    """

    basis: Basis
    theta: Floats
    coefficients: Floats
    chi2: float
    dof: int
    residuals: Floats
    design: Floats
    sigma_known: bool

    @property
    def parameters(self) -> int:
        """Number of coefficients and non-linear parameters."""
        return int(self.design.shape[1])

    @cached_property
    def scale(self) -> float:
        """Variance of the noise in units of `sigma` squared, as the errors use it; more if neighbours are correlated."""
        return noise_scale(self.chi2, self.dof, sigma_known=self.sigma_known) * inflation(self.residuals)

    @cached_property
    def covariance(self) -> Floats:
        """Covariance of ``(*coefficients, *theta)``, shape ``(k + m, k + m)``, noise scale included."""
        norms, _, singular, vt = self._decomposed
        # A direction that the data do not see gets a huge error instead of none.
        inverse = vt.T / np.maximum(singular, _BLIND * singular[0]) / norms[:, None]
        return np.asarray(inverse @ inverse.T * self.scale)

    @cached_property
    def leverage(self) -> Floats:
        """Share of each point in its own prediction, 0 to 1, shape ``(n,)``."""
        u = self._decomposed[1]
        return np.asarray(np.einsum("nk,nk->n", u, u))

    @cached_property
    def _decomposed(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Norms of the columns of the design, and its singular value decomposition without them."""
        norms = np.sqrt(np.einsum("nk,nk->k", self.design, self.design))
        norms[norms <= _NOTHING * norms.max()] = 1.0
        return norms, *_svd(self.design / norms)

    def predict(self, x: Floats) -> Floats:
        """Evaluate the model at `x`."""
        return np.asarray(self.basis(x, self.theta) @ self.coefficients)

    def gradient(self, x: Floats) -> Floats:
        """Derivative of the model by ``(*coefficients, *theta)`` at `x`, shape ``(n, k + m)``."""
        shifted, steps = _neighbours(self.theta)
        values = self.basis(x, shifted)
        model = values @ self.coefficients
        return np.concatenate([values[0], ((model[1:] - model[0]) / steps).T], axis=1)

    def error(self, derivative: Floats) -> float:
        """1-sigma error of a quantity with this `derivative` by ``(*coefficients, *theta)``."""
        return float(np.sqrt(max(float(derivative @ self.covariance @ derivative), 0.0)))

    def derived(self, quantity: Callable[[Floats, Floats], float]) -> tuple[float, float]:
        """Value and 1-sigma error of a `quantity` of (coefficients, theta)."""
        return quantity(self.coefficients, self.theta), self.error(self.derivative(quantity))

    def derivative(self, quantity: Callable[[Floats, Floats], float]) -> Floats:
        """Derivative of a `quantity` of (coefficients, theta) by ``(*coefficients, *theta)``."""
        centre = np.concatenate([self.coefficients, self.theta])
        size = self.coefficients.size
        # A small part of each error is a step to which the quantity responds, in whatever unit.
        steps = 1e-3 * np.sqrt(np.diag(self.covariance)) + 1e-300
        up, down = centre + np.diag(steps), centre - np.diag(steps)
        change = [
            quantity(u[:size], u[size:]) - quantity(d[:size], d[size:]) for u, d in zip(up, down, strict=True)
        ]
        return np.array(change) / (2 * steps)

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
    return scan_designs(basis(trace.x, grid), trace)


def scan_designs(designs: Floats, trace: Trace) -> Floats:
    """Chi² of the best coefficients of each basis, shape ``(..., n, k)``."""
    weights = 1 / trace.sigma
    target = trace.y * weights
    moments = (designs * weights[:, None]).swapaxes(-1, -2)
    gram = moments @ moments.swapaxes(-1, -2)
    projection = moments @ target
    norms = np.sqrt(np.einsum("...kk->...k", gram))
    norms = np.where(norms > 0, norms, 1.0)
    projection = projection / norms
    gram = gram / (norms[..., None] * norms[..., None, :]) + _RIDGE * np.eye(norms.shape[-1])
    explained = np.sum(projection * np.linalg.solve(gram, projection[..., None])[..., 0], axis=-1)
    return np.asarray(target @ target - explained)


@dataclass(frozen=True, slots=True)
class _Problem:
    """What stays the same on the way to the best theta."""

    basis: Basis
    x: Floats
    weights: Floats
    target: Floats


class _Point(NamedTuple):
    """One `theta` on the way to the best one.

    `values`, the weighted basis, is ``u @ diag(singular) @ vt``; `slope` is the derivative of the weighted model by
    `theta`, and `descent` what of it no coefficients can undo.
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
    """Find the `theta` nearest to `start` with the least chi², and describe the fit there.

    Levenberg-Marquardt on the projected residuals, with Kaufman's approximation of their derivative (BIT 15, 49 (1975)).
    A last step of less than a tenth of the error bars is taken without a new evaluation. The search ends early, short
    of the minimum, where the model is clearly worse than its `rival` and the next step would not change that.
    """
    weights = 1 / trace.sigma
    problem = _Problem(basis, trace.x, weights[:, None], trace.y * weights)
    here = _evaluate(problem, np.asarray(start, dtype=np.float64))
    damping = _DAMPING
    for _ in range(_ITERATIONS):
        step, promised = _step(here, damping)
        if promised <= _LAST * here.chi2 / trace.x.size:
            here = _moved(here, step)
            break
        if rival is not None and _is_hopeless(here.chi2 - _PROMISES * promised, rival, trace):
            break
        there = _evaluate(problem, here.theta + step)
        gain = here.chi2 - there.chi2
        if gain >= 0:
            here, damping = there, 0.1 * damping
        else:
            damping = max(10 * damping, _DAMPING)
        if abs(gain) <= _CONVERGED * here.chi2 or damping > _STUCK:
            break
    return _described(basis, trace, here)


def _is_hopeless(chi2: float, rival: Solution, trace: Trace) -> bool:
    """Whether a model with this chi² has no weight beside the `rival`."""
    variance = rival.chi2 / rival.dof
    return chi2 > rival.chi2 + _HOPELESS * (max(variance, 1.0) if trace.sigma_known else variance)


def _moved(here: _Point, step: Floats) -> _Point:
    """`here` after a `step` so small that everything is linear in it."""
    change = (here.u.T @ (here.slope @ step)) / here.singular
    residuals = here.residuals - here.descent @ step
    return here._replace(
        theta=here.theta + step,
        coefficients=here.coefficients - here.vt.T @ change,
        residuals=residuals,
        chi2=float(residuals @ residuals),
    )


def _step(here: _Point, damping: float) -> tuple[Floats, float]:
    """The next step, at most one in each direction, and about what chi² may fall by."""
    from scipy.linalg.lapack import dposv

    gradient = here.residuals @ here.descent
    curvature = here.descent.T @ here.descent
    diagonal = curvature.diagonal()
    # A direction that the data do not see has no curvature: it stays where it is.
    curvature.flat[:: diagonal.size + 1] = (1 + damping) * diagonal + (_UNSEEN * diagonal.max() + _NOTHING)
    step = dposv(curvature, gradient)[1]
    return np.minimum(np.maximum(step, -1.0), 1.0), float(step @ gradient)


def _evaluate(problem: _Problem, theta: Floats) -> _Point:
    shifted, steps = _neighbours(theta)
    values = problem.basis(problem.x, shifted) * problem.weights
    u, singular, vt = _svd(values[0])
    # A coefficient that the data do not see stays small instead of exploding.
    singular = np.maximum(singular, _BLIND * singular[0])
    coefficients = vt.T @ ((u.T @ problem.target) / singular)
    model = values @ coefficients
    residuals = problem.target - model[0]
    slope = ((model[1:] - model[0]) / steps).T
    descent = slope - u @ (u.T @ slope)
    chi2 = float(residuals @ residuals)
    return _Point(theta, coefficients, residuals, chi2, descent, slope, values[0], u, singular, vt)


def _svd(matrix: Floats) -> tuple[Floats, Floats, Floats]:
    """Thin singular value decomposition; of matrices this small numpy's takes twice as long."""
    from scipy.linalg.lapack import dgesdd

    u, singular, vt, _ = dgesdd(matrix, full_matrices=0)
    return u, singular, vt


def _neighbours(theta: Floats) -> tuple[Floats, Floats]:
    """`theta` and, one row each, `theta` with a small step of each element; the steps, shape ``(m, 1)``."""
    steps = _STEP * np.maximum(1.0, np.abs(theta))
    shifted = np.empty((theta.size + 1, theta.size))
    shifted[:] = theta
    shifted[1:].flat[:: theta.size + 1] += steps
    return shifted, steps[:, None]


def _described(basis: Basis, trace: Trace, point: _Point) -> Solution:
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

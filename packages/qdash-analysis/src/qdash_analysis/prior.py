"""Non-linear least squares with priors on the parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.solution import Solution, step_each_element

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_analysis.inputs import Floats, Trace

    Linearised = Callable[[Floats], tuple[Floats, Floats]]

_ITERATIONS = 60
_DAMPING = 1e-3
_CONVERGED = 1e-4
_PROMISES = 3.0
_STUCK = 1e9
_FAINT = 1e-12


@dataclass(frozen=True, slots=True)
class Prior:
    """Gaussian prior of each parameter, with infinite width if there is none; shapes ``(m,)``."""

    centre: Floats
    sigma: Floats

    @classmethod
    def from_known_values(cls, size: int, known: Mapping[int, tuple[float, float]]) -> Prior:
        """Return the prior of `size` parameters from value and 1-sigma by index."""
        centre, sigma = np.zeros(size), np.full(size, np.inf)
        for place, (expected, spread) in known.items():
            centre[place], sigma[place] = expected, spread
        return cls(centre, sigma)


def differentiate(model: Callable[[Floats], Floats]) -> Linearised:
    """Linearise a `model` that maps a grid of `theta`, shape ``(g, m)``, to values of shape ``(g, n)``."""

    def linearise(theta: Floats) -> tuple[Floats, Floats]:
        near, steps = step_each_element(theta)
        values = model(near)
        return values[0], ((values[1:] - values[0]) / steps).T

    return linearise


def solve_with_prior(
    model: Linearised, trace: Trace, start: Floats, prior: Prior, *, chi2_limit: float = np.inf
) -> Solution:
    """Return the minimum of chi² with `prior` nearest to `start`, by Levenberg-Marquardt.

    `model` returns values ``(n,)`` and derivatives ``(n, m)`` of one `theta` ``(m,)``. Above `chi2_limit` the search
    stops early. The solution has no coefficients; priors count as further points at the end of `residuals`.
    """
    rows = _Rows(model, trace, prior)
    theta = np.asarray(start, dtype=np.float64)
    residuals, design = rows.evaluate(theta)
    damping = _DAMPING
    for _ in range(_ITERATIONS):
        chi2 = float(residuals @ residuals)
        step, promised = _compute_step(design, residuals, damping)
        if chi2 - _PROMISES * promised > chi2_limit:
            break
        there, there_design = rows.evaluate(theta + step)
        gain = chi2 - float(there @ there)
        if gain >= 0:
            theta, residuals, design, damping = theta + step, there, there_design, 0.1 * damping
        else:
            damping = max(10 * damping, _DAMPING)
        if abs(gain) <= _CONVERGED * chi2 / trace.x.size or damping > _STUCK:
            break
    return Solution(
        basis=lambda x, theta: np.zeros((x.size, 0)),  # noqa: ARG005 - the whole model is in theta
        theta=theta,
        coefficients=np.zeros(0),
        chi2=float(residuals @ residuals),
        dof=max(residuals.size - theta.size, 1),
        residuals=residuals,
        design=design,
        sigma_known=trace.sigma_known,
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Residuals and their negative derivative, of the measured points and then the priors."""

    model: Linearised
    trace: Trace
    prior: Prior

    def evaluate(self, theta: Floats) -> tuple[Floats, Floats]:
        values, slope = self.model(theta)
        known = np.isfinite(self.prior.sigma)
        expected = ((self.prior.centre - theta) / self.prior.sigma)[known]
        pull = np.diag(1 / self.prior.sigma)[known]
        residuals = np.concatenate([(self.trace.y - values) / self.trace.sigma, expected])
        return residuals, np.concatenate([slope / self.trace.sigma[:, None], pull])


def _compute_step(design: Floats, residuals: Floats, damping: float) -> tuple[Floats, float]:
    """Return the next step, and the approximate decrease of chi²."""
    from scipy.linalg.lapack import dposv

    curvature = design.T @ design
    diagonal = curvature.diagonal()
    curvature.flat[:: diagonal.size + 1] = (1 + damping) * diagonal + _FAINT * diagonal.max()
    gradient = design.T @ residuals
    step = np.asarray(dposv(curvature, gradient)[1])
    return step, float(step @ gradient)

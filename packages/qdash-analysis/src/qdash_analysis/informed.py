"""Least squares for models that are linear in nothing, with what is known of their parameters beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.solution import Solution, neighbours

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_analysis.inputs import Floats, Trace

_ITERATIONS = 60
_DAMPING = 1e-3
_CONVERGED = 1e-6
_STUCK = 1e9
_FAINT = 1e-12


@dataclass(frozen=True, slots=True)
class Prior:
    """Gaussian knowledge of each parameter, infinite where there is none; shapes ``(m,)``."""

    centre: Floats
    sigma: Floats

    @classmethod
    def of(cls, size: int, known: Mapping[int, tuple[float, float]]) -> Prior:
        """Value and 1-sigma by place, of `size` parameters."""
        centre, sigma = np.zeros(size), np.full(size, np.inf)
        for place, (expected, spread) in known.items():
            centre[place], sigma[place] = expected, spread
        return cls(centre, sigma)


def solve_informed(model: Callable[[Floats], Floats], trace: Trace, start: Floats, prior: Prior) -> Solution:
    """Find the `theta` nearest to `start` with the least chi², that of the `prior` included.

    Levenberg-Marquardt with finite differences.

    Parameters
    ----------
    model
        Takes a grid of `theta`, shape ``(g, m)``, and gives shape ``(g, n)``.

    Returns
    -------
    Solution
        Without coefficients. What is known of a parameter counts as one more measured point, at the end of `residuals`.
    """
    rows = _Rows(model, trace, prior)
    theta = np.asarray(start, dtype=np.float64)
    residuals, design = rows.at(theta)
    damping = _DAMPING
    for _ in range(_ITERATIONS):
        step = _step(design, residuals, damping)
        there, there_design = rows.at(theta + step)
        chi2, gain = residuals @ residuals, residuals @ residuals - there @ there
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
    """Residuals and their negative derivative: the measured points, then what is known."""

    model: Callable[[Floats], Floats]
    trace: Trace
    prior: Prior

    def at(self, theta: Floats) -> tuple[Floats, Floats]:
        shifted, steps = neighbours(theta)
        values = self.model(shifted) / self.trace.sigma
        slope = ((values[1:] - values[0]) / steps).T
        known = np.isfinite(self.prior.sigma)
        expected = ((self.prior.centre - theta) / self.prior.sigma)[known]
        pull = np.diag(1 / self.prior.sigma)[known]
        residuals = np.concatenate([self.trace.y / self.trace.sigma - values[0], expected])
        return residuals, np.concatenate([slope, pull])


def _step(design: Floats, residuals: Floats, damping: float) -> Floats:
    from scipy.linalg.lapack import dposv

    curvature = design.T @ design
    diagonal = curvature.diagonal()
    curvature.flat[:: diagonal.size + 1] = (1 + damping) * diagonal + _FAINT * diagonal.max()
    return np.asarray(dposv(curvature, design.T @ residuals)[1])

"""Errors from points whose scatter is unknown and grows along the trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.solution import Solution

_ONE_SIGMA = 0.8413447460685429
_ROUNDS = 3
_SMALLEST = 1e-12
_LEAST = 0.05
"""Smallest variance in units of the mean one: few points make a law that trusts some of them too much."""


@dataclass(frozen=True, slots=True)
class Scatter:
    """How single points lie about a fit of their means.

    Attributes
    ----------
    squares
        Squared residuals, each divided by the square of one minus its leverage, shape ``(n,)``.
    influence
        Change of ``(*coefficients, *theta)`` with each point, shape ``(k + m, n)``.
    """

    squares: Floats
    influence: Floats

    @classmethod
    def of(cls, solution: Solution, points: Trace, variance: Floats) -> Scatter:
        """Look at the points about `solution`, which weighed them by one over `variance`."""
        design = solution.gradient(points.x)
        norms = np.maximum(np.linalg.norm(design, axis=0), _SMALLEST)
        scaled = design / norms
        inverse = np.linalg.pinv(scaled.T @ (scaled / variance[:, None]), rcond=_SMALLEST, hermitian=True)
        influence = (inverse / norms[:, None]) @ (scaled / variance[:, None]).T
        leverage = np.clip(np.sum(design * influence.T, axis=1), 0.0, 0.9)
        squares = ((points.y - solution.predict(points.x)) / (1 - leverage)) ** 2
        return cls(squares, influence)

    def covariance(self, points: Trace, variance: Floats) -> Floats:
        """Covariance of ``(*coefficients, *theta)``: mean of what the law of the scatter and what the points say.

        `variance` is the law: steady, but right only as far as its shape is. The squares of the points themselves
        (White 1980, with the leverages of MacKinnon and White 1985) need no law, but scatter when points are few. With
        known noise no parameter is better known than that allows.
        """
        found = (self.influence * (self.squares + variance) / 2) @ self.influence.T
        found *= self._student(variance)
        if not points.sigma_known:
            return np.asarray(found)
        least = np.diag((self.influence * points.sigma**2) @ self.influence.T)
        return np.asarray(found + np.diag(np.maximum(least - np.diag(found), 0.0)))

    def _student(self, variance: Floats) -> float:
        """Factor on variances that are known from few points only: those that decide on the last parameter."""
        from scipy.special import stdtrit

        shares = self.influence[-1] ** 2 * variance
        freedom = float(shares.sum() ** 2 / np.sum(shares**2)) - self.influence.shape[0]
        return float(stdtrit(max(freedom, 2.0), _ONE_SIGMA) ** 2)


def variances(squares: Floats, points: Trace, *, growing: Floats) -> Floats:
    """Variance of each point as ``a sigma² + c growing``, neither negative, and a at least one with known noise.

    A law with two numbers instead of what each point or length shows of itself: a weight must not follow its own noise.
    What the scatter is beyond known noise counts where it is more than chance makes of it at one sigma.
    """
    sigma2 = points.sigma**2
    floor = 1.0 if points.sigma_known else 0.0
    found = np.full_like(squares, max(float(squares.mean()), np.finfo(float).tiny))
    for _ in range(_ROUNDS):
        weight = found**-2.0
        (a, a_error), (c, c_error) = _two_parts(weight, sigma2, growing, squares)
        if c < c_error:
            a, a_error, c = *_one_part(weight, sigma2, squares), 0.0
        if points.sigma_known and a - floor < a_error:
            a, (c, c_error) = floor, _one_part(weight, growing, squares - floor * sigma2)
            c = c if c > c_error else 0.0
        law = max(a, floor) * sigma2 + max(c, 0.0) * growing
        found = np.maximum(law, _LEAST * law.mean() + np.finfo(float).tiny)
    return np.asarray(found)


def _one_part(weight: Floats, part: Floats, target: Floats) -> tuple[float, float]:
    """Coefficient of ``part`` and its error; the variance of a squared residual is twice one over its `weight`."""
    total = float(weight @ part**2)
    return (float(weight @ (part * target)) / total, float(np.sqrt(2 / total))) if total > 0 else (0.0, 0.0)


def _two_parts(
    weight: Floats, first: Floats, second: Floats, target: Floats
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Coefficients of both parts with their errors."""
    a, b, c = (float(weight @ part) for part in (first**2, first * second, second**2))
    u, v = float(weight @ (first * target)), float(weight @ (second * target))
    determinant = a * c - b * b
    if determinant <= _SMALLEST * a * c:
        return _one_part(weight, first, target), (0.0, 0.0)
    return (
        ((c * u - b * v) / determinant, float(np.sqrt(2 * c / determinant))),
        ((a * v - b * u) / determinant, float(np.sqrt(2 * a / determinant))),
    )

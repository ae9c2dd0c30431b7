"""Model fitted to a trace: its parameters, residuals, and errors.

Every model here is ``y = basis(x, theta) @ coefficients``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from qdash_analysis.residuals import compute_inflation

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_analysis.inputs import Floats

_ONE_SIGMA = 0.8413447460685429
_SIGNIFICANT = 0.01
_NOTHING = 1e-50
BLIND = 1e-10
"""Share of the largest singular value below which a direction counts as unseen by the data."""
_STEP = 1e-6
_SHARED = 1e-6
"""Share of the largest singular value below which a shape counts as one that the model has."""


class Basis(Protocol):
    """Basis functions of a model.

    Takes `x` of shape ``(n,)`` and `theta` of shape ``(m,)``, returns shape ``(n, k)``; a whole grid of
    `theta`, shape ``(g, m)``, gives ``(g, n, k)``.
    """

    def __call__(self, x: Floats, theta: Floats, /) -> Floats:
        """Evaluate the basis."""
        ...


@dataclass(frozen=True)
class Solution:
    """Best `theta` and coefficients of one model for one trace.

    Errors and leverages are computed on first use: for most models only chi² is needed.

    Attributes
    ----------
    chi2
        Sum of squared residuals, each divided by its `sigma`.
    dof
        Points minus parameters.
    residuals
        ``(y - model) / sigma``, shape ``(n,)``.
    design
        Derivative of ``model / sigma`` by ``(*coefficients, *theta)``, shape ``(n, k + m)``.
    sigma_known
        Whether the noise is known.
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

    @property
    def variance(self) -> float:
        """Variance about the fit in units of `sigma` squared; at least one if the noise is known."""
        reduced = self.chi2 / self.dof
        return max(reduced, 1.0) if self.sigma_known else reduced

    @cached_property
    def scale(self) -> float:
        """Variance of the noise in units of `sigma` squared, for errors; larger if neighbours are correlated."""
        return compute_noise_scale(self.chi2, self.dof, sigma_known=self.sigma_known) * self.inflation

    @cached_property
    def inflation(self) -> float:
        """Factor by which correlated residuals raise the variance of a mean; see `compute_inflation`."""
        return compute_inflation(self.residuals)

    @cached_property
    def covariance(self) -> Floats:
        """Covariance of ``(*coefficients, *theta)``, shape ``(k + m, k + m)``, noise scale included."""
        norms, _, singular, vt = self._decomposed
        # A direction that the data do not determine gets a huge error instead of none.
        inverse = vt.T / np.maximum(singular, BLIND * singular[0]) / norms[:, None]
        return np.asarray(inverse @ inverse.T * self.scale)

    @cached_property
    def leverage(self) -> Floats:
        """Leverage of each point on its own prediction, 0 to 1, shape ``(n,)``."""
        u = self._decomposed[1]
        return np.asarray(np.einsum("nk,nk->n", u, u))

    @cached_property
    def _decomposed(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Norms of the columns of the design, and the singular value decomposition of the normalised design."""
        norms = np.sqrt(np.einsum("nk,nk->k", self.design, self.design))
        norms[norms <= _NOTHING * norms.max()] = 1.0
        return norms, *decompose(self.design / norms)

    @property
    def directions(self) -> Floats:
        """Orthonormal directions of the changes that the parameters can make, shape ``(n, k + m)``."""
        return self._decomposed[1]

    def separate(self, shapes: Floats) -> tuple[Floats, Floats]:
        """Return the part of each shape that no change of the parameters can imitate, and the change for the other part.

        `shapes` are in units of the noise, shape ``(g, n)``; the results have the shapes ``(g, n)`` and ``(g, k + m)``.
        """
        norms, u, singular, vt = self._decomposed
        overlaps = shapes @ u
        change = (overlaps / np.maximum(singular, BLIND * singular[0])) @ vt / norms
        return shapes - overlaps @ u.T, np.asarray(change)

    def compute_gain(self, shapes: Floats) -> float:
        """Return the decrease of chi² if the best sum of `shapes`, as in `separate`, is added to the model."""
        rest = self.separate(shapes)[0]
        u, singular, _ = decompose(rest.T)
        overlaps = (self.residuals @ u)[singular > _SHARED * singular[0]]
        return float(overlaps @ overlaps)

    def predict(self, x: Floats) -> Floats:
        """Evaluate the model at `x`."""
        return np.asarray(self.basis(x, self.theta) @ self.coefficients)

    def gradient(self, x: Floats) -> Floats:
        """Return the derivative of the model by ``(*coefficients, *theta)`` at `x`, shape ``(n, k + m)``."""
        shifted, steps = step_each_element(self.theta)
        values = self.basis(x, shifted)
        model = values @ self.coefficients
        return np.concatenate([values[0], ((model[1:] - model[0]) / steps).T], axis=1)

    def error(self, derivative: Floats) -> float:
        """Return the 1-sigma error of a quantity with this `derivative` by ``(*coefficients, *theta)``."""
        return float(np.sqrt(max(float(derivative @ self.covariance @ derivative), 0.0)))

    def evaluate(self, quantity: Callable[[Floats, Floats], float]) -> tuple[float, float]:
        """Return value and 1-sigma error of a `quantity` of (coefficients, theta)."""
        return quantity(self.coefficients, self.theta), self.error(self.derivative(quantity))

    def derivative(self, quantity: Callable[[Floats, Floats], float]) -> Floats:
        """Return the derivative of a `quantity` of (coefficients, theta) by ``(*coefficients, *theta)``."""
        steps, around = self._around
        values = np.array([quantity(*one) for one in around]).reshape(2, -1)
        return np.asarray((values[0] - values[1]) / (2 * steps))

    @cached_property
    def _around(self) -> tuple[Floats, list[tuple[Floats, Floats]]]:
        """A step of each parameter, and (coefficients, theta) with one parameter a step larger, then a step smaller."""
        centre, size = np.concatenate([self.coefficients, self.theta]), self.coefficients.size
        # A small part of each error is a step to which the quantity responds, in any unit.
        steps = 1e-3 * np.sqrt(self.covariance.diagonal()) + 1e-300
        moved = centre + np.concatenate([np.diag(steps), -np.diag(steps)])
        return steps, [(one[:size], one[size:]) for one in moved]

    def theta_error(self, index: int) -> float:
        """Return the 1-sigma error of ``theta[index]``."""
        place = self.coefficients.size + index
        return float(np.sqrt(self.covariance[place, place]))


def decompose(matrix: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the thin singular value decomposition, twice as fast as numpy for such small matrices."""
    from scipy.linalg.lapack import dgesdd

    u, singular, vt, _ = dgesdd(matrix, full_matrices=0)
    return u, singular, vt


def step_each_element(theta: Floats) -> tuple[Floats, Floats]:
    """Return `theta`, then copies with one element stepped, one per row, and the steps, shape ``(m, 1)``."""
    steps = _STEP * np.maximum(1.0, np.abs(theta))
    return theta + _list_shifts(theta.size) * steps, steps[:, None]


@cache
def _list_shifts(size: int) -> Floats:
    """Return a row of zeros, then the rows of the identity."""
    return np.eye(size + 1, size, -1)


def compute_noise_scale(chi2: float, dof: int, *, sigma_known: bool) -> float:
    """Return the variance of the noise in units of `sigma` squared.

    With known `sigma` it is one, unless chi² is significantly larger. Otherwise it is the scatter of the residuals,
    with Student's factor, so that 1 sigma still means 68 %.
    """
    from scipy.special import chdtrc, stdtrit

    reduced = chi2 / dof
    if sigma_known and (reduced <= 1 or chdtrc(dof, chi2) > _SIGNIFICANT):
        return 1.0
    return float(reduced * stdtrit(dof, _ONE_SIGMA) ** 2)

"""Wander of the frequency between the points of Ramsey fringes, which scatters them in quadrature, more at longer delays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.solution import Solution

_TAU = 2 * np.pi
_SIZES = np.geomspace(0.01, 2.0, 12)
"""Wander over one turn within the window, at which the likelihood is evaluated."""
_SQUARES = _SIZES[:, None] ** 2
_NOISES = np.geomspace(0.2, 1.0, 6)
"""White noise over the scatter about the fit, where it is not known."""
_LARGEST = 3.0
"""Largest variance of a phase, in rad². A larger one leaves no information on the phase."""
_BEST_POINTS = 2
_EXCESS = 4.0


@dataclass(frozen=True, slots=True)
class Wander:
    """Wander of a frequency from point to point, with its likelihood.

    Attributes
    ----------
    size
        Standard deviation in cycles per unit of x. Its error is not known: the likelihood gives too small an error.
    noise
        1-sigma noise of each point, wander included, in the unit of the signal, shape ``(n,)``.
    gain
        Decrease of -2 log(likelihood) against noise alone, without the two points that contribute most; zero if the
        wander leaves scatter beyond the stated noise.
    cost
        -2 log(likelihood) of the trace.
    """

    size: float
    noise: Floats
    gain: float
    cost: float

    def weigh(self, trace: Trace) -> Trace:
        """Return the trace with the noise of this wander."""
        return replace(trace, sigma=self.noise)


def fit_wander(trace: Trace, fringes: Solution) -> Wander:
    """Return the likeliest wander about a fit of one frequency.

    A phase with the variance u = (2 pi size x)² scatters the signal ``m cos(phase)`` about its mean by the variance
    ``m² (sinh u - cos²(phase) (1 - exp(-u)))``; for small u, ``m² u sin²(phase)``. The mean decays by the factor
    exp(-u/2), which is part of the envelope of the fit.
    """
    x, span = trace.x, trace.span
    cos, sin = fringes.coefficients[:2]
    values = fringes.basis(x, fringes.theta)
    basis = values[:, :2]
    squares = np.sum(basis**2, axis=1) * (cos**2 + sin**2)
    in_phase = (basis @ fringes.coefficients[:2]) ** 2
    residuals = (trace.y - values @ fringes.coefficients) ** 2
    coherence = np.exp(-np.minimum(_SQUARES * (_TAU / span * x) ** 2, _LARGEST))
    scatter = squares * (0.5 / coherence - 0.5 * coherence) - in_phase * (1 - coherence)
    known = trace.sigma_known
    white = trace.sigma**2 if known else np.array([np.mean(residuals)])
    levels = (np.ones(1) if known else _NOISES)[:, None, None] ** 2
    variance = levels * white + np.concatenate([np.zeros((1, x.size)), np.maximum(scatter, 0.0)])
    costs = np.log(variance) + residuals / variance
    totals = costs.sum(axis=-1)
    level, size = np.unravel_index(int(totals.argmin()), totals.shape)
    gains = np.sort(costs[totals[:, 0].argmin(), 0] - costs[level, size])
    left = float(np.mean(residuals / variance[level, size]))
    return Wander(
        size=_locate_minimum(totals[level, 1:], int(size) - 1) / span,
        noise=np.sqrt(variance[level, size]),
        gain=float(gains[:-_BEST_POINTS].sum()) if left < _EXCESS else 0.0,
        cost=float(totals.min()),
    )


def compute_cost(trace: Trace, solution: Solution) -> float:
    """Return -2 log(likelihood) of white noise about a fit, as large as the residuals, and at least as stated."""
    variance = max(solution.chi2 / trace.x.size, 1.0 if trace.sigma_known else 0.0)
    return float(np.sum(np.log(variance * trace.sigma**2)) + solution.chi2 / variance)


def _locate_minimum(costs: Floats, place: int) -> float:
    """Return the wander at the vertex of the parabola through the lowest cost and its neighbours; 0 without a wander."""
    if not 0 < place < _SIZES.size - 1:
        return float(_SIZES[place]) if place >= 0 else 0.0
    before, here, after = costs[place - 1 : place + 2]
    step = (before - after) / (2 * (before - 2 * here + after))
    return float(_SIZES[place] * (_SIZES[1] / _SIZES[0]) ** step)

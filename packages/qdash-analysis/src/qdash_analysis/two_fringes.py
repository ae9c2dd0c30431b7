"""Fringes of two frequencies with a common decay, as of charge parity, a defect, or ZZ with a neighbour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.envelope import Envelope
from qdash_analysis.leastsq import solve

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.solution import Solution

_TAU = 2 * np.pi
_DECAYS = np.log([0.7, 4.0])
_STEP = 0.5
_LOWEST, _HIGHEST = 0.4, 1.7
"""Range of the second frequency, in units of the first. Below it a drift looks like a frequency, above it a harmonic does."""
_UNSEEN = 1e-9
_ADDED = 3
"""Parameters of the second oscillation."""
_PROMISING = 14.0
"""Least gain in chi² by an added line, in units of the noise, from which two lines are fitted."""


@dataclass(frozen=True, slots=True)
class TwoFringesBasis:
    """Basis of two oscillations within one envelope and a constant; theta = (periods of each in the window, log(T / span))."""

    envelope: Envelope

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; see `qdash_analysis.solution.Basis`."""
        late = (_TAU / self.envelope.span) * (x - self.envelope.start)
        phases = theta[..., None, :2] * late[:, None]
        basis = np.empty((*phases.shape[:-1], 5))
        basis[..., :2], basis[..., 2:4], basis[..., 4] = np.cos(phases), np.sin(phases), 1.0
        basis[..., :4] *= self.envelope(x, theta)[..., None]
        return basis


def fit_two_fringes(trace: Trace, single: Solution) -> Solution | None:
    """Fit two oscillations; return None if no second one can explain much of what a `single` one leaves.

    `theta` of the single one begins with its number of periods in the window.
    """
    envelope = Envelope(float(trace.x[0]), trace.span)
    found = abs(float(single.theta[0]))
    highest = min(_HIGHEST * found, 0.5 * trace.span / trace.step)
    periods = np.arange(max(1.0, _LOWEST * found), highest, _STEP)
    if not periods.size or single.dof <= _ADDED:
        return None
    gains = _compute_gains(trace, single, envelope, periods)
    decay, place = np.unravel_index(int(gains.argmax()), gains.shape)
    gain = float(gains[decay, place])
    left = (single.chi2 - gain) / (single.dof - 2)
    if gain < _PROMISING * (max(left, 1.0) if trace.sigma_known else left):
        return None
    other = float(periods[place])
    apart = max(abs(other - found), _STEP)
    starts = [(found - apart, found + apart)]
    if other != found:
        starts.append((found, other))
    solutions = (
        solve(TwoFringesBasis(envelope), trace, np.array([*pair, _DECAYS[decay]])) for pair in starts
    )
    best = min(solutions, key=lambda solution: solution.chi2)
    return best if np.abs(best.theta[:2]).min() >= periods[0] else None


def _compute_gains(trace: Trace, single: Solution, envelope: Envelope, periods: Floats) -> Floats:
    """Return the decrease of chi² by a second oscillation to first order, shape ``(decays, periods)``."""
    late = (_TAU / trace.span) * (trace.x - trace.x[0])
    decays = envelope(trace.x, _DECAYS[:, None]) / trace.sigma
    phases = np.outer(periods, late)
    shapes = np.stack([np.cos(phases), np.sin(phases)]) * decays[:, None, None]
    # Only the part counts that no change of the parameters of the single one can imitate.
    directions = single.directions
    imitated = shapes @ directions
    along = shapes @ (single.residuals - directions @ (directions.T @ single.residuals))
    whole, lost = (
        [np.einsum("dpn,dpn->dp", part[:, i], part[:, j]) for i, j in ((0, 0), (1, 1), (0, 1))]
        for part in (shapes, imitated)
    )
    cc, ss, cs = (one - other for one, other in zip(whole, lost, strict=True))
    determinant = cc * ss - cs**2
    gain = ss * along[:, 0] ** 2 - 2 * cs * along[:, 0] * along[:, 1] + cc * along[:, 1] ** 2
    seen = cc + ss > _UNSEEN * (whole[0] + whole[1])
    determined = seen & (determinant > 1e-6 * (cc + ss) ** 2)
    return np.asarray(np.where(determined, gain / np.where(determined, determinant, 1.0), 0.0))

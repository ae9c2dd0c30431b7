"""Model of cross-resonance tomography: the target's trajectory for both control states, with priors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.bloch import DriveParameters, Modes, compute_switch_change, compute_trajectory
from qdash_analysis.prior import Prior
from qdash_analysis.solution import step_each_element

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats

STATES = 2
"""Number of control states."""
_TAU = 2 * np.pi

# theta: both measured rotation vectors (MHz), both decays, rise, anisotropy, drift (all in us or 1/us),
# scale, both offsets, share of either control state that starts in the other, rotation about X and Y that
# each edge of the tone adds with either state (rad), relaxation rate of the control.
DECAY, RISE, ANISOTROPY, DRIFT, SCALE = 6, 8, 9, 10, 11
OFFSET, WRONG, EDGES, RELAXING, SIZE = 12, 14, 16, 20, 21

# Edges of a tone last tens of ns. The relaxation of a transmon with T1 and T2 of 50 us or more hardly shows
# in a tone of a few us, which cannot separate it from the rest: prior knowledge is better than none. The rate
# about Z shows only where the vector leaves Z. Thermal population and pulse errors of the control mix its
# states.
_EDGE_RAD = 0.006
_KNOWN = {
    2: (0.0, 2.0),
    5: (0.0, 2.0),
    RISE: (0.0, 0.05),
    ANISOTROPY: (0.0, 0.02),
    DRIFT: (0.01, 0.01),
    WRONG: (0.01, 0.012),
    WRONG + 1: (0.01, 0.012),
    # During an edge the axis moves, as not all rates are proportional to the drive; the other edge mirrors
    # it.
    **dict.fromkeys(range(EDGES, RELAXING), (0.0, _EDGE_RAD)),
    RELAXING: (0.01, 0.01),
}
_T1_VARIES = 0.2
"""Relative change of T1 since it was measured (Klimov et al., PRL 121, 090502 (2018))."""

_BESIDE_US = (0.03, 0.015)
"""Time after the tone in which the target still rotates about Z.

Static ZZ and a detuning act for half of each edge longer than the drive does, and for half of the pulse that
reads X or Y.
"""

_TURNING = np.r_[0, 1 : SCALE + 1, 1 + EDGES : SIZE + 1]
"""Elements of theta, with their neighbours, that change the rotation during the tone."""
_TURNED = np.zeros(SIZE + 1, dtype=np.intp)
_TURNED[_TURNING] = np.arange(_TURNING.size)


@dataclass(frozen=True, slots=True)
class Paths:
    """Model of the six components at the durations `times_us`, shape ``(n,)``; the module lists theta."""

    times_us: Floats

    def __call__(self, theta: Floats) -> Floats:
        """Evaluate; shape ``(6 n,)``, component by component."""
        values = self._read(theta[None], self._compute_driven(theta[None]))
        return np.asarray(values[0], dtype=np.float64)

    def linearise(self, theta: Floats) -> tuple[Floats, Floats]:
        """Evaluate and differentiate by theta: shapes ``(6 n,)`` and ``(6 n, 21)``."""
        near, steps = step_each_element(theta)
        values = self._read(near, self._compute_driven(near[_TURNING])[_TURNED])
        return values[0], ((values[1:] - values[0]) / steps).T

    def _compute_driven(self, theta: Floats) -> Floats:
        """Return the vectors at the end of the tone, shape ``(g, 2, 3, n)``, for theta of shape ``(g, 21)``."""
        shared = theta[:, [ANISOTROPY, DRIFT]].repeat(STATES, axis=0).T
        edges = theta[:, EDGES:RELAXING].reshape(-1, 2)
        # Rotations this small are linear.
        start = np.stack([edges[:, 1], -edges[:, 0], np.ones(edges.shape[0])], axis=1)
        drive = DriveParameters(
            theta[:, :DECAY].reshape(-1, 3), theta[:, DECAY:RISE].ravel(), shared[0], shared[1], start
        )
        modes = Modes.from_drive(drive)
        times = (self.times_us + theta[:, RISE, None]).repeat(STATES, axis=0)
        path = compute_trajectory(modes, times)
        ground, excited = (Modes(*(part[state::STATES] for part in modes)) for state in range(STATES))
        path[1::STATES] += compute_switch_change(excited, ground, theta[:, RELAXING], times[1::STATES])
        return path.reshape(-1, STATES, 3, self.times_us.size)

    def _read(self, theta: Floats, driven: Floats) -> Floats:
        """Apply the readout to the vectors at the end of the tone, shape ``(g, 6 n)``."""
        turned = driven + _build_edge_generators(theta[:, EDGES:RELAXING].reshape(-1, STATES, 2)) @ driven
        wrong = theta[:, WRONG:EDGES, None, None]
        mixed = turned + wrong * (turned[:, ::-1] - turned)
        scaled = theta[:, SCALE, None, None, None] * mixed + theta[:, OFFSET:WRONG, None, None]
        return np.asarray(scaled.reshape(theta.shape[0], -1))


def _build_edge_generators(angles: Floats) -> Floats:
    """Return generators of small rotations about X and Y by angles (..., 2), shape ``(..., 3, 3)``."""
    found = np.zeros((*angles.shape[:-1], 3, 3))
    found[..., 2, 1], found[..., 0, 2] = angles[..., 0], angles[..., 1]
    return found - found.swapaxes(-1, -2)


def isolate_tone_rates(theta: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """Return the rotation vectors of the tone alone, with a covariance that includes unobservable rotations.

    After the tone the target still rotates about Z, which no trajectory shows, as all start at the pole: it looks like
    a rotated axis. The axes of `theta`, as measured, are rotated back by the prior estimate.

    Arguments and results have the shapes ``(21,)`` and ``(21, 21)``.
    """
    found, slope = theta.copy(), np.eye(SIZE)
    unseen = np.zeros((SIZE, 1 + 2 * STATES))
    for state in range(STATES):
        across, z = [3 * state, 3 * state + 1], 3 * state + 2
        angle = -_TAU * _BESIDE_US[0] * theta[z]
        back = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        found[across] = back @ theta[across]
        turning = np.array([found[across[1]], -found[across[0]]])
        slope[np.ix_(across, across)] = back
        slope[across, z] = _TAU * _BESIDE_US[0] * turning
        doubt = _TAU * _BESIDE_US[1] * theta[z]
        unseen[across, 0] = doubt * turning
        unseen[across, 1 + state] = _EDGE_RAD * turning
        # Rotated by a wrong angle, the component along the axis changes only in second order: half the
        # angle's square.
        unseen[across, 1 + STATES + state] = doubt**2 / 2 * found[across]
    return found, slope @ covariance @ slope.T + unseen @ unseen.T


def build_prior(control_t1_us: float | None) -> Prior:
    """Return the prior. Raises `ValueError` unless T1 is positive."""
    if control_t1_us is None:
        return Prior.from_known_values(SIZE, _KNOWN)
    if not control_t1_us > 0:
        raise ValueError(f"control_t1_us must be positive, got {control_t1_us}")
    rate = 1 / control_t1_us
    return Prior.from_known_values(SIZE, _KNOWN | {RELAXING: (rate, _T1_VARIES * rate)})


def build_start(rates: Floats, rise: float, prior: Prior) -> Floats:
    """Return theta of a tone with these rotation vectors and this rise, otherwise at the prior mean."""
    theta = np.zeros(SIZE)
    theta[:6], theta[RISE], theta[SCALE] = rates, rise, 1.0
    theta[DECAY:RISE] = theta[DRIFT] = prior.centre[DRIFT]
    theta[RELAXING] = prior.centre[RELAXING]
    return theta

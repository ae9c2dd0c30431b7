"""The model of cross-resonance tomography: the target's path with either state of the control, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.bloch import Drive, switched, trajectory
from qdash_analysis.informed import Prior

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats

STATES = 2
"""Of the control."""

# theta: both rotation vectors (MHz), both decays, rise, anisotropy, drift (all in us or 1/us), scale, both offsets, share of
# either state of the control that starts in the other, turn that each edge of the tone adds with either state (rad), rate at
# which the control relaxes.
DECAY, RISE, ANISOTROPY, DRIFT, SCALE = 6, 8, 9, 10, 11
OFFSET, WRONG, EDGES, RELAXING, SIZE = 12, 14, 16, 22, 23

# Edges of a tone last tens of ns. The relaxation of a transmon with T1 and T2 of some 50 us and more hardly shows in a
# tone of some us, which cannot tell it from the rest: what is known of it is better than nothing.
# The rate about Z shows only where the vector leaves Z. Thermal population and pulse errors of the control mix its states.
_KNOWN = {
    2: (0.0, 2.0),
    5: (0.0, 2.0),
    RISE: (0.0, 0.05),
    ANISOTROPY: (0.0, 0.02),
    DRIFT: (0.01, 0.01),
    WRONG: (0.01, 0.012),
    WRONG + 1: (0.01, 0.012),
    # During an edge the axis moves, as not all rates are proportional to the drive; the other edge mirrors it.
    **dict.fromkeys(range(EDGES, RELAXING), (0.0, 0.006)),
    # With the control in |1> the static ZZ, 0.05 to 0.25 MHz, turns the target during the edges and the pulses that read.
    RELAXING - 1: (0.0, 0.018),
    RELAXING: (0.01, 0.01),
}
_T1_VARIES = 0.2
"""Share by which T1 differs from what it was when it was measured (Klimov et al., PRL 121, 090502 (2018))."""


@dataclass(frozen=True, slots=True)
class Paths:
    """The six components at the durations `times_us`, shape ``(n,)``, for theta as listed above."""

    times_us: Floats

    def __call__(self, theta: Floats) -> Floats:
        """Evaluate for theta of shape ``(g, 23)``; shape ``(g, 6 n)``, component by component."""
        size = theta.shape[0]
        shared = theta[:, [ANISOTROPY, DRIFT]].repeat(STATES, axis=0).T
        edges = theta[:, EDGES:RELAXING].reshape(-1, 3)
        # Turns this small are linear.
        start = np.stack([edges[:, 1], -edges[:, 0], np.ones(edges.shape[0])], axis=1)
        drive = Drive(theta[:, :6].reshape(-1, 3), theta[:, DECAY:RISE].ravel(), shared[0], shared[1], start)
        times = (self.times_us + theta[:, RISE, None]).repeat(STATES, axis=0)
        path = trajectory(drive, times)
        ground, excited = (Drive(*(part[state::STATES] for part in drive)) for state in range(STATES))
        path[1::STATES] += switched(excited, ground, theta[:, RELAXING], times[1::STATES])
        path = path + np.cross(edges[:, :, None], path, axis=1)
        path = path.reshape(size, STATES, 3, -1)
        wrong = theta[:, WRONG:EDGES, None, None]
        mixed = (1 - wrong) * path + wrong * path[:, ::-1]
        scaled = theta[:, SCALE, None, None, None] * mixed + theta[:, OFFSET:WRONG, None, None]
        return scaled.reshape(size, -1)


def known_beforehand(control_t1_us: float | None) -> Prior:
    """Return what is known beforehand. Raises `ValueError` unless T1 is positive."""
    if control_t1_us is None:
        return Prior.of(SIZE, _KNOWN)
    if not control_t1_us > 0:
        raise ValueError(f"control_t1_us must be positive, got {control_t1_us}")
    rate = 1 / control_t1_us
    return Prior.of(SIZE, _KNOWN | {RELAXING: (rate, _T1_VARIES * rate)})


def start_at(rates: Floats, rise: float, prior: Prior) -> Floats:
    """Return theta of a tone with these rotation vectors and this rise, all else as expected."""
    theta = np.zeros(SIZE)
    theta[:6], theta[RISE], theta[SCALE] = rates, rise, 1.0
    theta[DECAY:RISE] = theta[DRIFT] = prior.centre[DRIFT]
    theta[RELAXING] = prior.centre[RELAXING]
    return theta

"""Pulse trains on three levels, and the true angles, amplitudes and DRAG coefficients that they measure.

Each function of populations returns those for a start in |0> and in |1>; leaked population is read as 1.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.levels import basis_state, excited_population, turned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.chip import QubitTruth
    from qdash_tasks.laboratory.pulses import Pulse

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

_STEPS = 6
_CLOSE = 1e-6
"""Relative change of an amplitude, or change of a coefficient in ns, that is negligible."""
_SMALL_BETA_NS = 0.02
_FLIP = np.diag([1.0, -1.0, 1.0])
"""``exp(i pi n)``: conjugation by it gives the pulse of opposite sign."""


def train_populations(
    counts: NDArray[np.intp], channel: Complexes, *, first: Complexes | None = None
) -> tuple[Floats, Floats]:
    """Return excited populations after pulse trains, each of shape (n,).

    Parameters
    ----------
    counts
        Numbers of pulses, shape (n,), in any order.
    channel
        Superoperator of one pulse, shape (9, 9).
    first
        Superoperator of a pulse before the train.
    """
    start = _starts() if first is None else first @ _starts()
    states = np.tile(start, (counts.size, 1, 1))
    power = channel
    for bit in range(int(counts.max()).bit_length()):
        power = power @ power if bit else power
        # Each train is the product of the powers of two that add up to its number of pulses.
        chosen = (counts >> bit) % 2 == 1
        states[chosen] = power @ states[chosen]
    return _excited(states)


def drag_populations(channels: Complexes, repetitions: int) -> tuple[Floats, Floats]:
    """Return excited populations after pairs of opposite pulses, each of shape (n,).

    Parameters
    ----------
    channels
        Superoperators of the positive pulse at each DRAG coefficient, shape (n, 9, 9).
    """
    power = turned(channels, math.pi) @ channels
    states = _starts()
    for bit in range(repetitions.bit_length()):
        power = power @ power if bit else power
        if repetitions >> bit & 1:
            states = power @ states
    return _excited(states)


def _starts() -> Complexes:
    """Return both start states, shape (9, 2)."""
    return np.stack([basis_state(0), basis_state(1)], axis=-1)


def _excited(states: Complexes) -> tuple[Floats, Floats]:
    """Return excited populations of states (n, 9, 2) from either start, each of shape (n,)."""
    excited = excited_population(states.swapaxes(-1, -2))
    return excited[..., 0], excited[..., 1]


def turned_angle(qubit: QubitTruth, pulse: Pulse, *, detuning_mhz: float) -> float:
    """Return the angle in rad, 0 to 2 pi, by which `pulse` rotates the Bloch vector about its own axis.

    A train of the pulse rotates by a multiple of it. Decay and leakage are neglected.
    """
    unitary = _unitary(qubit, pulse, detuning_mhz)[:2, :2]
    unitary = unitary / np.sqrt(np.linalg.det(unitary))
    scalar = float(np.trace(unitary).real) / 2
    along_x = -float((unitary[0, 1] + unitary[1, 0]).imag) / 2
    along_y = float((unitary[1, 0] - unitary[0, 1]).real) / 2
    along_z = float((unitary[1, 1] - unitary[0, 0]).imag) / 2
    # The root has two signs; a pulse of positive amplitude rotates about an axis near +x.
    return 2 * math.atan2(math.hypot(along_x, along_y, along_z), math.copysign(scalar, scalar * along_x))


def true_amplitude(qubit: QubitTruth, pulse: Pulse, *, angle_rad: float, detuning_mhz: float) -> float:
    """Return the amplitude at which a pulse of the length and DRAG coefficient of `pulse` rotates by exactly
    `angle_rad`.
    """
    # A raised cosine has half the area of a rectangle of the same peak.
    start = angle_rad / (math.pi * pulse.length_ns * 1e-3 * qubit.drive.rabi_per_amplitude_mhz)
    trial = replace(pulse, amplitude=start)
    for _ in range(_STEPS):
        angle = turned_angle(qubit, trial, detuning_mhz=detuning_mhz)
        # The angle is nearly proportional to the amplitude, so each step gains a factor of ten or more.
        trial = replace(trial, amplitude=trial.amplitude * angle_rad / angle)
        if abs(angle / angle_rad - 1) < _CLOSE:
            break
    return trial.amplitude


def true_beta(qubit: QubitTruth, pulse: Pulse, *, detuning_mhz: float) -> float:
    """Return the DRAG coefficient in ns at which the opposite pulse cancels `pulse` best: the null of its
    phase error.

    What a pair of them leaves in |1> is, as an amplitude, linear in the coefficient; Gauss-Newton finds its
    least size.
    """
    beta = -500 / (math.pi * qubit.anharmonicity_ghz * 1e3) / 2
    for _ in range(_STEPS):
        here, near = (
            _left_by_pair(qubit, replace(pulse, beta_ns=beta + step), detuning_mhz)
            for step in (0.0, _SMALL_BETA_NS)
        )
        slope = (near - here) / _SMALL_BETA_NS
        step_ns = (slope.conjugate() * here).real / abs(slope) ** 2
        beta -= step_ns
        if abs(step_ns) < _CLOSE:
            break
    return float(beta)


def _left_by_pair(qubit: QubitTruth, pulse: Pulse, detuning_mhz: float) -> complex:
    positive = _unitary(qubit, pulse, detuning_mhz)
    pair = _FLIP @ positive @ _FLIP @ positive
    return complex(pair[1, 0] / pair[0, 0])


def _unitary(qubit: QubitTruth, pulse: Pulse, detuning_mhz: float) -> Complexes:
    return qubit.drive.unitary(
        pulse, detuning_mhz=detuning_mhz, anharmonicity_mhz=qubit.anharmonicity_ghz * 1e3
    )

"""Pulse trains on three levels, with the true angles, amplitudes and DRAG coefficients.

Populations are returned for a start in |0> and in |1>; leaked population is read as 1.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.levels import basis_state, excited_population, rotate_channel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.chip import QubitTruth
    from qdash_tasks.laboratory.pulses import Pulse

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

_STEPS = 6
_CLOSE = 1e-6
"""Tolerance of an amplitude (relative), or of a coefficient (ns)."""
_SMALL_BETA_NS = 0.02
_FLIP = np.diag([1.0, -1.0, 1.0])
"""``exp(i pi n)``: conjugation by it reverses the sign of a pulse."""


def train_populations(
    counts: NDArray[np.intp], channel: Complexes, *, first: Complexes | None = None
) -> tuple[Floats, Floats]:
    """Return excited populations after pulse trains, each of shape (n,).

    Counts may be in any order, shape (n,); a pulse, and a `first` one before the train, are superoperators, shape (9, 9).
    """
    start = _list_starts() if first is None else first @ _list_starts()
    states = np.tile(start, (counts.size, 1, 1))
    power = channel
    for bit in range(int(counts.max()).bit_length()):
        power = power @ power if bit else power
        # Each train is a product of powers, as the binary digits of its number of pulses.
        chosen = (counts >> bit) % 2 == 1
        states[chosen] = power @ states[chosen]
    return _compute_excited(states)


def drag_populations(channels: Complexes, repetitions: int) -> tuple[Floats, Floats]:
    """Return excited populations after repeated pairs of opposite pulses, each of shape (n,).

    The superoperators are those of the positive pulse at each DRAG coefficient, shape (n, 9, 9).
    """
    power = rotate_channel(channels, math.pi) @ channels
    states = _list_starts()
    for bit in range(repetitions.bit_length()):
        power = power @ power if bit else power
        if repetitions >> bit & 1:
            states = power @ states
    return _compute_excited(states)


def _list_starts() -> Complexes:
    """Return both start states, shape (9, 2)."""
    return np.stack([basis_state(0), basis_state(1)], axis=-1)


def _compute_excited(states: Complexes) -> tuple[Floats, Floats]:
    """Return excited populations of states (n, 9, 2) for both starts, each of shape (n,)."""
    excited = excited_population(states.swapaxes(-1, -2))
    return excited[..., 0], excited[..., 1]


def compute_rotation_angle(qubit: QubitTruth, pulse: Pulse, *, detuning_mhz: float) -> float:
    """Return the rotation angle of the Bloch vector about the pulse's axis, 0 to 2 pi.

    Decay and leakage are neglected.
    """
    unitary = _compute_unitary(qubit, pulse, detuning_mhz)[:2, :2]
    unitary = unitary / np.sqrt(np.linalg.det(unitary))
    scalar = float(np.trace(unitary).real) / 2
    along_x = -float((unitary[0, 1] + unitary[1, 0]).imag) / 2
    along_y = float((unitary[1, 0] - unitary[0, 1]).real) / 2
    along_z = float((unitary[1, 1] - unitary[0, 0]).imag) / 2
    # The square root of the determinant has two signs. A pulse of positive amplitude rotates about an axis near +x.
    return 2 * math.atan2(math.hypot(along_x, along_y, along_z), math.copysign(scalar, scalar * along_x))


def find_true_amplitude(qubit: QubitTruth, pulse: Pulse, *, angle_rad: float, detuning_mhz: float) -> float:
    """Return the amplitude at which a pulse of this length and DRAG coefficient rotates by `angle_rad`."""
    # A raised cosine has half the area of a rectangle of the same peak.
    start = angle_rad / (math.pi * pulse.length_ns * 1e-3 * qubit.drive.rabi_per_amplitude_mhz)
    trial = replace(pulse, amplitude=start)
    for _ in range(_STEPS):
        angle = compute_rotation_angle(qubit, trial, detuning_mhz=detuning_mhz)
        # The angle is nearly proportional to the amplitude: each step reduces the error by a factor of ten or more.
        trial = replace(trial, amplitude=trial.amplitude * angle_rad / angle)
        if abs(angle / angle_rad - 1) < _CLOSE:
            break
    return trial.amplitude


def find_true_beta(qubit: QubitTruth, pulse: Pulse, *, detuning_mhz: float) -> float:
    """Return the DRAG coefficient in ns without phase error: the opposite pulse then cancels `pulse` best.

    Gauss-Newton steps minimise the amplitude of |1> after both pulses, which is nearly linear in the coefficient.
    """
    beta = -500 / (math.pi * qubit.anharmonicity_ghz * 1e3) / 2
    for _ in range(_STEPS):
        here, near = (
            _compute_pair_error_amplitude(qubit, replace(pulse, beta_ns=beta + step), detuning_mhz)
            for step in (0.0, _SMALL_BETA_NS)
        )
        slope = (near - here) / _SMALL_BETA_NS
        step_ns = (slope.conjugate() * here).real / abs(slope) ** 2
        beta -= step_ns
        if abs(step_ns) < _CLOSE:
            break
    return float(beta)


def _compute_pair_error_amplitude(qubit: QubitTruth, pulse: Pulse, detuning_mhz: float) -> complex:
    """Return the amplitude of |1> relative to |0> after a pulse and its opposite, from |0>."""
    positive = _compute_unitary(qubit, pulse, detuning_mhz)
    pair = _FLIP @ positive @ _FLIP @ positive
    return complex(pair[1, 0] / pair[0, 0])


def _compute_unitary(qubit: QubitTruth, pulse: Pulse, detuning_mhz: float) -> Complexes:
    return qubit.drive.unitary(
        pulse, detuning_mhz=detuning_mhz, anharmonicity_mhz=qubit.anharmonicity_ghz * 1e3
    )

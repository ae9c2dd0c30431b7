"""Two coupled transmons with one drive: levels, dressed states, Hamiltonian.

Four levels of the control and three of the target, in the frame that rotates with the tone (rotating-wave approximation)::

    H/h = sum_q [w_q n_q + a_q n_q (n_q - 1) / 2] + J (c^+ t + c t^+) + (z_c c^+ + z_t t^+ + h.c.) / 2

with the bare frequencies w, anharmonicities a, exchange J and complex drives z, all in MHz. Matrices are in the basis of
the undriven pair's dressed states, ordered by the bare states with the largest overlap: index ``3 n_control + n_target``.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.chip import ChipTruth, CouplingTruth, QubitTruth
    from qdash_tasks.laboratory.pulses import CrossResonanceTone

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

CONTROL_LEVELS, TARGET_LEVELS = 4, 3
SIZE = CONTROL_LEVELS * TARGET_LEVELS
LARGEST_DRIVE_MHZ, LARGEST_SHARE = 80.0, 0.5
"""Largest drives of the control for which exchanges are drawn: absolute, and as a share of the qubits'
detuning.
"""

COMPUTATIONAL = np.array([0, 1, TARGET_LEVELS, TARGET_LEVELS + 1])
"""Indices of |00>, |01>, |10>, |11>, control first."""

CONTROL_NUMBER = np.repeat(np.arange(CONTROL_LEVELS), TARGET_LEVELS)
TARGET_NUMBER = np.tile(np.arange(TARGET_LEVELS), CONTROL_LEVELS)

_CONTROL = np.kron(np.diag(np.sqrt(np.arange(1.0, CONTROL_LEVELS)), 1), np.eye(TARGET_LEVELS))
_TARGET = np.kron(np.eye(CONTROL_LEVELS), np.diag(np.sqrt(np.arange(1.0, TARGET_LEVELS)), 1))
_EXCHANGE = _CONTROL.T @ _TARGET + _CONTROL @ _TARGET.T


class Drives(NamedTuple):
    """Complex Rabi frequencies (MHz) of a tone on control and target, ``z b^+ / 2 + h.c.``."""

    control: complex
    target: complex


class DressedPair(NamedTuple):
    """Dressed states of an undriven pair.

    Energies, shape (12,), are in the frame that turns with the target's frequency; lowering operators are in the basis
    of the dressed states, shape (12, 12).
    """

    energies_mhz: Floats
    control: Floats
    target: Floats

    def drive(self, drives: Drives) -> Complexes:
        """Return the Hamiltonian of a tone in MHz, shape (12, 12)."""
        raising = drives.control * self.control.T + drives.target * self.target.T
        return np.asarray((raising + raising.conj().T) / 2)

    def energies_at(self, detuning_mhz: float) -> Floats:
        """Return the energies in the frame of a tone, the target `detuning_mhz` above it, shape (12,)."""
        return np.asarray(self.energies_mhz + detuning_mhz * (CONTROL_NUMBER + TARGET_NUMBER))

    @property
    def static_zz_mhz(self) -> float:
        """Static ZZ of the undriven pair: f11 - f10 - f01 + f00."""
        ground, target, control, both = self.energies_mhz[COMPUTATIONAL]
        return float(both - control - target + ground)


@dataclass(frozen=True, slots=True)
class Transmons:
    """Parameters that determine the levels of a pair, all in MHz.

    `detuning_mhz` is f_control - f_target, both dressed, the other qubit in |0>.
    """

    detuning_mhz: float
    control_anharmonicity_mhz: float
    target_anharmonicity_mhz: float
    exchange_mhz: float

    @property
    def dressed(self) -> DressedPair:
        """Levels of the undriven pair."""
        return _diagonalise(self)


@dataclass(frozen=True, slots=True)
class Pair:
    """Coupling in one direction."""

    control: QubitTruth
    target: QubitTruth
    coupling: CouplingTruth

    @property
    def transmons(self) -> Transmons:
        """Parameters that determine the levels."""
        return make_transmons(self.control, self.target, self.coupling.exchange_mhz)

    @property
    def _direction(self) -> int:
        return 0 if self.control.qid == self.coupling.a else 1

    @property
    def line_phase_rad(self) -> float:
        """Phase of a tone on the control's line relative to the target's X."""
        return self.coupling.line_phases_rad[self._direction]

    @property
    def crosstalk(self) -> complex:
        """Crosstalk of the control's line on the target, relative to the same tone on the target's line."""
        size = self.target.crosstalk[self.control.qid][0]
        return cmath.rect(size, self.line_phase_rad + self.coupling.crosstalk_phases_rad[self._direction])

    @property
    def crosstalk_back(self) -> complex:
        """Crosstalk of the target's line on the control, relative to the same tone on the control's line."""
        size = self.control.crosstalk[self.target.qid][0]
        return cmath.rect(size, self.coupling.crosstalk_phases_rad[1 - self._direction])

    def drives(self, tone: CrossResonanceTone) -> Drives:
        """Return the drives of control and target by the flat part of a tone, clipped at full scale."""
        # A dead line emits nothing, so there is no crosstalk on the target either.
        amplitude = 0.0 if self.control.drive.dead else min(tone.amplitude, 1.0)
        control, target = self.control.drive, self.target.drive
        emitted = float(control.emit(amplitude)) * self.coupling.tone_gain
        played = cmath.rect(emitted, control.phase_sign * tone.phase_rad)
        on_target = cmath.rect(tone.cancel_amplitude, target.phase_sign * tone.cancel_phase_rad)
        on_target += tone.rotary_amplitude
        on_target *= float(target.emit(min(abs(on_target), 1.0))) / abs(on_target) if on_target else 1.0
        back = 0.0 if target.dead else on_target * self.crosstalk_back
        return Drives(
            control=control.rabi_per_amplitude_mhz * (played * cmath.exp(1j * self.line_phase_rad) + back),
            target=target.rabi_per_amplitude_mhz * (on_target + played * self.crosstalk),
        )


def make_pair(chip: ChipTruth, coupling_id: str, control_qid: str) -> Pair:
    """Return a coupling of a chip in the direction with that control."""
    coupling = chip.couplings[coupling_id]
    target_qid = coupling.b if control_qid == coupling.a else coupling.a
    return Pair(chip.qubits[control_qid], chip.qubits[target_qid], coupling)


def make_transmons(control: QubitTruth, target: QubitTruth, exchange_mhz: float) -> Transmons:
    """Return the level parameters of two qubits with this exchange."""
    return Transmons(
        detuning_mhz=(control.frequency_ghz - target.frequency_ghz) * 1e3,
        control_anharmonicity_mhz=control.anharmonicity_ghz * 1e3,
        target_anharmonicity_mhz=target.anharmonicity_ghz * 1e3,
        exchange_mhz=exchange_mhz,
    )


def largest_drive_mhz(control: QubitTruth, target: QubitTruth) -> float:
    """Return the largest drive of the control for which exchanges are drawn, limited by full scale of the line."""
    distance = abs(control.frequency_ghz - target.frequency_ghz) * 1e3
    return min(LARGEST_SHARE * distance, LARGEST_DRIVE_MHZ, control.drive.rabi_mhz(1.0))


@lru_cache(maxsize=4096)
def _diagonalise(transmons: Transmons) -> DressedPair:
    control, target = compute_bare_mhz(transmons.detuning_mhz, transmons.exchange_mhz)
    number = np.diag(
        control * CONTROL_NUMBER
        + transmons.control_anharmonicity_mhz * CONTROL_NUMBER * (CONTROL_NUMBER - 1) / 2
        + target * TARGET_NUMBER
        + transmons.target_anharmonicity_mhz * TARGET_NUMBER * (TARGET_NUMBER - 1) / 2
    )
    energies, states = np.linalg.eigh(number + transmons.exchange_mhz * _EXCHANGE)
    # Each bare state is assigned one dressed state, with the largest total overlap: correct in collisions
    # too.
    order = _assign(states**2)
    states = states[:, order]
    states = states * np.where(np.diag(states) < 0, -1.0, 1.0)
    return DressedPair(energies[order], states.T @ _CONTROL @ states, states.T @ _TARGET @ states)


def _assign(overlaps: Floats) -> NDArray[np.intp]:
    """Return one column for each row, with the largest total."""
    likeliest: NDArray[np.intp] = np.argmax(overlaps, axis=1)
    if np.unique(likeliest).size == likeliest.size:
        return likeliest
    from scipy.optimize import linear_sum_assignment  # slow to import, and only near collisions needed

    return np.asarray(linear_sum_assignment(-overlaps)[1])


def compute_bare_mhz(detuning_mhz: float, exchange_mhz: float) -> tuple[float, float]:
    """Return the bare frequencies of two qubits, relative to the second's dressed one.

    `detuning_mhz` is the dressed frequency of the first minus the second. Level repulsion keeps these at least 2 J
    apart; qubits with a smaller stated distance share their excitation equally.
    """
    bare = math.sqrt(max(detuning_mhz**2 - 4 * exchange_mhz**2, (1e-6 * exchange_mhz) ** 2))
    bare = math.copysign(bare, detuning_mhz)
    return (detuning_mhz + bare) / 2, (detuning_mhz - bare) / 2

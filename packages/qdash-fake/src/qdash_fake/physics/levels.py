"""Three levels of a transmon: density matrices as vectors, and their free evolution.

A density matrix is the vector of length 9 of its rows, ``v[3 i + j] = <i|rho|j>``; a superoperator is a (9,
9) matrix that acts on it. The frame turns with the drive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

_POPULATIONS = np.array([0, 4, 8])

_PAULI = np.zeros((4, 9), dtype=np.complex128)
_PAULI[0, [0, 4]] = 1.0
_PAULI[1, [1, 3]] = 1.0
_PAULI[2, [1, 3]] = 1j, -1j
_PAULI[3, [0, 4]] = 1.0, -1.0


@dataclass(frozen=True, slots=True)
class Levels:
    """Free evolution of three levels.

    |1> falls to |0> and is excited from it so that populations approach `thermal_population` with `t1_us`; |2> falls to
    |1> twice as fast. The two steps are independent jumps. Thermal excitation to |2>, 1e-3 at most, is left out. Pure
    dephasing goes with the square of the difference in number: |0>-|2> loses phase four times as fast.

    `t2_us` is the decay time of the |0>-|1> coherence by white noise, at most 2 T1; the anharmonicity is f12 - f01.
    """

    anharmonicity_mhz: float
    t1_us: float
    t2_us: float
    thermal_population: float

    def energies_mhz(self, detuning_mhz: Floats | float) -> Floats:
        """Return the energies in the frame of a drive, the qubit `detuning_mhz` above it, shape (..., 3)."""
        first = np.asarray(detuning_mhz, dtype=np.float64)
        return np.stack([np.zeros_like(first), first, 2 * first + self.anharmonicity_mhz], axis=-1)

    def coherence_rates(self) -> Floats:
        """Return the decoherence rate (1/us) of each element of the density matrix, shape (3, 3), diagonal 0."""
        down = (1 - self.thermal_population) / self.t1_us
        leaving = np.array([self.thermal_population / self.t1_us, down, 2 / self.t1_us])
        dephasing = 1 / self.t2_us - 1 / (2 * self.t1_us)
        number = np.arange(3)
        rates: Floats = (
            np.add.outer(leaving, leaving) / 2 + dephasing * np.subtract.outer(number, number) ** 2
        )
        np.fill_diagonal(rates, 0.0)
        return rates

    def decay(self, time_us: float) -> Floats:
        """Return the superoperator of relaxation and dephasing alone, shape (9, 9); it commutes with the frame."""
        found = np.diag(np.exp(-self.coherence_rates().ravel() * time_us))
        found[np.ix_(_POPULATIONS, _POPULATIONS)] = make_relaxation(
            np.exp(-time_us / self.t1_us), self.thermal_population
        )
        return found

    def dissipator(self) -> Floats:
        """Return the generator of `decay`, in 1/us, shape (9, 9)."""
        found = np.diag(-self.coherence_rates().ravel())
        down, up = (1 - self.thermal_population) / self.t1_us, self.thermal_population / self.t1_us
        second = 2 / self.t1_us
        rates = np.array([[-up, down, 0.0], [up, -down, second], [0.0, 0.0, -second]])
        found[np.ix_(_POPULATIONS, _POPULATIONS)] = rates
        return found


def make_relaxation(left: Floats | float, thermal_population: float) -> Floats:
    """Return the relaxation matrix of three populations, shape (..., 3, 3).

    Rates: 2 -> 1 at 2/T1, and 1 <-> 0. The remaining inversion `left` is ``exp(-t / T1)``, shape (...).
    """
    kept = np.asarray(left, dtype=np.float64)
    lost = 1 - kept
    found = np.zeros((*kept.shape, 3, 3))
    found[..., 1, 0] = thermal_population * lost
    found[..., 0, 1] = (1 - thermal_population) * lost
    found[..., 0, 2], found[..., 2, 2] = (1 - thermal_population) * lost**2, kept**2
    for column in range(3):
        # Populations add up to one; each column lacks one entry.
        lacking = (0, 1, 1)[column]
        found[..., lacking, column] = 1 - found[..., :, column].sum(axis=-1)
    return found


def superoperator(unitary: Complexes) -> Complexes:
    """Return the superoperator of a unitary (..., 3, 3): ``rho -> U rho U^+``, shape (..., 9, 9)."""
    product = unitary[..., :, None, :, None] * unitary.conj()[..., None, :, None, :]
    return product.reshape(*unitary.shape[:-2], 9, 9)


def depolarising(kept: Floats | float) -> Floats:
    """Return the superoperator that shrinks the Bloch vector of |0> and |1> to `kept` (...), shape (..., 9, 9).

    A random Pauli operator and phase on |2>: coherences with |2> shrink to (1 + 3 kept) / 4, its population stays.
    """
    factor = np.asarray(kept, dtype=np.float64)
    found = np.zeros((*factor.shape, 9, 9))
    found[..., 0, 0] = found[..., 4, 4] = (1 + factor) / 2
    found[..., 0, 4] = found[..., 4, 0] = (1 - factor) / 2
    found[..., 8, 8] = 1.0
    for index in (1, 3):
        found[..., index, index] = factor
    for index in (2, 5, 6, 7):
        found[..., index, index] = (1 + 3 * factor) / 4
    return found


def rotate_channel(channel: Complexes, phase_rad: float) -> Complexes:
    """Return the channel of the same pulse with a phase, shape (..., 9, 9): conjugation by ``exp(i phase n)``."""
    number = np.arange(3)
    phases = np.exp(1j * phase_rad * np.subtract.outer(number, number).ravel())
    return np.asarray(channel * np.multiply.outer(phases, phases.conj()))


def basis_state(level: int) -> Complexes:
    """Return the density matrix of |level>, shape (9,)."""
    state = np.zeros(9, dtype=np.complex128)
    state[4 * level] = 1.0
    return state


def excited_population(state: Complexes) -> Floats:
    """Return the probability not to find |0> in states (..., 9), shape (...); leaked shots read as 1."""
    return np.asarray(1 - state[..., 0].real)


def populations(state: Complexes) -> Floats:
    """Return the populations of the three levels of states (..., 9), shape (..., 3)."""
    return np.asarray(state[..., _POPULATIONS].real)


def transfer_matrix(channel: Complexes) -> Floats:
    """Return the transfer matrix of a channel (..., 9, 9) on the qubit's (I, X, Y, Z), shape (..., 4, 4).

    The first row is the trace that remains in |0> and |1>. Z is +1 in |0>.
    """
    return np.asarray((_PAULI @ channel @ _PAULI.conj().T).real / 2)

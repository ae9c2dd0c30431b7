"""Pulses on two coupled qubits at the same time, as Pauli transfer matrices.

A matrix (16, 16) acts on ``(II, IX, IY, ..., ZZ)``, control first, each qubit in the frame of its drive. Its first row is
the trace that stays on the four basis states; what is missing has leaked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_fake.physics.levels import superoperator, transfer_matrix
from qdash_fake.physics.superoperators import pauli_transfer

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.physics.levels import Levels
    from qdash_tasks.laboratory.pulses import Pulse
    from qdash_tasks.laboratory.settings import Settings

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]


class Played(NamedTuple):
    """What is played on one qubit: its transfer matrix (4, 4), and its length."""

    channel: Floats
    length_us: float

    def then(self, later: Played) -> Played:
        """Return both, one after the other."""
        return Played(later.channel @ self.channel, self.length_us + later.length_us)


NOTHING = Played(np.eye(4), 0.0)


class Step(NamedTuple):
    """What is played on a pair: its transfer matrix (16, 16), and its length."""

    channel: Floats
    length_us: float

    def then(self, later: Step) -> Step:
        """Return both, one after the other."""
        return Step(later.channel @ self.channel, self.length_us + later.length_us)


NO_STEP = Step(np.eye(16), 0.0)


def z_turn(angle_rad: ArrayLike) -> Floats:
    """Transfer matrix of a turn about z (...), which a virtual Z makes exactly, shape (..., 4, 4)."""
    angle = np.asarray(angle_rad, dtype=np.float64)
    found = np.zeros((*angle.shape, 4, 4))
    found[..., 0, 0] = found[..., 3, 3] = 1.0
    found[..., 1, 1] = found[..., 2, 2] = np.cos(angle)
    found[..., 2, 1] = np.sin(angle)
    found[..., 1, 2] = -found[..., 2, 1]
    return found


@dataclass(frozen=True, slots=True)
class QubitPulses:
    """What one qubit of a pair plays and does by itself.

    Attributes
    ----------
    x90, x180
        The pulses in use.
    detuning_mhz
        Qubit minus drive frequency, the other qubit in |0>.
    """

    x90: Played
    x180: Played
    levels: Levels
    detuning_mhz: float

    @classmethod
    def of(
        cls, qubit: QubitTruth, settings: Settings, channel: Callable[[Pulse], Complexes] | None = None
    ) -> QubitPulses:
        """Return those of a qubit at its settings in use.

        Parameters
        ----------
        channel
            Gives the superoperator (9, 9) of a pulse where that is known already.
        """
        detuning_mhz = qubit.detuning_mhz(settings.drive_frequency_ghz)

        def played(pulse: Pulse) -> Played:
            found = (
                qubit.drive.channel(pulse, detuning_mhz=detuning_mhz, levels=qubit.levels)
                if channel is None
                else channel(pulse)
            )
            return Played(transfer_matrix(found), pulse.length_ns * 1e-3)

        return cls(played(settings.x90), played(settings.x180), qubit.levels, detuning_mhz)

    def turned_x90(self, phase_rad: float) -> Played:
        """Return the X90 played with a phase: half a right angle about (cos, sin, 0)."""
        return Played(z_turn(phase_rad) @ self.x90.channel @ z_turn(-phase_rad), self.x90.length_us)

    def reading(self, component: str) -> Played:
        """Return the pulse that turns X, Y or Z to where the readout sees it."""
        if component == "Z":
            return NOTHING
        return self.x90 if component == "Y" else self.turned_x90(-np.pi / 2)

    def waiting(self, time_us: float) -> Floats:
        """Transfer matrix of a wait, shape (4, 4)."""
        if not time_us:
            return np.eye(4)
        phases = np.exp(-2j * np.pi * self.levels.energies_mhz(self.detuning_mhz) * time_us)
        frame = superoperator(np.diag(phases))
        return transfer_matrix(frame @ self.levels.decay(time_us))


@dataclass(frozen=True, slots=True)
class PairPulses:
    """What two coupled qubits play and do by themselves.

    Attributes
    ----------
    zz_mhz
        Static ZZ: f11 - f10 - f01 + f00.
    """

    control: QubitPulses
    target: QubitPulses
    zz_mhz: float

    def together(self, control: Played = NOTHING, target: Played = NOTHING) -> Step:
        """Return what both play at the same time; who is done waits for the other.

        Half of the static ZZ of that time acts before, and half after it: right to second order in its small angle.
        """
        time_us = max(control.length_us, target.length_us)
        channel = np.kron(
            self.control.waiting(time_us - control.length_us) @ control.channel,
            self.target.waiting(time_us - target.length_us) @ target.channel,
        )
        half = self.interacting(time_us / 2)
        return Step(half @ channel @ half, time_us)

    def commanding(self, control: int, target: int) -> Step:
        """Return what is played to command a basis state: X180 where it is 1."""
        return self.together(
            self.control.x180 if control else NOTHING, self.target.x180 if target else NOTHING
        )

    def interacting(self, time_us: float) -> Floats:
        """Transfer matrix of the static ZZ, ``H/h = zz |11><11|``, shape (16, 16)."""
        return pauli_transfer(np.diag(np.exp([0, 0, 0, -2j * np.pi * self.zz_mhz * time_us])))

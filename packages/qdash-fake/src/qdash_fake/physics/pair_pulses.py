"""Simultaneous pulses on two coupled qubits, as Pauli transfer matrices.

A matrix (16, 16) acts on ``(II, IX, IY, ..., ZZ)``, control first, each qubit in the frame of its drive. Its
first row gives the population that remains in the four basis states; the rest has leaked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
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


class Motion(NamedTuple):
    """Ideal motion of a qubit during a pulse, or none: rotation by an angle about an axis at an azimuth in the xy plane."""

    length_us: float
    angle_rad: float
    phase_rad: float

    def excited_projector(self, times_us: Floats) -> Complexes:
        """Return |1><1| in the Heisenberg picture at times since the start of the pulse, shape (n, 2, 2)."""
        done = np.clip(times_us / self.length_us, 0.0, 1.0) if self.length_us else np.zeros_like(times_us)
        turned = self.angle_rad * (done - np.sin(2 * np.pi * done) / (2 * np.pi))
        along, across = np.cos(turned), 1j * np.sin(turned) * np.exp(-1j * self.phase_rad)
        rows = [np.stack([1 - along, across], axis=-1), np.stack([across.conj(), 1 + along], axis=-1)]
        return np.asarray(np.stack(rows, axis=-2) / 2)


class PlayedPulse(NamedTuple):
    """Pulse on one qubit, or no pulse, with its transfer matrix (4, 4); angle and phase as in `Motion`."""

    channel: Floats
    length_us: float
    angle_rad: float = 0.0
    phase_rad: float = 0.0

    @property
    def motion(self) -> Motion:
        """The ideal motion."""
        return Motion(self.length_us, self.angle_rad, self.phase_rad)


_TIME_POINTS = 32
"""Number of points in time for the interaction during pulses, which is then accurate to 1e-3."""

NO_PULSE = PlayedPulse(np.eye(4), 0.0)


class Step(NamedTuple):
    """Transfer matrix (16, 16) and length of one step of a program on a pair."""

    channel: Floats
    length_us: float

    def then(self, later: Step) -> Step:
        """Return this step followed by another one."""
        return Step(later.channel @ self.channel, self.length_us + later.length_us)


NO_STEP = Step(np.eye(16), 0.0)


def z_rotation(angle_rad: ArrayLike) -> Floats:
    """Return the transfer matrices of virtual z rotations by angles (...), shape (..., 4, 4)."""
    angle = np.asarray(angle_rad, dtype=np.float64)
    found = np.zeros((*angle.shape, 4, 4))
    found[..., 0, 0] = found[..., 3, 3] = 1.0
    found[..., 1, 1] = found[..., 2, 2] = np.cos(angle)
    found[..., 2, 1] = np.sin(angle)
    found[..., 1, 2] = -found[..., 2, 1]
    return found


@dataclass(frozen=True, slots=True)
class QubitPulses:
    """Pulses and free evolution of one qubit of a pair.

    `detuning_mhz` is qubit minus drive frequency, with the other qubit in |0>; `phase_sign` is that with which phases
    are played.
    """

    x90: PlayedPulse
    x180: PlayedPulse
    levels: Levels
    detuning_mhz: float
    phase_sign: int = 1

    @classmethod
    def from_qubit(
        cls, qubit: QubitTruth, settings: Settings, channel: Callable[[Pulse], Complexes] | None = None
    ) -> QubitPulses:
        """Return the pulses of a qubit at its settings in use.

        `channel` gives the superoperator (9, 9) of a pulse; None computes it here.
        """
        detuning_mhz = qubit.detuning_mhz(settings.drive_frequency_ghz)

        def played(pulse: Pulse, angle_rad: float) -> PlayedPulse:
            found = (
                qubit.drive.channel(pulse, detuning_mhz=detuning_mhz, levels=qubit.levels)
                if channel is None
                else channel(pulse)
            )
            return PlayedPulse(transfer_matrix(found), pulse.length_ns * 1e-3, angle_rad)

        x90, x180 = played(settings.x90, np.pi / 2), played(settings.x180, np.pi)
        return cls(x90, x180, qubit.levels, detuning_mhz, qubit.drive.phase_sign)

    def rotated_x90(self, phase_rad: float) -> PlayedPulse:
        """Return the X90 at a phase: a rotation by pi/2 about (cos, sin, 0)."""
        played_rad = self.phase_sign * phase_rad
        turned = z_rotation(played_rad) @ self.x90.channel @ z_rotation(-played_rad)
        return self.x90._replace(channel=turned, phase_rad=played_rad)

    def basis_change(self, component: str) -> PlayedPulse:
        """Return the pulse that rotates X, Y or Z onto the readout axis."""
        if component == "Z":
            return NO_PULSE
        return self.x90 if component == "Y" else self.rotated_x90(-np.pi / 2)

    def wait(self, time_us: float) -> Floats:
        """Return the transfer matrix of a wait, shape (4, 4)."""
        if not time_us:
            return np.eye(4)
        phases = np.exp(-2j * np.pi * self.levels.energies_mhz(self.detuning_mhz) * time_us)
        frame = superoperator(np.diag(phases))
        return transfer_matrix(frame @ self.levels.decay(time_us))


@dataclass(frozen=True, slots=True)
class PairPulses:
    """Pulses and free evolution of two coupled qubits, with static ZZ: f11 - f10 - f01 + f00."""

    control: QubitPulses
    target: QubitPulses
    zz_mhz: float

    def simultaneous(self, control: PlayedPulse = NO_PULSE, target: PlayedPulse = NO_PULSE) -> Step:
        """Return simultaneous pulses of both qubits, with static ZZ to first order; a wait follows the shorter one."""
        time_us = max(control.length_us, target.length_us)
        channel = np.kron(
            self.control.wait(time_us - control.length_us) @ control.channel,
            self.target.wait(time_us - target.length_us) @ target.channel,
        )
        return Step(channel @ zz_interaction(control, target, zz_mhz=self.zz_mhz, time_us=time_us), time_us)

    def preparation(self, control: int, target: int) -> Step:
        """Return the pulses that prepare a basis state: X180 for 1."""
        return self.simultaneous(
            self.control.x180 if control else NO_PULSE, self.target.x180 if target else NO_PULSE
        )


def zz_interaction(control: PlayedPulse, target: PlayedPulse, *, zz_mhz: float, time_us: float) -> Floats:
    """Return the transfer matrix (16, 16) of static ZZ as a step that precedes pulses on both qubits, read-only.

    First order in its angle: ``exp(-2 pi i zz int P(t) x Q(t) dt)`` for ``H/h = zz |11><11|``, with the projectors P
    and Q on |1> in the Heisenberg picture.
    """
    return _compute_interaction(control.motion, target.motion, zz_mhz, time_us)


@lru_cache(maxsize=256)
def _compute_interaction(control: Motion, target: Motion, zz_mhz: float, time_us: float) -> Floats:
    """Return the matrix of `zz_interaction`: a calibration plays a few pulses over and over."""
    times_us = (np.arange(_TIME_POINTS) + 0.5) / _TIME_POINTS * time_us
    both = np.einsum(
        "nij,nkl->ikjl", control.excited_projector(times_us), target.excited_projector(times_us)
    ).reshape(4, 4)
    angles, states = np.linalg.eigh(2 * np.pi * zz_mhz * time_us / _TIME_POINTS * both)
    found = pauli_transfer((states * np.exp(-1j * angles)) @ states.conj().T)
    found.flags.writeable = False
    return found

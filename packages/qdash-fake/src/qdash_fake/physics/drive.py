"""What a microwave pulse does: rotations of the Bloch vector, with the wrong angle and about the wrong axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.coherence import Coherence

    Floats = NDArray[np.float64]

SPECTROSCOPY_PULSE_US = 20.0
"""Length of the saturating pulse of a spectroscopy."""


@dataclass(frozen=True, slots=True)
class Drive:
    """The drive line of a qubit.

    Attributes
    ----------
    rabi_per_amplitude_mhz
        Rabi frequency at full scale.
    amplitude_spread
        Relative standard deviation of the amplitude between shots.
    pulse_error
        Average error of an X90 beyond wrong angle and axis, relaxation included; it shrinks the Bloch vector.
    faulty
        A drive that no calibration mends: its amplitude jumps about.
    """

    rabi_per_amplitude_mhz: float
    amplitude_spread: float
    pulse_error: float
    faulty: bool

    def rabi_mhz(self, amplitude: float) -> float:
        """Rabi frequency at that amplitude, on resonance."""
        return self.rabi_per_amplitude_mhz * amplitude

    def pulse(
        self, *, amplitude: float, length_ns: float, detuning_mhz: float, phase_rad: float = 0.0
    ) -> Floats:
        """Rotation of the Bloch vector by one rectangular pulse, shape (3, 3).

        In the frame of the drive the vector turns about (W cos p, W sin p, d), W the Rabi frequency and d the
        detuning of the qubit, both in cycles; amplitude spread and `pulse_error` shrink it (depolarising: an average
        error e of an X90 leaves 1 - 2e of the vector).
        """
        rabi = self.rabi_mhz(amplitude)
        axis = np.array([rabi * np.cos(phase_rad), rabi * np.sin(phase_rad), detuning_mhz])
        rotation = rotation_about(axis, length_ns * 1e-3)
        angle = 2 * np.pi * rabi * length_ns * 1e-3
        spread = np.exp(-((angle * self.amplitude_spread) ** 2) / 2)
        return np.asarray(rotation * spread * np.exp(-self._shrinking(angle)))

    def rabi_population(
        self, duration_us: Floats, *, amplitude: float, detuning_mhz: float, coherence: Coherence
    ) -> Floats:
        """Excited population after a pulse of that duration, starting in |0>.

        Generalised Rabi oscillation ``W^2 / W_eff^2 (1 - cos(2 pi W_eff t) envelope) / 2``. On resonance the rotating
        component decays at (1/T1 + 1/T2)/2, but never less than `pulse_error` says of each quarter turn, as in `pulse`; the
        spread of the amplitude makes the Gaussian part.
        """
        rabi = self.rabi_mhz(amplitude)
        effective = np.hypot(rabi, detuning_mhz)
        if effective == 0.0:
            return np.zeros_like(duration_us)
        turned = 2 * np.pi * duration_us
        rate = (1 / coherence.t1_us + 1 / coherence.t2_echo_us) / 2
        blurred = turned * self.amplitude_spread * rabi**2 / effective
        shrunk = np.maximum(rate * duration_us, self._shrinking(turned * rabi))
        envelope = np.exp(-shrunk - blurred**2 / 2)
        return np.asarray((rabi / effective) ** 2 * (1 - np.cos(turned * effective) * envelope) / 2)

    def _shrinking(self, angle_rad: Floats | float) -> Floats:
        """Minus the logarithm of what `pulse_error` leaves of the vector after a turn by that angle."""
        return np.asarray(-np.log(1 - 2 * min(self.pulse_error, 0.45)) * angle_rad / (np.pi / 2))


def rotation_about(axis_mhz: Floats, time_us: float) -> Floats:
    """Rotation matrix about `axis_mhz` at its length in cycles per microsecond (Rodrigues), shape (3, 3)."""
    rate = float(np.linalg.norm(axis_mhz))
    if rate == 0.0:
        return np.eye(3)
    x, y, z = axis_mhz / rate
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    angle = 2 * np.pi * rate * time_us
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross))


def saturation(detuning_mhz: Floats, *, rabi_mhz: float, coherence: Coherence, levels: int = 1) -> Floats:
    """Excited population after a long pulse, from the Bloch equations' steady state.

    ``P = S / (1 + S + (2 pi d / g2)^2) / 2`` with ``S = (2 pi W)^2 / (g1 g2)``: a line of full width
    ``g2 sqrt(1 + S) / pi``, broadened by power. A pulse of finite length blurs both rates; the jitter is taken as part
    of g2, because a Lorentzian is what a closed form can give.

    Parameters
    ----------
    detuning_mhz
        Drive minus transition, in MHz of the drive.
    rabi_mhz
        Rabi frequency of the transition.
    levels
        Photons of the transition: its phase runs, and dephases, that many times as fast as the drive's detuning.
    """
    g1 = 1 / coherence.t1_us + 1 / SPECTROSCOPY_PULSE_US
    g2 = levels * (1 / coherence.t2_echo_us + 2 * np.pi * coherence.jitter_mhz) + 1 / SPECTROSCOPY_PULSE_US
    power = (2 * np.pi * rabi_mhz) ** 2 / (g1 * g2)
    return np.asarray(power / (1 + power + (2 * np.pi * levels * detuning_mhz / g2) ** 2) / 2)

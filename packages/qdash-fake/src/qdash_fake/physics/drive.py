"""Effect of a shaped microwave pulse on three levels: angle and axis errors, leakage, decay."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.levels import depolarising, superoperator

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qdash_fake.physics.levels import Levels
    from qdash_tasks.laboratory.pulses import Pulse

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

_SEGMENTS = 4
"""Number of segments of a pulse, between which the levels decay (Strang splitting)."""

_SLICE_NS = 0.7
"""Longest slice with a constant drive."""

_FEW_NODES, _MANY_NODES, _LARGE_SPREAD = 2, 16, 0.05
"""Numbers of quadrature points of the average over amplitudes, and the spread above which the larger one is used."""

_SETTLING_NS = 30.0
"""Time in which a distorted pulse settles."""

_NONE = 1e-12
"""Square of a Rabi frequency (MHz) that counts as zero."""


@dataclass(frozen=True, slots=True)
class Drive:
    """Drive line of a qubit.

    In the frame of the drive ``H/h = d n + a n (n - 1) / 2 + Wx (b + b^+) / 2 + i Wy (b^+ - b) / 2`` with the
    detuning d of the qubit, the anharmonicity a and the envelope (Wx, Wy), all in MHz. The optimal DRAG
    coefficient is positive for a transmon (a < 0).

    Attributes
    ----------
    rabi_per_amplitude_mhz
        Rabi frequency at full scale.
    amplitude_spread
        Relative standard deviation of the amplitude, drawn for each pulse.
    extra_error
        Average error of an X90 beyond relaxation, dephasing, wrong angle, axis and leakage: it depolarises.
    faulty
        Whether the drive cannot be calibrated: its amplitude jumps.
    dead
        Whether the line is open: `rabi_per_amplitude_mhz` is the remaining leakage, too small for any effect.
    saturation
        Largest amplitude that the generator emits (`emit`).
    distortion
        Deviation of the line's step response, ``1 + distortion (1 + i) exp(-t / 30 ns)``.
    mirrored
        Whether the generator plays phases with the other sign.
    untriggered
        Probability that a random sequence is not played.
    """

    rabi_per_amplitude_mhz: float
    amplitude_spread: float
    extra_error: float
    faulty: bool
    dead: bool = False
    saturation: float = math.inf
    distortion: float = 0.0
    mirrored: bool = False
    untriggered: float = 0.0

    def rabi_mhz(self, amplitude: float) -> float:
        """Return the Rabi frequency at that amplitude, on resonance."""
        return self.rabi_per_amplitude_mhz * float(self.emit(amplitude))

    def emit(self, amplitude: ArrayLike) -> Floats:
        """Return the emitted amplitudes, ``a / (1 + (a / s)^4)^(1/4)`` with the saturation s."""
        asked = np.asarray(amplitude, dtype=np.float64)
        return np.asarray(asked * _compress(np.abs(asked), self.saturation))

    def find_amplitude(self, rabi_mhz: float) -> float | None:
        """Return the amplitude with that Rabi frequency, or None if the generator does not reach it."""
        emitted = rabi_mhz / self.rabi_per_amplitude_mhz
        if emitted >= self.saturation:
            return None
        return float(emitted / (1 - (emitted / self.saturation) ** 4) ** 0.25)

    @property
    def phase_sign(self) -> int:
        """Sign with which phases are played."""
        return -1 if self.mirrored else 1

    @property
    def depolarisation_per_rad(self) -> float:
        """Shrinking rate e' of the Bloch vector per rotation angle by `extra_error` e, ``exp(-e' pi / 2) = 1 - 2 e``."""
        return -math.log(1 - 2 * min(self.extra_error, 0.45)) / (math.pi / 2)

    def channel(self, pulse: Pulse, *, detuning_mhz: float, levels: Levels) -> Complexes:
        """Return the superoperator of one pulse, shape (9, 9)."""
        return self.channels(
            pulse.amplitude,
            pulse.beta_ns,
            length_ns=pulse.length_ns,
            detuning_mhz=detuning_mhz,
            levels=levels,
        )

    def channels(
        self,
        amplitudes: ArrayLike,
        betas_ns: ArrayLike,
        *,
        length_ns: float,
        detuning_mhz: float,
        levels: Levels,
    ) -> Complexes:
        """Return superoperators of pulses of one length, averaged over the spread of the amplitude, shape (..., 9, 9).

        Amplitudes and betas are broadcast to (...).
        """
        amplitude, beta = np.broadcast_arrays(np.asarray(amplitudes, float), np.asarray(betas_ns, float))
        nodes, weights = _compute_amplitude_nodes(self.amplitude_spread)
        factors = nodes.reshape(-1, *(1,) * amplitude.ndim)
        steps, frame = _compute_evolution(
            self.rabi_per_amplitude_mhz * amplitude * factors,
            beta[None],
            drive=self,
            length_ns=length_ns,
            energies_mhz=levels.energies_mhz(detuning_mhz),
        )
        time_us = length_ns * 1e-3 / _SEGMENTS
        between, end = levels.decay(time_us), levels.decay(time_us / 2)
        maps = superoperator(steps)
        total = maps[..., 0, :, :] @ end
        for index in range(1, _SEGMENTS):
            total = maps[..., index, :, :] @ (between @ total)
        averaged = np.tensordot(weights, total, axes=1)
        angle = np.pi * self.rabi_per_amplitude_mhz * np.abs(self.emit(amplitude)) * length_ns * 1e-3
        shrunk = depolarising(np.exp(-self.depolarisation_per_rad * angle))
        return np.asarray(superoperator(frame) @ (shrunk @ end @ averaged))

    def unitary(self, pulse: Pulse, *, detuning_mhz: float, anharmonicity_mhz: float) -> Complexes:
        """Return the unitary of a pulse without decay, spread and extra error, shape (3, 3)."""
        first = detuning_mhz
        steps, frame = _compute_evolution(
            np.asarray(self.rabi_per_amplitude_mhz * pulse.amplitude),
            np.asarray(pulse.beta_ns),
            drive=self,
            length_ns=pulse.length_ns,
            energies_mhz=np.array([0.0, first, 2 * first + anharmonicity_mhz]),
        )
        return np.asarray(frame @ _multiply(steps))


def depolarisation_rate(
    depolarisation_per_rad: float, rabi_mhz: Floats | float, detuning_mhz: Floats | float
) -> Floats:
    """Return the depolarisation rate (1/us) of a rectangular pulse, shapes broadcast.

    Far from resonance the rate is that on resonance times the share ``W^2 / (W^2 + d^2)`` of the drive in the rotation
    axis.
    """
    square = np.square(rabi_mhz)
    share = square / np.maximum(square + np.square(detuning_mhz), _NONE)
    return np.asarray(2 * np.pi * depolarisation_per_rad * rabi_mhz * share)


@cache
def _compute_amplitude_nodes(spread: float) -> tuple[Floats, Floats]:
    """Return relative amplitudes and weights that average over a Gaussian spread (Gauss-Hermite).

    Two nodes are exact to fourth order in spread times angle.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(_MANY_NODES if spread > _LARGE_SPREAD else _FEW_NODES)
    return 1 + spread * nodes, weights / weights.sum()


def _compute_evolution(
    peak_mhz: Floats, beta_ns: Floats, *, drive: Drive, length_ns: float, energies_mhz: Floats
) -> tuple[Complexes, Complexes]:
    """Return the unitaries of segments of raised-cosine pulses in the interaction picture.

    Also returns the unitary that leads out of it, shape (3, 3); the segments have the shape (..., segments, 3, 3).

    Each slice is a kick in its middle. For an envelope with smooth ends the sum over slices is as accurate as the
    integral; the light shift that kicks lack is added (`_compute_missing_shift`). Terms of third order are neglected,
    1e-4 of the angle at 25 MHz.
    """
    per_segment = 2 ** max(math.ceil(math.log2(length_ns / (_SEGMENTS * _SLICE_NS))), 3)
    count = per_segment * _SEGMENTS
    middle = (np.arange(count) + 0.5) / count
    turn = 2 * np.pi * middle
    in_phase, slope = (1 - np.cos(turn)) / 2, np.pi / length_ns * np.sin(turn)
    played = peak_mhz[..., None] * (in_phase + 1j * drive.phase_sign * beta_ns[..., None] * slope)
    played = played * _compress(np.abs(played), drive.saturation * drive.rabi_per_amplitude_mhz)
    if drive.distortion:
        played = played + drive.distortion * _compute_tail(played, length_ns / count)
    slice_us = length_ns * 1e-3 / count
    phases = np.exp(2j * np.pi * np.multiply.outer(middle * length_ns * 1e-3, energies_mhz))
    shifted = (
        _compute_missing_shift(energies_mhz, slice_us) * np.abs(np.pi * played[..., None] * slice_us) ** 2
    )
    late = np.exp(-0.5j * shifted)
    kicks = _make_kick(np.pi * played * slice_us)
    kicks *= (phases * late)[..., :, None] * (phases.conj() * late)[..., None, :]
    kicks = kicks.reshape(*played.shape[:-1], _SEGMENTS, per_segment, 3, 3)
    return _multiply(kicks), np.diag(np.exp(-2j * np.pi * energies_mhz * length_ns * 1e-3))


def _compress(size: Floats, most: float) -> Floats | float:
    """Return the share of amplitudes that an amplifier with the largest amplitude `most` emits (Rapp's model, p = 2)."""
    return 1.0 if math.isinf(most) else np.asarray((1 + (size / most) ** 4) ** -0.25)


def _compute_tail(played: Complexes, slice_ns: float) -> Complexes:
    """Return what a step response with ``(1 + i) exp(-t / 30 ns)`` adds to an envelope (..., n)."""
    steps = np.diff(played, prepend=0.0, axis=-1)
    order = np.arange(played.shape[-1])
    since_ns = np.subtract.outer(order, order) * slice_ns
    kernel = np.where(since_ns >= 0, np.exp(-np.abs(since_ns) / _SETTLING_NS), 0.0)
    return np.asarray((1 + 1j) * steps @ kernel.T)


def _compute_missing_shift(energies_mhz: Floats, slice_us: float) -> Floats:
    """Return the correction per slice of the light shift of a kicked drive, per squared kick angle, shape (3,).

    Another level shifts one by ``|V|^2 / w``, w the difference of their energies; kicks at intervals t by ``|V|^2 (t/2)
    cot(w t / 2)``.
    """
    step = np.diff(energies_mhz) * 2 * np.pi * slice_us / 2
    # 1/x - cot(x), with its series where the difference cancels.
    small = np.abs(step) < 1e-3
    safe = np.where(small, 1.0, step)
    lack = np.where(small, step / 3, 1 / safe - 1 / np.tan(safe)) / 2
    lack *= np.array([1.0, 2.0])
    return np.array([-lack[0], lack[0] - lack[1], lack[1]])


def _make_kick(angle: Complexes) -> Complexes:
    """Return ``exp(-i (z* b + z b^+))`` on three levels for complex z (...), shape (..., 3, 3).

    The generator G fulfils ``G^3 = 3 |z|^2 G``, which closes the series.
    """
    size = math.sqrt(3) * np.abs(angle)
    once = -1j * angle * np.sinc(size / np.pi)
    twice = -0.5 * (angle * np.sinc(size / (2 * np.pi))) ** 2
    diagonal = -np.abs(twice)
    root = math.sqrt(2)
    found = np.empty((*angle.shape, 3, 3), dtype=np.complex128)
    found[..., 0, 0], found[..., 1, 1], found[..., 2, 2] = 1 + diagonal, 1 + 3 * diagonal, 1 + 2 * diagonal
    found[..., 1, 0], found[..., 0, 1] = once, -once.conj()
    found[..., 2, 1], found[..., 1, 2] = root * once, -root * once.conj()
    found[..., 2, 0], found[..., 0, 2] = root * twice, root * twice.conj()
    return found


def _multiply(steps: Complexes) -> Complexes:
    """Return the product of unitaries (..., n, 3, 3) in time order, shape (..., 3, 3); n is a power of two."""
    while steps.shape[-3] > 1:
        steps = steps[..., 1::2, :, :] @ steps[..., ::2, :, :]
    return np.asarray(steps[..., 0, :, :])

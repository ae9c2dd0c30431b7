"""Superoperators of one pulse on three levels in the frame of its frequency, cached for equal pulses.

The phase and the start of a pulse are rotations of the frame, which the caller applies.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_fake.physics.drive import depolarisation_rate
from qdash_fake.physics.levels import depolarising, superoperator
from qdash_fake.pulse_level.shot_variations import make_gaussian_quadrature

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.physics.levels import Levels
    from qdash_fake.physics.mismatch import Mismatch
    from qdash_tasks.laboratory.program import Waveform

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

_SLICES = 8
"""Number of slices of a segment; the levels decay between segments (Strang splitting)."""
_TURN_RAD = 0.5
"""Largest phase per slice due to the energies of the levels and the drive."""
_LONGEST_SEGMENT_NS = 3.0
_SMALL_TURN_RAD = 0.1
"""Phase of the largest frequency shift over a pulse, below which its superoperator is a parabola in the shift, within 1e-6."""
_LARGE_TURN_RAD, _LARGE_SPREAD = 3.0, 0.05
"""Standard deviation of a pulse's angle above which the amplitude spread damps oscillations strongly, and spread below which
first order in the amplitude is sufficient.
"""

_RAISING = np.diag([1.0, math.sqrt(2)], -1)
_LADDER = _RAISING + _RAISING.T


class DrivenQubit(NamedTuple):
    """Qubit parameters that determine the effect of a pulse. Hashable for caching."""

    levels: Levels
    amplitude_spread: float
    depolarisation_per_rad: float
    mismatch: Mismatch

    @classmethod
    def from_qubit(cls, qubit: QubitTruth) -> DrivenQubit:
        """Return the parameters of a qubit."""
        return cls(
            qubit.levels, qubit.drive.amplitude_spread, qubit.drive.depolarisation_per_rad, qubit.mismatch
        )


def compute_pulse_channels(
    driven: DrivenQubit, shape: Waveform, rabi_mhz: float, detuning_mhz: float, shifts_mhz: tuple[float, ...]
) -> Complexes:
    """Return the superoperators of a pulse with phase 0 for n frequency shifts of the qubit, shape (n, 9, 9).

    They are averaged over the amplitude. The Rabi frequency is that at the peak of the shape, the detuning qubit minus
    drive.
    """
    farthest = max(map(abs, shifts_mhz))
    if len(shifts_mhz) <= 3 or 2 * np.pi * farthest * shape.length_ns * 1e-3 > _SMALL_TURN_RAD:
        return _compute_channels(driven, shape, rabi_mhz, tuple(detuning_mhz + shift for shift in shifts_mhz))
    # Rounded up to a power of two, so that other programs can reuse the results.
    step = 2.0 ** math.ceil(math.log2(farthest))
    known = _compute_channels(
        driven, shape, rabi_mhz, (detuning_mhz - step, detuning_mhz, detuning_mhz + step)
    )
    at = np.array(shifts_mhz) / step
    parabola = np.stack([at * (at - 1) / 2, 1 - at**2, at * (at + 1) / 2], axis=-1)
    return np.tensordot(parabola, known, axes=1)


@lru_cache(maxsize=1024)
def _compute_channels(
    driven: DrivenQubit, shape: Waveform, rabi_mhz: float, detunings_mhz: tuple[float, ...]
) -> Complexes:
    factors, weights, blur = _compute_amplitudes(driven, shape, rabi_mhz)
    energies = driven.levels.energies_mhz(np.array(detunings_mhz))
    edge_ns = _get_edge_ns(shape)
    if not edge_ns:
        flat_ns = float(driven.mismatch.apply_droop(np.asarray(shape.length_ns)))
        total = _compute_flat(driven, rabi_mhz, detunings_mhz, tuple(factors), flat_ns, blur)
    elif 2 * edge_ns >= shape.length_ns:
        # A raised cosine has half the area of a rectangle of the same peak.
        angle_rad = np.pi * rabi_mhz * shape.length_ns * 1e-3
        total = _compute_shaped(driven, shape, rabi_mhz, factors, energies, (0.0, shape.length_ns))
        total = depolarising(math.exp(-driven.depolarisation_per_rad * angle_rad)) @ total
    else:
        fall_ns = shape.length_ns - edge_ns
        rise, fall = (
            _compute_shaped(driven, shape, rabi_mhz, factors, energies, span)
            for span in ((0.0, edge_ns), (fall_ns, shape.length_ns))
        )
        total = (
            fall
            @ _compute_flat(driven, rabi_mhz, detunings_mhz, tuple(factors), fall_ns - edge_ns, blur)
            @ rise
        )
    found = np.einsum("m,nmij->nij", weights, total)
    found.flags.writeable = False
    return np.asarray(found)


def _get_edge_ns(shape: Waveform) -> float:
    return {"square": 0.0, "cosine": shape.length_ns / 2, "flat_top": shape.edge_ns}[shape.shape]


def _compute_amplitudes(
    driven: DrivenQubit, shape: Waveform, rabi_mhz: float
) -> tuple[Floats, Floats, float]:
    """Return relative amplitudes, weights, and the spread, or 0, that `_compute_flat` still has to average."""
    angle_rad = 2 * np.pi * rabi_mhz * (shape.length_ns - _get_edge_ns(shape)) * 1e-3
    spread = driven.amplitude_spread
    if spread * angle_rad > _LARGE_TURN_RAD and spread < _LARGE_SPREAD:
        return np.ones(1), np.ones(1), spread
    points, weights = make_gaussian_quadrature(spread * angle_rad)
    return 1 + spread * points, weights, 0.0


def _compute_flat(
    driven: DrivenQubit,
    rabi_mhz: float,
    detunings_mhz: tuple[float, ...],
    factors: tuple[float, ...],
    length_ns: float,
    blur: float,
) -> Complexes:
    """Return the superoperators of a constant drive from the modes of the master equation, shape (n, m, 9, 9).

    An amplitude spread `blur` damps a mode of frequency w by ``exp(-(t blur dw/dlnA)^2 / 2)``, as in `physics.rabi`.
    """
    rates, slopes, modes, inverse = _compute_modes(driven, rabi_mhz, detunings_mhz, factors)
    time_us = length_ns * 1e-3
    evolved = np.exp(rates * time_us - (slopes * blur * time_us) ** 2 / 2)
    return np.asarray((modes * evolved[..., None, :]) @ inverse)


@lru_cache(maxsize=64)
def _compute_modes(
    driven: DrivenQubit, rabi_mhz: float, detunings_mhz: tuple[float, ...], factors: tuple[float, ...]
) -> tuple[Complexes, Floats, Complexes, Complexes]:
    """Return rates (1/us), their slopes, modes and inverse modes of the master equation under a constant drive.

    A slope is the derivative of a mode's frequency (rad/us) by the logarithm of the amplitude.
    """
    energies = driven.levels.energies_mhz(np.array(detunings_mhz))
    levels = (energies[:, :, None] * np.eye(3))[:, None]
    drive = rabi_mhz / 2 * np.array(factors)[:, None, None] * _LADDER
    turning = _make_commutator(drive)
    generator = _make_commutator(levels) + turning + driven.levels.dissipator()
    lost = depolarisation_rate(
        driven.depolarisation_per_rad, rabi_mhz * np.array(factors), np.array(detunings_mhz)[:, None]
    )
    generator += lost[..., None, None] * (depolarising(0.0) - depolarising(1.0))
    rates, modes = np.linalg.eig(generator)
    inverse = np.linalg.inv(modes)
    slopes = np.einsum("...ij,...ji->...i", inverse, turning @ modes).imag
    return rates, slopes, modes, inverse


def _make_commutator(hamiltonian_mhz: Floats) -> Complexes:
    """Return ``-2 pi i [H, .]`` in 1/us for real Hamiltonians (..., 3, 3) in MHz, shape (..., 9, 9)."""
    unity = np.eye(3)
    found = np.einsum("...ij,kl->...ikjl", hamiltonian_mhz, unity)
    found = found - np.einsum("...kl,ij->...ikjl", hamiltonian_mhz, unity)
    return np.asarray(-2j * np.pi * found.reshape(*hamiltonian_mhz.shape[:-2], 9, 9))


def _compute_shaped(
    driven: DrivenQubit,
    shape: Waveform,
    rabi_mhz: float,
    factors: Floats,
    energies_mhz: Floats,
    span_ns: tuple[float, float],
) -> Complexes:
    """Return the superoperators of a part of a shaped pulse, shape (n, m, 9, 9)."""
    return integrate(
        lambda times_ns: rabi_mhz * shape.at(times_ns),
        span_ns,
        fastest_mhz=rabi_mhz,
        factors=factors,
        energies_mhz=energies_mhz,
        levels=driven.levels,
    )


def integrate(
    wave: Callable[[Floats], Complexes],
    span_ns: tuple[float, float],
    *,
    fastest_mhz: float,
    factors: Floats,
    energies_mhz: Floats,
    levels: Levels,
) -> Complexes:
    """Return the superoperators of a smooth drive, with a fourth-order Magnus expansion per slice, shape (n, m, 9, 9).

    `wave` gives the complex Rabi frequency in MHz at times in ns, in the frame of the energies, shape (n, 3); `factors`
    are relative amplitudes, shape (m,). `fastest_mhz` is the largest frequency besides the differences of the energies.
    """
    begin_ns, end_ns = span_ns
    length_ns = end_ns - begin_ns
    fastest = 2e-3 * np.pi * (float(np.abs(np.diff(energies_mhz)).max()) + fastest_mhz)
    segments = math.ceil(
        max(length_ns * fastest / (_TURN_RAD * _SLICES), length_ns / _LONGEST_SEGMENT_NS, 1.0)
    )
    step_ns = length_ns / (segments * _SLICES)
    middle: Floats = np.linspace(begin_ns, end_ns, segments * _SLICES, endpoint=False) + step_ns / 2
    off = step_ns / (2 * math.sqrt(3))
    first, second = (
        _make_hamiltonians(wave(middle + sign * off), factors, energies_mhz) for sign in (-1.0, 1.0)
    )
    unitary = _propagate_slices(first, second, step_ns * 1e-3)
    maps = superoperator(
        _multiply(unitary.reshape(energies_mhz.shape[0], factors.size, segments, _SLICES, 3, 3))
    )
    time_us = length_ns * 1e-3 / segments
    between, end = levels.decay(time_us), levels.decay(time_us / 2)
    total = maps[..., 0, :, :] @ end
    for index in range(1, segments):
        total = maps[..., index, :, :] @ (between @ total)
    return np.asarray(end @ total)


def _make_hamiltonians(wave_mhz: Complexes, factors: Floats, energies_mhz: Floats) -> Complexes:
    """Return Hamiltonians in MHz, shape (n, m, slices, 3, 3)."""
    raised = np.multiply.outer(factors, wave_mhz)[..., None, None] * _RAISING / 2
    driven = raised + raised.conj().swapaxes(-1, -2)
    return np.asarray(driven[None] + (energies_mhz[:, :, None] * np.eye(3))[:, None, None])


def _propagate_slices(first: Complexes, second: Complexes, step_us: float) -> Complexes:
    """Return the unitaries of slices from the Hamiltonians at both Gauss-Legendre points, to fourth order in the step."""
    apart = second @ first
    apart = apart - apart.conj().swapaxes(-1, -2)
    turns = np.pi * step_us * (first + second) - 1j * (math.sqrt(3) / 3 * (np.pi * step_us) ** 2) * apart
    angles, states = np.linalg.eigh(turns)
    return np.asarray((states * np.exp(-1j * angles)[..., None, :]) @ states.conj().swapaxes(-1, -2))


def _multiply(steps: Complexes) -> Complexes:
    """Return the product of matrices (..., n, 3, 3) in time order, n a power of two."""
    while steps.shape[-3] > 1:
        steps = steps[..., 1::2, :, :] @ steps[..., ::2, :, :]
    return np.asarray(steps[..., 0, :, :])

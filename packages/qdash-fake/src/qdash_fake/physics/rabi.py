"""Rectangular pulses on three levels: Rabi oscillations with detuning, decay and leakage."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.drive import depolarisation_rate
from qdash_fake.physics.levels import basis_state, depolarising

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.drive import Drive
    from qdash_fake.physics.levels import Levels

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

_LADDER = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, math.sqrt(2)], [0.0, math.sqrt(2), 0.0]])
"""``b + b^+`` on three levels."""


def rabi_populations(
    durations_us: Floats,
    *,
    drive: Drive,
    amplitude: Floats | float,
    detuning_mhz: Floats | float,
    levels: Levels,
) -> tuple[Floats, Floats]:
    """Return excited populations after rectangular pulses from |0> and |1>, each of shape (..., n).

    The relative amplitude varies between shots with the standard deviation `amplitude_spread`: a mode of frequency w is
    damped by ``exp(-(t spread dw/dlnA)^2 / 2)``, where dw/dlnA is of first order.

    Durations have the shape (n,); amplitude, in units of full scale, and detuning, qubit minus drive, are broadcast to
    (...).
    """
    detuning = np.asarray(detuning_mhz, dtype=np.float64)
    free = _make_generator(levels, detuning)
    turning = _make_drive_generator(drive, amplitude)
    rates, modes = np.linalg.eig(free + turning + _make_error_generator(drive, amplitude, detuning))
    inverse = np.linalg.inv(modes)
    slopes = np.einsum("...kj,...ji,...ik->...k", inverse, turning, modes).imag
    time = durations_us[:, None]
    blur = (slopes[..., None, :] * drive.amplitude_spread * time) ** 2 / 2
    evolved = np.exp(rates[..., None, :] * time - blur)
    starts = np.stack([basis_state(0), basis_state(1)], axis=-1)
    weights = modes[..., 0, :, None] * (inverse @ starts)
    excited = 1 - (evolved @ weights).real
    return excited[..., 0], excited[..., 1]


def _make_generator(levels: Levels, detuning_mhz: Floats) -> Complexes:
    """Return the generator (1/us) of the master equation without a drive, shape (..., 9, 9)."""
    energies = levels.energies_mhz(detuning_mhz)
    differences = energies[..., :, None] - energies[..., None, :]
    found = np.zeros((*differences.shape[:-2], 9, 9), dtype=np.complex128)
    index = np.arange(9)
    found[..., index, index] = -2j * np.pi * differences.reshape(*differences.shape[:-2], 9)
    found += levels.dissipator()
    return found


def _make_drive_generator(drive: Drive, amplitude: Floats | float) -> Complexes:
    """Return the drive part of the generator (1/us), per unit amplitude."""
    rabi = drive.rabi_per_amplitude_mhz * drive.emit(amplitude)[..., None, None]
    unity = np.eye(3)
    coupled = np.kron(_LADDER, unity) - np.kron(unity, _LADDER)
    return np.asarray(-1j * np.pi * rabi * coupled)


def _make_error_generator(drive: Drive, amplitude: Floats | float, detuning_mhz: Floats) -> Floats:
    """Return the part of the generator (1/us) due to the hidden error of the drive."""
    rate = depolarisation_rate(
        drive.depolarisation_per_rad, drive.rabi_per_amplitude_mhz * drive.emit(amplitude), detuning_mhz
    )
    return np.asarray(rate[..., None, None] * (depolarising(0.0) - depolarising(1.0)))

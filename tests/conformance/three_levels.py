"""Maps of pulses and idling on the density matrix of a three-level qubit, shape (9, 9), in the frame of the
qubit.

Exact except for slices of 1 ns: H/h = a n (n - 1) / 2 + (z b^+ + z* b) / 2 with z the wave on its line.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from qdash_tasks.laboratory.program import Waveform

ANHARMONICITY_GHZ = -0.2
LEVELS = np.arange(3.0)
DIAGONAL = [0, 4, 8]
_LOWER = np.diag(np.sqrt([1.0, 2.0]), 1).astype(complex)
_STEADY_AFTER = 128


@lru_cache(maxsize=4096)
def waited(time_ns: float, t1_us: float, t2_us: float, *, turns: bool = True) -> Any:
    """Return the map of idling: relaxation, dephasing, and the anharmonic phase of the third level."""
    time_us = max(time_ns, 0.0) * 1e-3
    left, pure = np.exp(-time_us / t1_us), 1 / t2_us - 0.5 / t1_us
    rho = np.zeros((3, 3, 3, 3), complex)
    for i in range(3):
        for j in range(3):
            angle = 2 * np.pi * 1e3 * ANHARMONICITY_GHZ * time_us * ((i == 2) - (j == 2)) * turns
            rho[i, j, i, j] = np.sqrt(left) ** (i + j) * np.exp(-pure * time_us * (i - j) ** 2 - 1j * angle)
    rho[0, 0, 1, 1], rho[0, 0, 2, 2], rho[1, 1, 2, 2] = 1 - left, (1 - left) ** 2, 2 * left * (1 - left)
    return rho.reshape(9, 9)


def pulsed(
    waveform: Waveform,
    rabi_ghz: float,
    off_ghz: float,
    *,
    phase_rad: float,
    start_ns: float,
    t1_us: float,
    t2_us: float,
) -> Any:
    """Return the map of a pulse of a generator `off_ghz` above the qubit."""
    still = _pulsed_by_generator(waveform, round(rabi_ghz, 12), round(off_ghz, 12), t1_us, t2_us)
    begin, end = (
        2 * np.pi * off_ghz * time_ns - phase_rad for time_ns in (start_ns, start_ns + waveform.length_ns)
    )
    return _turned(-end)[:, None] * still * _turned(begin)[None, :]


def in_one_shot_of_many(total: Any, *, interval_us: float | None, t1_us: float) -> Any:
    """Return the populations of the levels after a map, shape (3,), for consecutive shots, or from |0> if the
    interval is None.
    """
    # Coherences have decayed after the wait, so populations map to populations.
    flow = total[np.ix_(DIAGONAL, DIAGONAL)].real
    start = np.array([1.0, 0.0, 0.0])
    if interval_us is not None:
        left = np.exp(-interval_us / t1_us)
        back = np.array([[1, 1 - left, (1 - left) ** 2], [0, left, 2 * left * (1 - left)], [0, 0, left**2]])
        start = np.linalg.matrix_power(back @ flow, _STEADY_AFTER) @ start
    return (flow @ start).clip(0)


def _turned(angle_rad: float) -> Any:
    """Return the diagonal of a rotation about z."""
    levels = np.exp(1j * LEVELS * angle_rad)
    return np.outer(levels, levels.conj()).ravel()


@lru_cache(maxsize=4096)
def _pulsed_by_generator(
    waveform: Waveform, rabi_ghz: float, off_ghz: float, t1_us: float, t2_us: float
) -> Any:
    """Return the map of a pulse of phase 0 in the frame of its generator, with half of the decay before and
    half after it.
    """
    count = max(round(waveform.length_ns), 1)
    slice_ns = waveform.length_ns / count
    z = rabi_ghz * waveform.at((np.arange(count) + 0.5) * slice_ns)
    still = np.diag(-off_ghz * LEVELS + ANHARMONICITY_GHZ * LEVELS * (LEVELS - 1) / 2)
    energies = still + 0.5 * (z[:, None, None] * _LOWER.T + z.conj()[:, None, None] * _LOWER)
    values, vectors = np.linalg.eigh(energies)
    slices = (vectors * np.exp(-2j * np.pi * values * slice_ns)[:, None, :]) @ vectors.conj().swapaxes(1, 2)
    unitary = np.eye(3, dtype=complex)
    for one in slices:
        unitary = one @ unitary
    half = waited(waveform.length_ns / 2, t1_us, t2_us, turns=False)
    return half @ np.kron(unitary, unitary.conj()) @ half

"""Coherent evolution of a driven pair: raised-cosine edges in slices, the flat part by its eigenstates."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_fake.physics.pair import COMPUTATIONAL, CONTROL_NUMBER, SIZE, Drives, Transmons

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

RISE_NS = 28.0
"""Length of each edge of a cross-resonance tone. A control detuned by 50 MHz follows it adiabatically, unlike an edge of 20 ns."""
SLICES = 256
"""Slices of an edge: matrix elements are accurate to 2e-6 for drives up to 60 MHz."""
_FEWEST_SLICES = 16
"""Least number of slices of an edge of a short tone."""


class DrivenPair(NamedTuple):
    """Tone on a pair: levels, drive strengths, detuning of the target. Hashable for caching."""

    transmons: Transmons
    drives: Drives
    detuning_mhz: float


class _Edges(NamedTuple):
    """Evolution of both edges of a tone, and the energies (MHz) of its flat part.

    `rise` (12, 4) maps the computational states to the eigenstates of the flat part, `fall` (4, 12) maps back.
    """

    rise: Complexes
    fall: Complexes
    energies_mhz: Floats


def propagators(tone: DrivenPair, durations_us: Floats, frames_mhz: float) -> Complexes:
    """Return the evolution of the computational states during tones of n lengths, shape (n, 4, 4).

    Lengths include both edges. `frames_mhz` is the control's frame minus the target's, which is the tone's.
    """
    edge_us = RISE_NS * 1e-3
    found = np.empty((durations_us.size, 4, 4), dtype=np.complex128)
    long = durations_us >= 2 * edge_us
    rise, fall, energies = _propagate_edges(tone, edge_us, SLICES)
    turned = np.exp(-2j * np.pi * np.multiply.outer(durations_us[long] - 2 * edge_us, energies))
    found[long] = (fall * turned[:, None, :]) @ rise
    for index in np.flatnonzero(~long):
        short_us = float(durations_us[index]) / 2
        enough = 2 ** math.ceil(math.log2(max(SLICES * short_us / edge_us, _FEWEST_SLICES)))
        rise, fall, _ = _propagate_edges(tone, short_us, enough)
        found[index] = fall @ rise
    number = CONTROL_NUMBER[COMPUTATIONAL]
    frames = np.exp(2j * np.pi * frames_mhz * np.multiply.outer(durations_us, number))
    return np.asarray(frames[:, :, None] * found)


@lru_cache(maxsize=512)
def _propagate_edges(tone: DrivenPair, edge_us: float, slices: int) -> _Edges:
    dressed = tone.transmons.dressed
    undriven, drive = dressed.energies_at(tone.detuning_mhz), dressed.drive(tone.drives)
    energies, flat = np.linalg.eigh(np.diag(undriven) + drive)
    strengths, driven = np.linalg.eigh(drive)
    coarse, fine = (
        _propagate_slices(undriven, strengths, driven, edge_us / count, count)
        for count in (slices // 2, slices)
    )
    # The error is of second order in the length of a slice, so the difference of both removes it (Richardson).
    left, _, right = np.linalg.svd(fine + (fine - coarse) / 3)
    rise, fall = left @ right  # the nearest unitary matrices
    return _Edges((flat.conj().T @ rise)[:, COMPUTATIONAL], (fall @ flat)[COMPUTATIONAL], energies)


def _propagate_slices(
    undriven_mhz: Floats, strengths_mhz: Floats, driven: Complexes, slice_us: float, count: int
) -> Complexes:
    """Return the evolution of a rising and a falling raised-cosine edge, shape (2, 12, 12).

    Strang splitting: each slice is the drive, diagonal in its eigenbasis, between two halves of the undriven evolution.
    """
    rising = (1 - np.cos(np.pi * (np.arange(count) + 0.5) / count)) / 2
    kicks = np.exp(-2j * np.pi * slice_us * np.multiply.outer(rising, strengths_mhz))
    half = np.exp(-1j * np.pi * slice_us * undriven_mhz)
    between = (driven.conj().T * half**2) @ driven
    steps = kicks[:, :, None] * between
    both = np.stack([_multiply(steps), _multiply(steps[::-1])])
    # Every step has a full undriven evolution before its kick: remove half before the first, add half after the last.
    return np.asarray((half[:, None] * driven) @ both @ (driven.conj().T * half.conj()))


def _multiply(steps: Complexes) -> Complexes:
    """Return the product of matrices (n, 12, 12) in time order, n a power of two, shape (12, 12)."""
    while len(steps) > 1:
        steps = steps[1::2] @ steps[::2]
    return steps.reshape(SIZE, SIZE)

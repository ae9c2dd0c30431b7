"""Evolution of several coupled qubits under tones, in segments between which the qubits decay.

The frame rotates with the first tone; its phase is a rotation of the frame and is omitted here. The dependence on the
relative phase of a further tone is computed at equidistant phases (a ring) and represented by a Fourier series.

Each step is a fourth-order Magnus expansion (Blanes et al., Phys. Rep. 470, 151 (2009)), exponentiated by its eigenstates.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_fake.pulse_level.deferred_cache import DeferredCache
from qdash_fake.pulse_level.segments import Segment, iter_segments, make_amplitude_spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qdash_fake.pulse_level.circuit import Circuit
    from qdash_fake.pulse_level.slices import PlayedTones

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

_STEP_NS = 0.5
_RING = 8
"""Number of phases of each further tone: the terms of fourth order, the first omitted ones, are 3e-8."""
_LONGEST_ON_RING_NS = 200.0
_GAUSS = math.sqrt(3) / 6


class _PhaseSeries(NamedTuple):
    """Fourier series in the phases of further tones: coefficients (terms, ..., d, d) and orders (terms, tones)."""

    coefficients: Complexes
    orders: Floats


def unitaries(circuit: Circuit, played: PlayedTones, phases_rad: Sequence[float]) -> Complexes:
    """Return the evolutions in each segment of a slice, shape (segments, variants, d, d).

    Phases are those at the start of the slice, each in the frame of its own frequency. The variants represent the
    amplitude spread (`segments.make_amplitude_spread`).
    """
    if len(played.tones) == 1:
        return _has_one_tone(circuit, played)
    against = [phase_rad - phases_rad[0] for phase_rad in phases_rad[1:]]
    if played.length_ns > _LONGEST_ON_RING_NS:
        return _evolve(circuit, played, against)
    # Computing a ring takes as long as one use for each of its phases.
    series = _get_cache(circuit, played).count_use(
        lambda: _compute_series(circuit, played), after=_RING ** len(against)
    )
    if series is None:
        return _evolve(circuit, played, against)
    factors = np.exp(1j * series.orders @ against)
    # Without BLAS, whose threads would wait for each other longer than this takes.
    return np.asarray(np.einsum("i,i...->...", factors, series.coefficients))


@lru_cache(maxsize=512)
def _has_one_tone(circuit: Circuit, played: PlayedTones) -> Complexes:
    return (
        _compute_flat(circuit, played)
        if all(part.is_flat for part in played.tones[0].parts)
        else _evolve(circuit, played, ())
    )


@lru_cache(maxsize=16)
def _get_cache(circuit: Circuit, played: PlayedTones) -> DeferredCache[_PhaseSeries]:  # noqa: ARG001  of what
    return DeferredCache()


def _compute_series(circuit: Circuit, played: PlayedTones) -> _PhaseSeries:
    further = len(played.tones) - 1
    phases = 2 * np.pi * np.arange(_RING) / _RING
    ring = [_evolve(circuit, played, chosen) for chosen in product(phases, repeat=further)]
    values = np.stack(ring)
    shape = (_RING,) * further
    coefficients = np.fft.fftn(values.reshape(*shape, -1), axes=range(further)) / _RING**further
    number = np.fft.fftfreq(_RING, 1 / _RING)
    orders = np.stack(np.meshgrid(*[number] * further, indexing="ij"), axis=-1).reshape(-1, further)
    return _PhaseSeries(np.ascontiguousarray(coefficients).reshape(-1, *values.shape[1:]), orders)


def _compute_flat(circuit: Circuit, played: PlayedTones) -> Complexes:
    """Return the evolutions of segments with a constant Hamiltonian."""
    every = iter_segments(played)
    energies, states = np.linalg.eigh(_make_hamiltonians(circuit, played, (), np.zeros(1))[:, 0])
    turned = np.exp(-2j * np.pi * energies * every[0].length_ns * 1e-3)
    found = (states * turned[:, None, :]) @ states.conj().swapaxes(-1, -2)
    return np.broadcast_to(found, (len(every), *found.shape))


def _evolve(circuit: Circuit, played: PlayedTones, phases_rad: Sequence[float]) -> Complexes:
    return np.stack([_evolve_segment(circuit, played, phases_rad, one) for one in iter_segments(played)])


def _evolve_segment(
    circuit: Circuit, played: PlayedTones, phases_rad: Sequence[float], segment: Segment
) -> Complexes:
    """Return the evolution of a segment, shape (variants, d, d)."""
    steps = 2 ** max(math.ceil(math.log2(segment.length_ns / _STEP_NS)), 0)
    step_ns = segment.length_ns / steps
    middle = segment.start_ns + (np.arange(steps) + 0.5) * step_ns
    early, late = (
        _make_hamiltonians(circuit, played, phases_rad, middle + sign * _GAUSS * step_ns) for sign in (-1, 1)
    )
    angle = 2 * np.pi * step_ns * 1e-3
    mixed = early @ late
    mixed -= mixed.conj().swapaxes(-1, -2)
    generators = angle / 2 * (early + late) + 1j * (math.sqrt(3) / 12) * angle**2 * mixed
    turns, states = np.linalg.eigh(generators)
    found = (states * np.exp(-1j * turns)[..., None, :]) @ states.conj().swapaxes(-1, -2)
    while found.shape[1] > 1:
        found = found[:, 1::2] @ found[:, ::2]
    return np.asarray(found[:, 0])


def _make_hamiltonians(
    circuit: Circuit, played: PlayedTones, phases_rad: Sequence[float], times_ns: Floats
) -> Complexes:
    """Return Hamiltonians (MHz) at times since the start of the slice, shape (variants, times, d, d)."""
    dressed = circuit.dressed
    frame_mhz = played.tones[0].frequency_mhz
    strengths = make_amplitude_spread(circuit, played).strengths
    drives = np.zeros((len(strengths), times_ns.size, len(circuit.sizes)), dtype=np.complex128)
    number = 0
    for tone, phase_rad in zip(played.tones, (0.0, *phases_rad), strict=True):
        turning = np.exp(1j * phase_rad - 2j * np.pi * (tone.frequency_mhz - frame_mhz) * times_ns * 1e-3)
        for part in tone.parts:
            shape = turning * part.waveform.at(part.offset_ns + times_ns)
            strength = strengths[:, number, None] * shape
            drives += strength[:, :, None] * np.asarray(part.weights_mhz)
            number += 1
    driven = np.tensordot(drives / 2, dressed.lowering.swapaxes(-1, -2), axes=1)
    undriven = dressed.energies_mhz - frame_mhz * dressed.numbers.sum(axis=0)
    return np.asarray(driven + driven.conj().swapaxes(-1, -2) + np.diag(undriven))

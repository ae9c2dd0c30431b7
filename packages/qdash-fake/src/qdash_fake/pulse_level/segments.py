"""Where a slice of tones is divided so that qubits may decay in between, and how they do.

Unitaries and decay alternate (Strang splitting). Segments are so short that no pulse turns by more than 22.5 degrees in one,
which is right to a percent of the decay during the slice.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.linalg import helmert

from qdash_fake.pulse_level.decay_maps import decay, depolarising, embedded

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    from qdash_fake.pulse_level.circuit import Circuit
    from qdash_fake.pulse_level.slices import Part, Played

    Floats = NDArray[np.float64]

_LONGEST_NS = 12.0
_DIGITS = 10
_LARGEST_TURN_RAD = math.pi / 8 + 1e-3


class Segment(NamedTuple):
    """A segment of a slice.

    Attributes
    ----------
    start_ns, length_ns
        From the start of the slice.
    strengths
        Of each part by the variants that stand for the spread of amplitudes, shape (variants, parts).
    turns_rad
        By how much each part turns its own qubit, shape (parts,).
    """

    start_ns: float
    length_ns: float
    strengths: Floats
    turns_rad: Floats

    @property
    def variants(self) -> int:
        """Number of variants."""
        return len(self.strengths)


class Decays(NamedTuple):
    """Maps before the first segment and behind each one, on vectors of length d²."""

    before: sparse.csr_array
    behind: tuple[sparse.csr_array, ...]


@lru_cache(maxsize=4096)
def segments(circuit: Circuit, played: Played) -> tuple[Segment, ...]:
    """Return the segments of a slice in the order of time."""
    parts = _parts(played)
    whole = np.array([_turn_rad(part, part.area_ns) for part in parts])
    here = [_turn_rad(part, part.area_until_ns(played.length_ns)) for part in parts]
    count = max(math.ceil(played.length_ns / _LONGEST_NS), math.ceil(max(here) / _LARGEST_TURN_RAD), 1)
    length_ns = played.length_ns / count
    found = []
    for start_ns in length_ns * np.arange(count):
        areas = [part.area_until_ns(start_ns + length_ns) - part.area_until_ns(start_ns) for part in parts]
        turns = np.array([_turn_rad(part, area) for part, area in zip(parts, areas, strict=True)])
        # Rounded, so that equal segments are known to be equal.
        turns = np.round(turns, _DIGITS)
        strengths = _strengths(circuit, parts, whole, turns)
        found.append(Segment(float(start_ns), length_ns, strengths, turns))
    return tuple(found)


@lru_cache(maxsize=2048)
def decays(circuit: Circuit, played: Played) -> Decays:
    """Return what the qubits lose around the segments of a slice."""
    parts, every = _parts(played), segments(circuit, played)
    half_us = every[0].length_ns * 0.5e-3
    half, whole = _decaying(circuit, half_us), _decaying(circuit, 2 * half_us)
    behind = []
    for segment in every:
        found = half if segment is every[-1] else whole
        for part, turn_rad in zip(parts, segment.turns_rad, strict=True):
            extra = _extra(circuit, part, float(turn_rad), segment.length_ns * 1e-3)
            found = found if extra is None else found @ extra
        behind.append(found)
    return Decays(half, tuple(behind))


def _parts(played: Played) -> list[Part]:
    return [part for tone in played.tones for part in tone.parts]


def _turn_rad(part: Part, area_ns: float) -> float:
    """By how much an area of a pulse turns its own qubit, without regard to its detuning."""
    return 0.0 if part.own is None else 2 * math.pi * abs(part.weights_mhz[part.own]) * area_ns * 1e-3


def _strengths(circuit: Circuit, parts: list[Part], whole: Floats, turns: Floats) -> Floats:
    """Return relative amplitudes that stand for a spread of the whole pulses.

    A whole turn T spread by s has the variance (s T)²; segments that scatter by themselves, each turning by t, add up to
    that when each has s² T t.
    """
    spreads = np.array(
        [0.0 if part.own is None else circuit.drives[part.own].amplitude_spread for part in parts]
    )
    scattered = np.flatnonzero((spreads > 0) & (turns > 0))
    if not scattered.size:
        return np.ones((1, len(parts)))
    points = math.sqrt(scattered.size + 1) * helmert(scattered.size + 1).T
    found = np.ones((len(points), len(parts)))
    found[:, scattered] += points * spreads[scattered] * np.sqrt(whole[scattered] / turns[scattered])
    return found


@lru_cache(maxsize=512)
def _decaying(circuit: Circuit, time_us: float) -> sparse.csr_array:
    """Return relaxation and white dephasing of all qubits."""
    found = None
    for index, (levels, size) in enumerate(zip(circuit.levels, circuit.sizes, strict=True)):
        one = embedded(decay(levels, size, time_us), [index], circuit.sizes)
        found = one if found is None else one @ found
    assert found is not None
    return found


@lru_cache(maxsize=2048)
def _extra(circuit: Circuit, part: Part, turn_rad: float, time_us: float) -> sparse.csr_array | None:
    """Return the hidden error of a stretch of a pulse, or of a tone at another qubit's frequency; None: there is none."""
    if part.own is not None:
        lost = circuit.drives[part.own].lost_per_rad * turn_rad
        qubits: tuple[int, ...] = (part.own,)
    elif part.toward is not None:
        control, target = part.toward
        lost = circuit.extra_rates[control][target] * time_us
        qubits = part.toward
    else:
        return None
    if not lost:
        return None
    sizes = [circuit.sizes[index] for index in qubits]
    return embedded(depolarising(math.exp(-lost), sizes), qubits, circuit.sizes)

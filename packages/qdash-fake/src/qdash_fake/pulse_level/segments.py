"""Division of a slice of tones into segments, with the decay of the qubits between them.

Unitaries and decay alternate (Strang splitting). In one segment a pulse rotates by at most 22.5 degrees; the error is one
percent of the decay during the slice.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.linalg import helmert

from qdash_fake.physics.drive import depolarisation_rate
from qdash_fake.pulse_level.decay_maps import decay, depolarising, embed
from qdash_fake.pulse_level.shot_variations import make_gaussian_quadrature

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    from qdash_fake.pulse_level.circuit import Circuit
    from qdash_fake.pulse_level.slices import PlayedTones, PulsePart

    Floats = NDArray[np.float64]

_LONGEST_NS = 12.0
_DIGITS = 10
_SMALL_RAD, _MOST_GRIDS = 0.1, (1, 2)
"""Largest standard deviation of an angle for which second order is sufficient, and numbers of simultaneous pulses for which
higher orders are computed.
"""
_LARGEST_TURN_RAD = math.pi / 8 + 1e-3


class Segment(NamedTuple):
    """Segment of a slice: start relative to it, length, and the angle by which each part rotates its qubit, shape (parts,)."""

    start_ns: float
    length_ns: float
    turns_rad: Floats


class AmplitudeSpread(NamedTuple):
    """Discrete amplitudes for the spread between shots: relative strengths (variants, parts), and weights (variants,)."""

    strengths: Floats
    weights: Floats


class SegmentDecays(NamedTuple):
    """Maps before the first segment and after each one, on vectors of length d²."""

    before: sparse.csr_array
    behind: tuple[sparse.csr_array, ...]


@lru_cache(maxsize=512)
def iter_segments(played: PlayedTones) -> tuple[Segment, ...]:
    """Return the segments of a slice in time order."""
    parts = _split_parts(played)
    here = [_compute_rotation_rad(part, part.area_until_ns(played.length_ns)) for part in parts]
    count = max(math.ceil(played.length_ns / _LONGEST_NS), math.ceil(max(here) / _LARGEST_TURN_RAD), 1)
    length_ns = played.length_ns / count
    found = []
    for start_ns in length_ns * np.arange(count):
        areas = [part.area_until_ns(start_ns + length_ns) - part.area_until_ns(start_ns) for part in parts]
        turns = np.array([_compute_rotation_rad(part, area) for part, area in zip(parts, areas, strict=True)])
        # Rounded, so that equal segments are known to be equal.
        turns = np.round(turns, _DIGITS)
        found.append(Segment(float(start_ns), length_ns, turns))
    return tuple(found)


@lru_cache(maxsize=512)
def compute_decays(circuit: Circuit, played: PlayedTones) -> SegmentDecays:
    """Return the decay of the qubits around the segments of a slice."""
    parts = [(tone.frequency_mhz, part) for tone in played.tones for part in tone.parts]
    every = iter_segments(played)
    half_us = every[0].length_ns * 0.5e-3
    half, whole = _make_decay(circuit, half_us), _make_decay(circuit, 2 * half_us)
    behind = []
    for segment in every:
        found = half if segment is every[-1] else whole
        for (tone_mhz, part), turn_rad in zip(parts, segment.turns_rad, strict=True):
            felt_rad = float(turn_rad) * _compute_share(circuit, part, tone_mhz)
            extra = _make_extra_decay(circuit, part, felt_rad, segment.length_ns * 1e-3)
            found = found if extra is None else found @ extra
        behind.append(found)
    return SegmentDecays(half, tuple(behind))


def _split_parts(played: PlayedTones) -> list[PulsePart]:
    return [part for tone in played.tones for part in tone.parts]


def _compute_rotation_rad(part: PulsePart, area_ns: float) -> float:
    """Return the rotation of a pulse's own qubit by the pulse area, without detuning."""
    return 0.0 if part.own is None else 2 * math.pi * abs(part.weights_mhz[part.own]) * area_ns * 1e-3


def _compute_share(circuit: Circuit, part: PulsePart, tone_mhz: float) -> float:
    """Return the scale of the hidden error for the detuning of a flat drive (`depolarisation_rate`), else 1."""
    if part.own is None or not part.is_flat:
        return 1.0
    rabi_mhz = abs(part.weights_mhz[part.own])
    detuning_mhz = circuit.frequencies_mhz[part.own] - tone_mhz
    return (
        float(depolarisation_rate(1.0, rabi_mhz, detuning_mhz)) / (2 * math.pi * rabi_mhz)
        if rabi_mhz
        else 0.0
    )


@lru_cache(maxsize=512)
def make_amplitude_spread(circuit: Circuit, played: PlayedTones) -> AmplitudeSpread:
    """Return the amplitudes that represent the amplitude spread of the one-qubit pulses in a slice.

    A pulse of angle T with the relative spread s has the variance (s T)². Slices vary independently, one of angle t
    with s² T t, so that their variances add up.
    """
    parts = _split_parts(played)
    here = np.array([_compute_rotation_rad(part, part.area_until_ns(played.length_ns)) for part in parts])
    whole = np.array([_compute_rotation_rad(part, part.area_ns) for part in parts])
    spreads = [0.0 if part.own is None else circuit.drives[part.own].amplitude_spread for part in parts]
    deviations_rad = np.array(spreads) * np.sqrt(whole * here)
    scattered = np.flatnonzero(deviations_rad > 0)
    points, weights = _make_points(deviations_rad[scattered])
    strengths = np.ones((len(points), len(parts)))
    strengths[:, scattered] += points * deviations_rad[scattered] / here[scattered]
    return AmplitudeSpread(strengths, weights)


def _make_points(deviations_rad: Floats) -> tuple[Floats, Floats]:
    """Return points (n, k) in standard deviations, and weights, for the average over k Gaussian angles."""
    count = deviations_rad.size
    if count in _MOST_GRIDS and deviations_rad.max() > _SMALL_RAD:
        axes = [make_gaussian_quadrature(float(deviation)) for deviation in deviations_rad]
        points = np.stack(np.meshgrid(*(one for one, _ in axes), indexing="ij"), axis=-1).reshape(-1, count)
        weights = np.array([math.prod(chosen) for chosen in product(*(one for _, one in axes))])
        return points, weights
    # Corners of a simplex: exact to second order.
    points = math.sqrt(count + 1) * helmert(count + 1).T if count else np.zeros((1, 0))
    return points, np.full(len(points), 1 / len(points))


@lru_cache(maxsize=512)
def _make_decay(circuit: Circuit, time_us: float) -> sparse.csr_array:
    """Return the map of relaxation and white dephasing of all qubits."""
    found = None
    for index, (levels, size) in enumerate(zip(circuit.levels, circuit.sizes, strict=True)):
        one = embed(decay(levels, size, time_us), [index], circuit.sizes)
        found = one if found is None else one @ found
    assert found is not None
    return found


@lru_cache(maxsize=512)
def _make_extra_decay(
    circuit: Circuit, part: PulsePart, turn_rad: float, time_us: float
) -> sparse.csr_array | None:
    """Return the map of the hidden error of a part of a tone, or None if it has none."""
    if part.own is not None:
        lost = circuit.drives[part.own].depolarisation_per_rad * turn_rad
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
    return embed(depolarising(math.exp(-lost), sizes), qubits, circuit.sizes)

"""Quadrature of variations that are constant within a shot and differ between shots."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.chip import QubitTruth

    Floats = NDArray[np.float64]

_TOLERANCE = 1e-7
_MOST_HERMITE = 8
_FARTHEST = 5.0
"""Range of the average in standard deviations; a share of 6e-7 lies beyond it."""
_FINEST, _STEP = 0.02, 1.25
_RARE = 1e-7


class ShotKinds(NamedTuple):
    """Kinds of shots of one qubit: shares (n,), frequency shifts, and relaxation rates in waits in units of 1/T1 (n,)."""

    weights: Floats
    shifts_mhz: tuple[float, ...]
    rates: Floats


def list_shot_kinds(qubit: QubitTruth, span_us: float) -> ShotKinds:
    """Return the kinds of shots of a program that takes `span_us` from its first pulse to its last.

    The frequency jumps with the charge parity and varies by slow noise (`physics.coherence`). The number of
    quasiparticles has a Poisson distribution, which gives the decay of `Mismatch.relaxation`.
    """
    points, weights = make_gaussian_quadrature(2 * np.pi * qubit.coherence.jitter_mhz * span_us)
    shifts = points * qubit.coherence.jitter_mhz
    mismatch = qubit.mismatch
    if mismatch.parity_mhz:
        shifts = np.concatenate([shifts - mismatch.parity_mhz, shifts + mismatch.parity_mhz])
        weights = np.tile(weights / 2, 2)
    chances, rates = _list_relaxations(mismatch.quasiparticles, mismatch.quasiparticle_share)
    return ShotKinds(
        np.multiply.outer(chances, weights).ravel(),
        tuple(np.tile(shifts, chances.size).tolist()),
        np.repeat(rates, weights.size),
    )


@cache
def _list_relaxations(quasiparticles: float, share: float) -> tuple[Floats, Floats]:
    """Return the probabilities of 0, 1, 2, ... quasiparticles, and the relaxation rates in units of 1/T1."""
    if not quasiparticles:
        return np.ones(1), np.ones(1)
    chances = [math.exp(-quasiparticles)]
    while chances[-1] > _RARE:
        chances.append(chances[-1] * quasiparticles / len(chances))
    slow = 1 + quasiparticles * math.expm1(-1 / share)
    found = np.array(chances)
    return found / found.sum(), slow + np.arange(found.size) / share


def make_gaussian_quadrature(turn_rad: float) -> tuple[Floats, Floats]:
    """Return points in standard deviations, and weights, for a Gaussian average over an angle of standard deviation `turn_rad`.

    Small angles need few Gauss-Hermite points. For others the trapezoidal rule is used: its error
    ``exp(-(2 pi / step - angle)^2 / 2)`` is kept small by a smaller step for a larger angle.
    """
    if turn_rad <= 0:
        return np.zeros(1), np.ones(1)
    # Rounded up to one of few values, so that programs share the results.
    return _make_gaussian_nodes(max(math.ceil(math.log(turn_rad / _FINEST) / math.log(_STEP)), 0))


@cache
def _make_gaussian_nodes(level: int) -> tuple[Floats, Floats]:
    turn_rad = _FINEST * _STEP**level
    for count in range(2, _MOST_HERMITE + 1):
        error = math.factorial(count) / math.factorial(2 * count) * turn_rad ** (2 * count)
        if error < _TOLERANCE:
            points, weights = np.polynomial.hermite_e.hermegauss(count)
            return points, weights / weights.sum()
    half = math.ceil(_FARTHEST * (turn_rad + _FARTHEST) / (2 * np.pi))
    points = np.linspace(-_FARTHEST, _FARTHEST, 2 * half + 1)
    weights = np.exp(-(points**2) / 2)
    return points, weights / weights.sum()

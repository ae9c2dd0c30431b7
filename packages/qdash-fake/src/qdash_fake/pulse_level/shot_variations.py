"""Shot-to-shot variations that are constant within a shot: averages over a few quadrature points."""

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
"""Range in standard deviations: 6e-7 of all shots lie beyond."""
_FINEST, _STEP = 0.02, 1.25
_RARE = 1e-7


class Kinds(NamedTuple):
    """Variants of the shots of one qubit.

    Attributes
    ----------
    weights
        Share of each kind, shape (n,).
    shifts_mhz
        How much higher the qubit's frequency is in it, n numbers.
    rates
        Relaxation of each kind in units of 1/T1 while nothing is played, shape (n,).
    """

    weights: Floats
    shifts_mhz: tuple[float, ...]
    rates: Floats


def kinds_of_shots(qubit: QubitTruth, span_us: float) -> Kinds:
    """Return the kinds of shots of a program whose pulses take so long from the first to the last.

    The frequency jumps with the charge parity and is spread by slow noise (`physics.coherence`); the number of
    quasiparticles has a Poisson distribution, which makes the decay of `Mismatch.relaxation`.
    """
    points, weights = gaussian(2 * np.pi * qubit.coherence.jitter_mhz * span_us)
    shifts = points * qubit.coherence.jitter_mhz
    mismatch = qubit.mismatch
    if mismatch.parity_mhz:
        shifts = np.concatenate([shifts - mismatch.parity_mhz, shifts + mismatch.parity_mhz])
        weights = np.tile(weights / 2, 2)
    chances, rates = _relaxations(mismatch.quasiparticles, mismatch.quasiparticle_share)
    return Kinds(
        np.multiply.outer(chances, weights).ravel(),
        tuple(np.tile(shifts, chances.size).tolist()),
        np.repeat(rates, weights.size),
    )


@cache
def _relaxations(quasiparticles: float, share: float) -> tuple[Floats, Floats]:
    """Return the probabilities of 0, 1, 2, ... quasiparticles, and the relaxation with each, in units of
    1/T1.
    """
    if not quasiparticles:
        return np.ones(1), np.ones(1)
    chances = [math.exp(-quasiparticles)]
    while chances[-1] > _RARE:
        chances.append(chances[-1] * quasiparticles / len(chances))
    slow = 1 + quasiparticles * math.expm1(-1 / share)
    found = np.array(chances)
    return found / found.sum(), slow + np.arange(found.size) / share


def gaussian(turn_rad: float) -> tuple[Floats, Floats]:
    """Return points in standard deviations, and weights, for the average over a Gaussian whose standard deviation rotates by an angle.

    Few Gauss-Hermite points for small angles; otherwise the trapezoidal rule, whose error
    ``exp(-(2 pi / step - angle)^2 / 2)`` does not grow with the angle if the step shrinks accordingly.
    """
    if turn_rad <= 0:
        return np.zeros(1), np.ones(1)
    # The next of a few angles, so that results for one program can be reused for the next.
    return _gaussian(max(math.ceil(math.log(turn_rad / _FINEST) / math.log(_STEP)), 0))


@cache
def _gaussian(level: int) -> tuple[Floats, Floats]:
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

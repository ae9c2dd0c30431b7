"""Telling 0 from 1: the best line through two clouds of single shots, and how often it errs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qdash_analysis.inputs import Floats, complex_array
from qdash_analysis.result import Estimate, FitResult, NoEffect, refusing

Shots = NDArray[np.complex128]

_AT_LEAST = 20
_FOLDS = 5
_REPLICATES = 20
_DISTINGUISHABLE = 4.0
_NEAR_BEST = 0.5
_JEFFREYS = 0.5


@refusing
def fit_readout(iq0: ArrayLike, iq1: ArrayLike) -> FitResult:
    """Find the axis and the threshold that tell two prepared states apart, and their errors.

    The axis is Fisher's linear discriminant (Ann. Eugenics 7, 179 (1936)) with the pooled covariance of both clouds; the
    threshold has the fewest errors on it, so overlap, decayed shots and unequal noise need no model. The probabilities
    come from shots that took no part in choosing axis and threshold (five folds), so they are not flattered by the
    choice.

    Parameters
    ----------
    iq0, iq1
        Complex IQ points of single shots with 0 and with 1 prepared, shapes ``(n0,)`` and ``(n1,)``, at least 20 each, in
        the order of acquisition, any unit.

    Returns
    -------
    FitResult
        With `p_meas1_prep0`, `p_meas0_prep1` and `average_readout_fidelity` = 1 - (their sum) / 2 of the states as
        commanded (thermal population and pulse errors included), `rotation` in rad within (-pi, pi] and `threshold` in
        the unit of the points: the real part of ``iq * exp(-1j * rotation)`` above the threshold means 1. Probabilities
        and their errors are mean and width of the posterior from k errors in n shots with Jeffreys' prior (Proc. R. Soc.
        A 186, 453 (1946)): (k + 1/2) / (n + 1), so no error in n shots is neither certainty nor without error bar. Those
        of the single probabilities also hold what the choice of the threshold adds, from judges of half of the shots each,
        which give the errors of threshold and rotation too. Refused: clouds that cannot be told apart. There is no model
        to predict from.

    Raises
    ------
    ValueError
        If an array is not 1-D, finite and long enough.
    """
    shots0, shots1 = _checked("iq0", iq0), _checked("iq1", iq1)
    if max(np.ptp(shots0.real), np.ptp(shots0.imag), np.ptp(shots1.real), np.ptp(shots1.imag)) == 0:
        raise NoEffect("the shots do not scatter: these are no single shots")
    p10, p01 = _cross_fitted(shots0, shots1)
    fidelity, error = 1 - (p10.value + p01.value) / 2, _half_sum_error(p10, p01)
    if fidelity - 0.5 < _DISTINGUISHABLE * error:
        raise NoEffect(f"the clouds of 0 and 1 cannot be told apart: fidelity {fidelity:.3f} +- {error:.3f}")
    best = _discriminate(shots0, shots1)
    errors = _replicated(shots0, shots1, best)
    p10, p01 = _widened(p10, errors.p10), _widened(p01, errors.p01)
    return FitResult(
        success=True,
        message=f"readout with fidelity {fidelity:.4f} from {shots0.size} + {shots1.size} shots",
        parameters={
            "average_readout_fidelity": Estimate(fidelity, error, ""),
            "p_meas1_prep0": p10,
            "p_meas0_prep1": p01,
            "threshold": Estimate(best.threshold, errors.threshold, "a.u."),
            "rotation": Estimate(best.rotation, errors.rotation, "rad"),
        },
    )


@dataclass(frozen=True, slots=True)
class Discriminator:
    """An axis, by its angle in rad, and a threshold on it."""

    rotation: float
    threshold: float

    def is_one(self, shots: Shots) -> NDArray[np.bool_]:
        """Assign each shot."""
        return np.asarray(_project(shots, self.rotation) > self.threshold)


def _checked(name: str, shots: ArrayLike) -> Shots:
    array = complex_array(name, shots)
    if array.size < _AT_LEAST:
        raise ValueError(f"{name} is too short: {array.size} shots, at least {_AT_LEAST} are needed")
    return array


def _project(shots: Shots, rotation: float) -> Floats:
    return np.asarray((shots * np.exp(-1j * rotation)).real)


def _discriminate(shots0: Shots, shots1: Shots) -> Discriminator:
    rotation = _axis(shots0, shots1)
    return Discriminator(rotation, _best_threshold(_project(shots0, rotation), _project(shots1, rotation)))


def _axis(shots0: Shots, shots1: Shots) -> float:
    """Angle of Fisher's discriminant."""
    separation = shots1.mean() - shots0.mean()
    covariance = sum(shots.size * np.cov(shots.real, shots.imag) for shots in (shots0, shots1))
    # Clouds on a line have a singular covariance: a trace of noise in every direction keeps the axis defined.
    covariance = covariance + 1e-9 * np.trace(covariance) * np.eye(2)
    along, across = np.linalg.solve(covariance, [separation.real, separation.imag])
    return float(np.arctan2(across, along))


def _best_threshold(values0: Floats, values1: Floats) -> float:
    """Threshold with the fewest errors, both states counting alike.

    The lowest point of a noisy curve is noisy: the middle of all that is within half its standard error is taken.
    """
    ordered0, ordered1 = np.sort(values0), np.sort(values1)
    levels = np.sort(np.concatenate([ordered0, ordered1]))
    candidates = (levels[1:] + levels[:-1]) / 2
    p10 = 1 - np.searchsorted(ordered0, candidates, side="right") / ordered0.size
    p01 = np.searchsorted(ordered1, candidates, side="right") / ordered1.size
    errors = p10 + p01
    best = int(errors.argmin())
    noise = np.sqrt(_variance(p10[best], ordered0.size) + _variance(p01[best], ordered1.size))
    near = candidates[errors <= errors[best] + _NEAR_BEST * noise]
    return float((near[0] + near[-1]) / 2)


def _cross_fitted(shots0: Shots, shots1: Shots) -> tuple[Estimate, Estimate]:
    """p(1|0) and p(0|1), each fifth of the shots judged by what the other four fifths chose."""
    folds0, folds1 = np.arange(shots0.size) % _FOLDS, np.arange(shots1.size) % _FOLDS
    wrong0 = wrong1 = 0
    for fold in range(_FOLDS):
        judge = _discriminate(shots0[folds0 != fold], shots1[folds1 != fold])
        wrong0 += int(judge.is_one(shots0[folds0 == fold]).sum())
        wrong1 += int((~judge.is_one(shots1[folds1 == fold])).sum())
    return _probability(wrong0, shots0.size), _probability(wrong1, shots1.size)


def _probability(count: int, shots: int) -> Estimate:
    """Mean and width of the posterior."""
    error = float(np.sqrt(_variance(count / shots, shots)))
    return Estimate((count + _JEFFREYS) / (shots + 2 * _JEFFREYS), error, "")


def _variance(share: float, shots: int) -> float:
    """Variance of a probability after ``share * shots`` of `shots`: never zero."""
    wrong, right = share * shots + _JEFFREYS, (1 - share) * shots + _JEFFREYS
    total = wrong + right
    return wrong * right / (total**2 * (total + 1))


def _widened(probability: Estimate, error: float) -> Estimate:
    assert probability.error is not None
    return Estimate(probability.value, float(np.hypot(probability.error, error)), probability.unit)


def _half_sum_error(p10: Estimate, p01: Estimate) -> float:
    assert p10.error is not None
    assert p01.error is not None
    return float(np.hypot(p10.error, p01.error) / 2)


@dataclass(frozen=True, slots=True)
class _Errors:
    """1-sigma errors of axis and threshold, and what they add to those of the probabilities."""

    threshold: float
    rotation: float
    p10: float
    p01: float


def _replicated(shots0: Shots, shots1: Shots, best: Discriminator) -> _Errors:
    """Errors from judges of half of the shots each; all shots are judged, so only the judges differ.

    Balanced half-samples (McCarthy, Review of the International Statistical Institute 37, 239 (1969)): the rows of a
    Hadamard matrix say which. Leaving out a few shots at a time overrates the error of the place of a minimum.
    """
    rows = []
    for replicate in range(1, _REPLICATES + 1):
        judge = _discriminate(_half(shots0, replicate), _half(shots1, replicate))
        turn = float(np.angle(np.exp(1j * (judge.rotation - best.rotation))))
        rows.append([judge.threshold, turn, judge.is_one(shots0).mean(), 1 - judge.is_one(shots1).mean()])
    return _Errors(*np.std(rows, axis=0, ddof=1).tolist())


def _half(shots: Shots, replicate: int) -> Shots:
    common = np.arange(shots.size) & replicate
    chosen: NDArray[np.bool_] = np.bitwise_count(common) % 2 == 0
    return np.asarray(shots[chosen])

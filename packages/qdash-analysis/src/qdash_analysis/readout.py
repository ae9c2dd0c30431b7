"""Readout discrimination: the best threshold between two clouds of single shots, and its error rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.discriminant import (
    JEFFREYS,
    Bins,
    Shots,
    compute_errors_above,
    compute_fisher_axes,
    compute_share_variance,
    find_best_edges,
    project_on_axis,
    sum_by_group,
    validate_shots,
)
from qdash_analysis.result import Estimate, FitResult, NoEffect, NoSignal, return_rejection

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_FOLDS = 5
_GROUPS = 32
_REPLICATES = 20
_OVERRATED = 2 ** (1 / 3)
_DISTINGUISHABLE = 4.0
_NOT_NORMAL = 30.0
_THIRD_CLOUD = (
    "; shots with {} prepared form a third cloud beside the line from 0 to 1: the qubit leaves 0 and 1, "
    "or the plane turned meanwhile"
)
# Group selections: all groups in the first row, half of them in each of the others, a row of a Hadamard
# matrix.
_CHOSEN = np.stack(
    [np.bitwise_count(np.arange(_GROUPS) & row) % 2 == 0 for row in range(_REPLICATES + 1)]
).astype(np.float64)


@return_rejection
def fit_readout(iq0: ArrayLike, iq1: ArrayLike) -> FitResult:
    """Fit the axis and the threshold that separate two prepared states, and the assignment errors.

    The axis is Fisher's linear discriminant (Ann. Eugenics 7, 179 (1936)) with the pooled covariance of both
    clouds; the threshold has the fewest errors on it, so overlap, decayed shots and unequal noise need no
    model. The probabilities come from shots that were not used to choose axis and threshold (five folds), so
    the choice does not bias them.

    Parameters
    ----------
    iq0, iq1
        Complex IQ points of single shots with 0 and with 1 prepared, shapes ``(n0,)`` and ``(n1,)``, at least 20 each,
        in the order of acquisition, any unit.

    Returns
    -------
    FitResult
        With `p_meas1_prep0`, `p_meas0_prep1` and `average_readout_fidelity` = 1 - (their sum) / 2 of the states as
        commanded (thermal population and pulse errors included), `rotation` in rad within (-pi, pi] and `threshold` in
        the unit of the points: the real part of ``iq * exp(-1j * rotation)`` above the threshold means 1. Probabilities
        and their errors are mean and width of the posterior from k errors in n shots with Jeffreys' prior (Proc. R.
        Soc. A 186, 453 (1946)): (k + 1/2) / (n + 1), so zero errors in n shots still give a finite probability with an
        error bar. The errors of the single probabilities include that of the threshold, from half-samples of the shots,
        which also give the errors of threshold and rotation. Rejected: clouds that cannot be separated. There is no
        model to predict from. The message names a third cloud beside the line from 0 to 1; one on that line, or as
        large after 0 as after 1 and small, is not told from decay.

    Raises
    ------
    ValueError
        If an array is not 1-D, finite and long enough.
    """
    shots0, shots1 = validate_shots("iq0", iq0), validate_shots("iq1", iq1)
    if max(np.ptp(shots0.real), np.ptp(shots0.imag), np.ptp(shots1.real), np.ptp(shots1.imag)) == 0:
        raise NoEffect("the shots do not scatter: these are no single shots")
    p10, p01 = _cross_validate(shots0, shots1)
    fidelity, error = 1 - (p10.value + p01.value) / 2, _compute_half_sum_error(p10, p01)
    if fidelity - 0.5 < _DISTINGUISHABLE * error:
        raise NoSignal(f"the clouds of 0 and 1 cannot be told apart: fidelity {fidelity:.3f} ± {error:.3f}")
    best = _discriminate(shots0, shots1)
    line = shots0.mean(), shots1.mean()
    beside = [state for state, shots in enumerate((shots0, shots1)) if has_third_cloud(shots, *line)]
    return FitResult(
        success=True,
        message=f"readout with fidelity {fidelity:.4f} from {shots0.size} + {shots1.size} shots"
        + "".join(_THIRD_CLOUD.format(state) for state in beside),
        parameters={
            "average_readout_fidelity": Estimate(fidelity, error, ""),
            "p_meas1_prep0": _widen(p10, best.p10_error),
            "p_meas0_prep1": _widen(p01, best.p01_error),
            "threshold": best.threshold,
            "rotation": best.rotation,
        },
    )


def _cross_validate(shots0: Shots, shots1: Shots) -> tuple[Estimate, Estimate]:
    """Estimate p(1|0) and p(0|1), each fifth of the shots classified by the fit to the others."""
    fold0, fold1 = np.arange(shots0.size) % _FOLDS, np.arange(shots1.size) % _FOLDS
    sums0, sums1 = sum_by_group(shots0, fold0, _FOLDS), sum_by_group(shots1, fold1, _FOLDS)
    axes = compute_fisher_axes(sums0.sum(axis=0) - sums0, sums1.sum(axis=0) - sums1)
    bins = Bins.from_values(project_on_axis(shots0, float(axes[0])), project_on_axis(shots1, float(axes[0])))
    wrong0 = wrong1 = 0
    for fold, rotation in enumerate(axes):
        judges0, judged0 = bins.count_by_group(project_on_axis(shots0, float(rotation)), fold0 == fold, 2)
        judges1, judged1 = bins.count_by_group(project_on_axis(shots1, float(rotation)), fold1 == fold, 2)
        (edge,) = find_best_edges(judges0[None], judges1[None])
        wrong0 += int(judged0[edge + 1 :].sum())
        wrong1 += int(judged1[: edge + 1].sum())
    return _estimate_probability(wrong0, shots0.size), _estimate_probability(wrong1, shots1.size)


def has_third_cloud(shots: Shots, mean0: complex, mean1: complex) -> bool:
    """Return whether the distances of shots from the line of the means are skewed or in two heaps.

    Across the line, decay leaves symmetric noise with one maximum and an excess kurtosis of at least zero. The squares
    of skewness and of a negative excess in units of their errors (Jarque and Bera, Economics Letters 6, 255 (1980)) add
    up to more than 30 with a probability of 3e-7 for equal noise.
    """
    across = ((shots - mean0) * np.conj(mean1 - mean0)).imag
    across -= across.mean()
    squares = across * across
    variance = float(squares.mean())
    if not variance:
        return False
    skewness = float((squares @ across) / across.size) / variance**1.5
    excess = float((squares @ squares) / across.size) / variance**2 - 3
    return bool(across.size * (skewness**2 / 6 + min(excess, 0.0) ** 2 / 24) > _NOT_NORMAL)


def _estimate_probability(count: int, shots: int) -> Estimate:
    """Return mean and width of the posterior of a probability."""
    error = float(np.sqrt(compute_share_variance(np.array(count / shots), np.array(shots))))
    return Estimate((count + JEFFREYS) / (shots + 2 * JEFFREYS), error, "")


def _widen(probability: Estimate, error: float) -> Estimate:
    assert probability.error is not None
    return Estimate(probability.value, float(np.hypot(probability.error, error)), probability.unit)


def _compute_half_sum_error(p10: Estimate, p01: Estimate) -> float:
    assert p10.error is not None
    assert p01.error is not None
    return float(np.hypot(p10.error, p01.error) / 2)


@dataclass(frozen=True, slots=True)
class _Discriminator:
    """Axis and threshold with their errors, and the threshold's part in the errors of the probabilities."""

    rotation: Estimate
    threshold: Estimate
    p10_error: float
    p01_error: float


def _discriminate(shots0: Shots, shots1: Shots) -> _Discriminator:
    """Return axis and threshold of all shots, with errors from half-samples.

    Balanced half-samples (McCarthy, Review of the International Statistical Institute 37, 239 (1969)): rows of a
    Hadamard matrix select the groups, to which the shots are assigned in turn. They overestimate the error of a minimum
    by the cube root of two (Kim and Pollard, Annals of Statistics 18, 191 (1990)).
    """
    group0, group1 = np.arange(shots0.size) % _GROUPS, np.arange(shots1.size) % _GROUPS
    sums0, sums1 = sum_by_group(shots0, group0, _GROUPS), sum_by_group(shots1, group1, _GROUPS)
    rotation, *turned = compute_fisher_axes(_CHOSEN @ sums0, _CHOSEN @ sums1)
    turn = float(np.std(np.angle(np.exp(1j * (np.array(turned) - rotation))), ddof=1))
    values0, values1 = project_on_axis(shots0, rotation), project_on_axis(shots1, rotation)
    bins = Bins.from_values(values0, values1)
    counts0, counts1 = (
        bins.count_by_group(values0, group0, _GROUPS),
        bins.count_by_group(values1, group1, _GROUPS),
    )
    edges = find_best_edges(_CHOSEN @ counts0, _CHOSEN @ counts1)
    thresholds = bins.get_upper_edge(edges)
    # If the axis rotates about the origin, the threshold moves with the point between the clouds.
    across = abs((np.exp(-1j * rotation) * (shots0.mean() + shots1.mean()) / 2).imag)
    (p10,), (p01,) = compute_errors_above(counts0.sum(axis=0)[None], counts1.sum(axis=0)[None])
    threshold, p10_error, p01_error = (
        float(np.std(found[1:], ddof=1)) / _OVERRATED for found in (thresholds, p10[edges], p01[edges])
    )
    return _Discriminator(
        Estimate(rotation, turn, "rad"),
        Estimate(thresholds[0], float(np.hypot(threshold, across * turn)), "a.u."),
        p10_error,
        p01_error,
    )

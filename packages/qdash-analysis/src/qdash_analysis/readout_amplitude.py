"""Readout amplitude with the fewest assignment errors."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, exp, pi, sqrt
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import (
    build_constant_basis,
    compute_mean_chi2,
    compute_r_squared,
    compute_reduced_chi2,
    explains,
    require_description,
)
from qdash_analysis.inputs import Floats, Trace, require_same_length, validate_real, validate_trace
from qdash_analysis.leastsq import solve
from qdash_analysis.linear import scan
from qdash_analysis.result import Estimate, FitResult, NoEffect, NoSignal, return_rejection

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from qdash_analysis.solution import Solution

_AT_LEAST = 6
_FEWEST_KEPT = 5
_KEPT = 2 / 3
_TRIALS = 2.0
_UNDETERMINED = 0.3
_SIGNIFICANT = 4.0
_JEFFREYS = 0.5
_WEIGHTINGS = 2


@dataclass(frozen=True, slots=True)
class AssignmentBasis:
    """Fidelity above one half; theta = (log of amplitude over noise at the largest amplitude)."""

    largest: float

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; see `qdash_analysis.solution.Basis`."""
        from scipy.special import erf as erfs

        relative = x / self.largest
        seen = erfs(relative * np.exp(np.clip(theta[..., :1], -5.0, 7.0))) / 2
        return np.stack([seen, -(relative**2) * seen], axis=-1)


@return_rejection
def fit_readout_amplitude(x: ArrayLike, y: ArrayLike, *, shots: ArrayLike) -> FitResult:
    """Fit the assignment fidelity against readout amplitude.

    Model: ``F = 1/2 + (V - t x^2) erf(k x) / 2``. The distance of the clouds grows with the amplitude x, so
    the overlap of two Gaussian clouds falls as erf; transitions that the readout induces grow with the photon
    number x^2 (t); decay, thermal population and pulse errors are the same at all amplitudes (V). The law of
    t holds while such transitions are few: amplitudes beyond the maximum at which a third of the fidelity
    above one half is lost are omitted.

    Parameters
    ----------
    x
        Readout amplitude in a.u., shape ``(n,)``, ascending and positive, at least 6.
    y
        Average fidelity at the best threshold: share of correct assignments, 0 and 1 prepared equally often,
        shape ``(n,)``.
    shots
        Number of shots at each point, both states together, scalar or shape ``(n,)``.

    Returns
    -------
    FitResult
        With `readout_amplitude` in a.u., at the highest fidelity, and `average_readout_fidelity`, the fitted fidelity
        there. Errors are those of the least-squares covariance with binomial weights at the fitted curve, scaled by the
        root of the reduced chi² where that is significantly above one. Rejected: a fidelity that does not change, still
        rises at the largest amplitude or falls from the smallest, an optimum known to worse than 30 %, a trace that the
        model does not describe.

    Raises
    ------
    ValueError
        If an array is not 1-D, finite, of equal length and long enough, `x` does not ascend, an amplitude or a number
        of shots is not positive, or a share lies outside 0 to 1.
    """
    trace, answers = _select_below_saturation(*_validate_points(x, y, shots))
    solution = _solve(trace, answers)
    trace = _set_weights(trace, answers, solution)
    if not explains(trace, build_constant_basis(trace.x), solution, trials=_TRIALS):
        raise NoEffect(
            "no model of an optimum explains the fidelity better than a constant does: more shots or a wider sweep"
        )
    require_description(compute_mean_chi2(trace), solution, sigma_known=True)
    amplitude = _find_optimum(trace, solution)
    best = np.array([amplitude.value])
    fidelity, error = 0.5 + float(solution.predict(best)[0]), solution.error(solution.gradient(best)[0])
    return FitResult(
        success=True,
        message=f"fidelity {fidelity:.4f} at amplitude {amplitude.value:.4g}",
        parameters={
            "readout_amplitude": amplitude,
            "average_readout_fidelity": Estimate(fidelity, error, ""),
        },
        r2=compute_r_squared(trace, solution),
        reduced_chi2=compute_reduced_chi2(trace, solution),
        model=lambda places: 0.5 + solution.predict(places),
    )


def _validate_points(x: ArrayLike, y: ArrayLike, shots: ArrayLike) -> tuple[Trace, Floats]:
    """Return the fidelity above one half, and the number of shots of each point."""
    trace = validate_trace(x, y, None, at_least=_AT_LEAST)
    given = np.asarray(shots)
    answers = validate_real("shots", np.full(trace.x.size, given) if given.ndim == 0 else given)
    require_same_length(trace.x, answers)
    if trace.x[0] <= 0 or (answers <= 0).any():
        raise ValueError("x and shots must be positive")
    if trace.y.min() < 0 or trace.y.max() > 1:
        raise ValueError(f"y must be shares of right answers, 0 to 1, got {trace.y.min()} to {trace.y.max()}")
    return Trace(trace.x, trace.y - 0.5, np.ones(trace.x.size), sigma_known=True), answers


def _select_below_saturation(trace: Trace, answers: Floats) -> tuple[Trace, Floats]:
    top = int(trace.y.argmax())
    lost = np.flatnonzero(trace.y[top:] < _KEPT * trace.y[top])
    keep = np.arange(trace.x.size) < (top + lost[0] if lost.size else trace.x.size)
    if keep.sum() < _FEWEST_KEPT:
        raise NoEffect("the fidelity falls too fast beyond its top: more amplitudes around it")
    return trace.select(keep), answers[keep]


def _solve(trace: Trace, answers: Floats) -> Solution:
    """Fit with the noise of the counts at the fitted curve, so that chance does not change weights."""
    basis = AssignmentBasis(float(trace.x[-1]))
    grid = np.linspace(np.log(0.3), np.log(30.0), 24)[:, None]
    current = _set_sigma(trace, np.full(trace.x.size, float(np.median(trace.y))), answers)
    theta = grid[scan(basis, current, grid).argmin()]
    for _ in range(_WEIGHTINGS):
        solution = solve(basis, current, theta)
        current, theta = _set_weights(trace, answers, solution), solution.theta
    return solve(basis, current, theta)


def _set_weights(trace: Trace, answers: Floats, solution: Solution) -> Trace:
    return _set_sigma(trace, solution.predict(trace.x), answers)


def _set_sigma(trace: Trace, expected: Floats, answers: Floats) -> Trace:
    share = np.clip(0.5 - expected, _JEFFREYS / answers, 0.5)
    return Trace(trace.x, trace.y, np.sqrt(share * (1 - share) / answers), sigma_known=True)


def _find_optimum(trace: Trace, solution: Solution) -> Estimate:
    """Return the amplitude with the highest fidelity, or raise `NoEffect` if it lies outside the sweep."""
    from scipy.optimize import brentq

    largest = float(trace.x[-1])

    def slope(place: float, coefficients: Floats, theta: Floats) -> float:
        visibility, induced = coefficients
        k = exp(min(max(theta[0], -5.0), 7.0))
        bell = 2 * k / sqrt(pi) * exp(-((k * place) ** 2))
        return float((visibility - induced * place**2) * bell - 2 * induced * place * erf(k * place))

    def optimum(coefficients: Floats, theta: Floats) -> float:
        return largest * float(brentq(slope, 1e-3, 30.0, args=(coefficients, theta), xtol=1e-10))

    if solution.coefficients[0] <= 0:
        raise NoSignal("the readout does not tell 0 from 1 at any amplitude")
    induced, error = float(solution.coefficients[1]), float(np.sqrt(solution.covariance[1, 1]))
    if induced <= _SIGNIFICANT * error or slope(1.0, solution.coefficients, solution.theta) > 0:
        raise NoEffect(
            f"the fidelity does not fall beyond its noise up to the largest amplitude {largest:.4g}: sweep higher, or take more shots"
        )
    value, uncertainty = solution.evaluate(optimum)
    if value < trace.x[0]:
        raise NoEffect(
            f"the fidelity falls from the smallest amplitude {trace.x[0]:.4g} on: sweep lower ones"
        )
    if uncertainty > _UNDETERMINED * value:
        raise NoEffect(
            f"the best amplitude is not determined ({value:.3g} ± {uncertainty:.2g}): the fidelity is flat within its "
            "noise, take more shots"
        )
    return Estimate(value, uncertainty, "a.u.")

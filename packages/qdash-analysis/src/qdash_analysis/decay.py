"""Energy relaxation and Hahn echo: fits of a signal that decays to a constant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.candidates import Candidate
from qdash_analysis.envelope import (
    Envelope,
    average_decay_times,
    derive_decay_time,
    describe_shapes,
    fit_shapes,
    validate_shape,
)
from qdash_analysis.evidence import (
    FALSE_ALARM,
    build_sloped_basis,
    compute_evidence_unit,
    compute_false_alarm,
    compute_r_squared,
    compute_reduced_chi2,
    describe_few_points,
    require_effect,
    require_signal,
)
from qdash_analysis.inputs import Floats, Trace, validate_trace
from qdash_analysis.leastsq import solve
from qdash_analysis.linear import fit_linear, scan
from qdash_analysis.outliers import describe_left_out
from qdash_analysis.result import Estimate, FitResult, NoEffect, format_rounded, return_rejection
from qdash_analysis.second_decay import find_second_decay, require_single_decay, widen_error
from qdash_analysis.selection import CLEAR, correct_for_selection
from qdash_analysis.unequal_noise import fit_with_weights

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from qdash_analysis.envelope import EnvelopeShape
    from qdash_analysis.solution import Solution

_AT_LEAST = 6
_TRIALS = 2.0
_NEEDED = 4.1
"""Least curvature of a trace, in units of its noise: a decay far beyond the window is a straight line, and a
chance curvature gives too short a time.
"""
_UNDETERMINED = 0.35


@dataclass(frozen=True, slots=True)
class DecayBasis:
    """Basis (envelope, 1)."""

    envelope: Envelope

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; see `qdash_analysis.solution.Basis`."""
        decay = self.envelope(x, theta)
        basis = np.empty((*decay.shape[:-1], 2, x.size))
        basis[..., 0, :], basis[..., 1, :] = decay, 1.0
        return basis.swapaxes(-1, -2)


@return_rejection
def fit_t1(x: ArrayLike, y: ArrayLike, *, sigma: ArrayLike | None = None, single: bool = True) -> FitResult:
    """Fit the energy relaxation time.

    Model: ``y = A exp(-x / T1) + B``, with A of either sign, so any real projection of the signal works. The
    delays need not start at zero. Isolated points that contradict the others by more than 6 sigma are left out (at
    most a tenth of them, never the last, named in the message).

    Parameters
    ----------
    x
        Delays in µs, shape ``(n,)``, ascending, at least 6.
    y
        Signal, shape ``(n,)``, any unit.
    sigma
        Known 1-sigma noise of `y`, scalar or shape ``(n,)``. Without it the scatter about the fit gives the errors. If
        the scatter shows that the noise depends on the signal, as with counted shots, it gives weights too (20 points
        or more).
    single
        Whether a second decay, or first points that do not belong to the decay, refuse the trace. False if the model
        is known to be an approximation.

    Returns
    -------
    FitResult
        With `t1` in µs. The error is that of the least-squares covariance, scaled by the root of the reduced chi² where
        that is significantly above one; if the curvature is barely significant, time and error are conditional on its
        detection (see `selection`). A second decay that is small or barely significant widens the error by the change
        that it would cause. Rejected: two decay times, first points that do not belong to the decay, flat or pure
        noise, a decay too slow for the window, a decay that is over before the second point, a trace that the model
        does not describe.

    Raises
    ------
    ValueError
        If an array is not 1-D, finite, of equal length and long enough, `x` does not ascend or `sigma` is not positive.
    """
    measured = validate_trace(x, y, sigma, at_least=_AT_LEAST)
    require_signal(measured, effect="decay")
    trace, (best,), left_out = fit_with_weights(measured, _fit_one_shape)
    solution = best.solution
    second = find_second_decay(trace, solution) if single else None
    if second is not None:
        require_single_decay(second)
    bend = _require_decay(trace, solution)
    time = _correct_for_selection(derive_decay_time(solution, 0, trace.span), trace, solution, bend)
    _require_determined("t1", time, trace)
    if second is not None:
        time = widen_error(time, measured, second)
    return _build_result("t1", time, "exponential decay", trace, solution, left_out)


@return_rejection
def fit_t2_echo(
    x: ArrayLike, y: ArrayLike, *, sigma: ArrayLike | None = None, envelope: EnvelopeShape = "auto"
) -> FitResult:
    """Fit the Hahn echo coherence time.

    Model: ``y = A E(x) + B`` with an exponential, Gaussian or mixed envelope E (Ithier et al., Phys. Rev. B
    72, 134519 (2005)); `t2_echo` is its 1/e time for any shape. The shapes are weighted by their likelihood;
    if the data cannot separate them, the estimate is their mean and the error includes the difference.

    Parameters
    ----------
    x
        Total delays in µs (both halves of the echo), shape ``(n,)``, ascending, at least 6.
    y
        Signal, shape ``(n,)``, any unit and sign.
    sigma
        Known 1-sigma noise of `y`, scalar or shape ``(n,)``. Without it the scatter about the fit gives the errors. If
        the scatter shows that the noise depends on the signal, as with counted shots, it gives weights too (20 points
        or more).
    envelope
        Shape of E: `auto`, or `exponential` or `gaussian` if it is known. The errors are then conditional on that shape.

    Returns
    -------
    FitResult
        With `t2_echo` in µs; the message names the envelope. Errors and rejections as in `fit_t1`.

    Raises
    ------
    ValueError
        As in `fit_t1`, or if `envelope` is unknown.
    """
    shape = validate_shape(envelope)
    measured = validate_trace(x, y, sigma, at_least=_AT_LEAST)
    require_signal(measured, effect="decay")
    trace, candidates, left_out = fit_with_weights(measured, lambda kept: _fit_shapes(kept, shape))
    best = candidates[0].solution
    # A chosen envelope may be the wrong one: that is no second decay.
    shapes = candidates if shape == "auto" else _fit_shapes(trace, "auto")
    closest = min(shapes, key=lambda candidate: candidate.solution.chi2).solution
    second = find_second_decay(trace, closest)
    require_single_decay(second)
    bend = _require_decay(trace, best)
    time = _correct_for_selection(average_decay_times(candidates, 0, trace.span), trace, best, bend)
    _require_determined("t2_echo", time, trace)
    time = widen_error(time, measured, second)
    return _build_result("t2_echo", time, describe_shapes(candidates), trace, best, left_out)


def _fit_one_shape(trace: Trace) -> list[Candidate]:
    return [Candidate("exponential", _fit_exponential(trace), 1.0)]


def _fit_shapes(trace: Trace, shape: EnvelopeShape) -> list[Candidate]:
    return fit_shapes(trace, DecayBasis, _fit_exponential(trace), shape=shape)


def _fit_exponential(trace: Trace) -> Solution:
    shape = Envelope(float(trace.x[0]), trace.span)
    basis = DecayBasis(shape)
    grid = shape.list_start_times(trace.step)[:, None]
    return solve(basis, trace, grid[scan(basis, trace, grid).argmin()])


def _require_decay(trace: Trace, solution: Solution) -> Floats:
    """Return the distance of the fit from a straight line, in units of the noise, shape ``(n,)``.

    Raises `NoEffect` unless it is curved. A straight line fits any longer decay: only chance results that are short
    enough would be reported for a slow one.
    """
    require_effect(trace, solution, trials=_TRIALS, effect="decay")
    line = build_sloped_basis(trace.x)
    straight = fit_linear(line, trace)[1]
    doubt = compute_false_alarm(
        float(straight @ straight),
        solution,
        extra=solution.parameters - line.shape[1],
        trials=_TRIALS,
        sigma_known=trace.sigma_known,
        correlated=solution.inflation,
    )
    seen = doubt <= FALSE_ALARM
    bend = straight - solution.residuals
    if not seen or _compute_evidence(bend, trace, solution) < _NEEDED:
        curve = "the curvature of a decay"
        few = None if seen else describe_few_points(trace, line, solution, trials=_TRIALS, effect=curve)
        raise NoEffect(
            few
            or f"decay not seen within the window of {format_rounded(trace.span, 3)}\N{NO-BREAK SPACE}µs: a straight line describes the trace as well"
        )
    return bend


def _compute_evidence(bend: Floats, trace: Trace, solution: Solution) -> float:
    """Return the significance of the curvature in standard deviations."""
    return float(np.sqrt(bend @ bend / compute_evidence_unit(solution, sigma_known=trace.sigma_known)))


def _correct_for_selection(
    time: tuple[float, float], trace: Trace, solution: Solution, bend: Floats
) -> tuple[float, float]:
    """Correct the decay time for the selection of traces with enough curvature."""
    evidence = _compute_evidence(bend, trace, solution)
    if evidence > _NEEDED + CLEAR:
        return time
    place = solution.coefficients.size
    by_time = (solution.gradient(trace.x) / trace.sigma[:, None]) @ solution.covariance[:, place]
    size = float(np.sqrt(bend @ bend))
    common = -float(bend @ by_time) / (size * solution.theta_error(0) * np.sqrt(solution.scale))
    return correct_for_selection(time, evidence=evidence, needed=_NEEDED, common=min(max(common, 0.0), 1.0))


def _require_determined(name: str, time: tuple[float, float], trace: Trace) -> None:
    """Raise `NoEffect` if the error of the time is too large."""
    value, error = time
    if not (np.isfinite(value) and error <= _UNDETERMINED * value):
        raise NoEffect(
            f"decay not seen within the window: {name} = {format_rounded(value, 3)} ± {format_rounded(error, 2)}\N{NO-BREAK SPACE}µs, window {format_rounded(trace.span, 3)}\N{NO-BREAK SPACE}µs"
        )


def _build_result(
    name: str,
    time: tuple[float, float],
    message: str,
    trace: Trace,
    solution: Solution,
    left_out: tuple[float, ...],
) -> FitResult:
    return FitResult(
        success=True,
        message=message + describe_left_out(left_out),
        parameters={name: Estimate(*time, "us")},
        r2=compute_r_squared(trace, solution),
        reduced_chi2=compute_reduced_chi2(trace, solution),
        left_out=left_out,
        model=solution.predict,
    )

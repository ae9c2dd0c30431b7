"""Ramsey fringes: the detuning of the drive, and T2*."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.candidates import Candidate, average_models
from qdash_analysis.envelope import average_decay_times, describe_shapes, fit_shapes, validate_shape
from qdash_analysis.evidence import (
    compute_r_squared,
    compute_reduced_chi2,
    explains,
    require_effect,
    require_signal,
)
from qdash_analysis.inputs import validate_trace
from qdash_analysis.oscillation import (
    AT_LEAST,
    build_decaying_basis,
    count_trials,
    fit_decaying,
    fit_steady,
    require_periods,
)
from qdash_analysis.outliers import describe_left_out, fit_without_outliers
from qdash_analysis.result import Estimate, FitResult, format_rounded, return_rejection

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from qdash_analysis.envelope import EnvelopeShape
    from qdash_analysis.inputs import Trace
    from qdash_analysis.solution import Solution

_UNDETERMINED = 0.5
_PLAIN = 0.2


@return_rejection
def fit_ramsey(
    x: ArrayLike, y: ArrayLike, *, sigma: ArrayLike | None = None, envelope: EnvelopeShape = "auto"
) -> FitResult:
    """Fit Ramsey fringes.

    Model: ``y = B + A E(x) cos(2 pi detuning x + phase)`` with an exponential, Gaussian or mixed envelope E
    (Ithier et al., Phys. Rev. B 72, 134519 (2005)); `t2_star` is its 1/e time for any shape. The shapes are
    weighted by their likelihood; if the data cannot separate them, the estimates are their means and the
    errors include the difference. Points that contradict the others by more than 6 sigma are left out (at
    most a tenth of them, named in the message).

    Parameters
    ----------
    x
        Delays in µs, shape ``(n,)``, ascending, at least 8.
    y
        Signal, shape ``(n,)``, any unit and sign.
    sigma
        Known 1-sigma noise of `y`, scalar or shape ``(n,)``. Without it the scatter about the fit gives the
        errors.
    envelope
        Shape of E: `auto`, or `exponential` or `gaussian` if it is known. The errors are then conditional on that shape.

    Returns
    -------
    FitResult
        With `detuning` in MHz (a magnitude: one trace does not determine its sign) and `t2_star` in µs. The
        latter is absent,
        and the message says so, if the decay is not visible within the window. Errors are those of the
        least-squares
        covariance, scaled by the root of the reduced chi² where that is significantly above one. Rejected:
        flat or pure
        noise, less than three quarters of a period, a frequency that the decay leaves undetermined, a trace
        that the
        model does not describe.

    Notes
    -----
    An even sweep cannot separate a frequency f from its aliases, such as 1 / step - f: the one below 1 / (2
    step) is
    reported. An uneven one is searched up to one over twice its smallest step.

    Raises
    ------
    ValueError
        If an array is not 1-D, finite, of equal length and long enough, `x` does not ascend, `sigma` is not
        positive or `envelope` is unknown.
    """
    shape = validate_shape(envelope)
    trace = validate_trace(x, y, sigma, at_least=AT_LEAST)
    require_signal(trace, effect="Ramsey oscillation")
    trace, candidates, left_out = fit_without_outliers(
        trace, lambda kept: fit_shapes(kept, build_decaying_basis, fit_decaying(kept), shape=shape)
    )
    best = candidates[0].solution
    require_effect(trace, best, trials=count_trials(trace), effect="Ramsey oscillation")
    periods, error = _average_periods(candidates)
    require_periods(trace, periods, error, effect="Ramsey oscillation")
    parameters = {"detuning": Estimate(periods / trace.span, error / trace.span, "MHz")}
    time, time_error = average_decay_times(candidates, 1, trace.span)
    message = describe_shapes(candidates)
    if time_error < _UNDETERMINED * time and (time_error < _PLAIN * time or _is_decaying(trace, best)):
        parameters["t2_star"] = Estimate(time, time_error, "us")
    else:
        message = f"decay not seen within the window of {format_rounded(trace.span, 3)}\N{NO-BREAK SPACE}µs, so no t2_star"
    return FitResult(
        success=True,
        message=f"Ramsey oscillation, {message}{describe_left_out(left_out)}",
        parameters=parameters,
        r2=compute_r_squared(trace, best),
        reduced_chi2=compute_reduced_chi2(trace, best),
        left_out=left_out,
        model=best.predict,
    )


def _is_decaying(trace: Trace, solution: Solution) -> bool:
    """Return whether a decaying oscillation explains the trace better than a steady one.

    Without this, only chance results that are short enough to be determined would be reported for a slow
    decay.
    """
    return explains(trace, fit_steady(trace, solution), solution, trials=1.0)


def _average_periods(candidates: list[Candidate]) -> tuple[float, float]:
    periods = [float(np.abs(candidate.solution.theta[0])) for candidate in candidates]
    errors = [candidate.solution.theta_error(0) for candidate in candidates]
    return average_models(periods, errors, [candidate.weight for candidate in candidates])

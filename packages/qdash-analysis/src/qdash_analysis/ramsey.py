"""Ramsey fringes: the detuning of the drive, and T2*."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.candidates import Candidate, average_models
from qdash_analysis.envelope import (
    EXPONENTIAL,
    average_decay_times,
    describe_shapes,
    fit_shapes,
    validate_shape,
)
from qdash_analysis.evidence import (
    FALSE_ALARM,
    compute_false_alarm,
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
from qdash_analysis.residuals import are_structured
from qdash_analysis.result import Estimate, FitResult, NoEffect, format_rounded, return_rejection
from qdash_analysis.two_fringes import fit_two_fringes
from qdash_analysis.wander import compute_cost, fit_wander

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from qdash_analysis.envelope import EnvelopeShape
    from qdash_analysis.inputs import Trace
    from qdash_analysis.solution import Solution
    from qdash_analysis.wander import Wander

_WANDERS = 6.0
"""Gain of -2 log(likelihood) from which the frequency wanders."""
_CANCELLING = 1.5
_RESOLVED = 2.0
"""Distance, in periods of the window, from which the fit of one frequency follows the stronger of two."""
_WEIGHINGS = 2
_CORRELATED = 2.0
_DOUBTFUL = 0.2
"""Probability of chance below which the error includes that there may be two frequencies."""
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
    errors include the difference. Scatter in quadrature to the fringes that grows with the delay is a wander of the
    frequency: it weights the points. The frequency is then the mean over the sweep, with an error that includes the
    correlation of the phases. Isolated points that contradict the others by more than 6 sigma are left out (at most a
    tenth of them, never the first or the last, named in the message).

    Parameters
    ----------
    x
        Delays in µs, shape ``(n,)``, ascending, at least 8.
    y
        Signal, shape ``(n,)``, any unit and sign.
    sigma
        Known 1-sigma noise of `y`, scalar or shape ``(n,)``. Without it the scatter about the fit gives the errors.
    envelope
        Shape of E: `auto`, or `exponential` or `gaussian` if it is known. The errors are then conditional on that shape.

    Returns
    -------
    FitResult
        With `detuning` in MHz (a magnitude: one trace does not determine its sign) and `t2_star` in µs. The latter is
        absent, and the message says so, if the decay is not visible within the window. Its error is that for one
        frequency: where another envelope than the exponential or a second frequency is likely, the message says that a
        slower beat would make it longer. If it is significant, `wander`
        in kHz is the standard deviation of the frequency from point to point, without an error. `second_detuning` in
        MHz is a weaker second frequency that the data do not exclude; the error of `detuning` then includes it.
        Errors are those of the least-squares covariance, scaled by the root of the reduced chi² where that is
        significantly above one. Rejected: flat or pure noise, less than three quarters of a period, a frequency that
        the decay leaves undetermined, a trace that the model does not describe, and two frequencies with a common decay,
        if they explain the trace better than one frequency with a wander or without. The message names both; it does not
        tell charge parity, a defect and ZZ with a neighbour apart.

    Notes
    -----
    An even sweep cannot separate a frequency f from its aliases, such as 1 / step - f: the one below 1 / (2 step) is
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

    def fit(kept: Trace) -> list[Candidate]:
        return fit_shapes(kept, build_decaying_basis, fit_decaying(kept), shape=shape)

    trace, candidates, left_out = fit_without_outliers(trace, fit)
    wander = fit_wander(trace, candidates[0].solution)
    moved, second = _require_one_frequency(trace, candidates[0].solution, wander)
    wanders = wander.gain > _WANDERS
    measured = trace
    for _ in range(_WEIGHINGS if wanders else 0):
        trace = wander.weigh(measured)
        candidates = fit(trace)
        wander = fit_wander(measured, candidates[0].solution)
    wanders = wanders and wander.size > 0
    best = candidates[0].solution
    require_effect(trace, best, trials=count_trials(trace), effect="Ramsey oscillation")
    periods, error = _average_periods(candidates)
    error = float(np.hypot(error * _compute_phase_inflation(best), moved))
    require_periods(trace, periods, error, effect="Ramsey oscillation")
    parameters = {"detuning": Estimate(periods / trace.span, error / trace.span, "MHz")}
    notes = [describe_left_out(left_out)]
    if second is not None:
        parameters["second_detuning"] = second
        notes.append(
            f"; a second frequency, {format_rounded(second.value, 4)}\N{NO-BREAK SPACE}MHz, is not excluded"
        )
    if wanders:
        size_khz = 1e3 * wander.size
        parameters["wander"] = Estimate(size_khz, None, "kHz")
        notes.append(
            f"; the frequency wanders by about {format_rounded(size_khz, 2)}\N{NO-BREAK SPACE}kHz between the points"
        )
    time, time_error = average_decay_times(candidates, 1, trace.span)
    message = describe_shapes(candidates)
    if time_error < _UNDETERMINED * time and (time_error < _PLAIN * time or _is_decaying(trace, best)):
        parameters["t2_star"] = Estimate(time, time_error, "us")
        if second is not None or candidates[0].name != EXPONENTIAL:
            notes.append("; t2_star is at least this: a beat slower than the window is not excluded")
    else:
        message = f"decay not seen within the window of {format_rounded(trace.span, 3)}\N{NO-BREAK SPACE}µs, so no t2_star"
    return FitResult(
        success=True,
        message=f"Ramsey oscillation, {message}{''.join(notes)}",
        parameters=parameters,
        r2=compute_r_squared(trace, best),
        reduced_chi2=compute_reduced_chi2(trace, best),
        left_out=left_out,
        model=best.predict,
    )


def _require_one_frequency(trace: Trace, single: Solution, wander: Wander) -> tuple[float, Estimate | None]:
    """Raise `NoEffect` if two frequencies explain the trace better than one, with a wander or without.

    If two are possible, returns the distance of the stronger or of their mean from the `single` one in periods of the
    window, and the weaker one in MHz; else 0 and None.
    """
    two = fit_two_fringes(trace, single)
    if two is None:
        return 0.0, None
    # The criterion of Schwarz (Annals of Statistics 6, 461 (1978)): a wander is one parameter beside the single line.
    penalty, more = np.log(trace.x.size), two.parameters - single.parameters
    if compute_cost(trace, two) + more * penalty > min(wander.cost + penalty, compute_cost(trace, single)):
        return 0.0, None
    doubt = compute_false_alarm(
        single.chi2,
        two,
        extra=more,
        trials=count_trials(trace),
        sigma_known=trace.sigma_known,
        correlated=two.inflation,
    )
    heights = np.hypot(two.coefficients[:2], two.coefficients[2:4])
    # Two large waves that cancel each other are no lines, but the derivative of one by its frequency.
    if doubt > _DOUBTFUL or heights.max() > _CANCELLING * np.hypot(*single.coefficients[:2]):
        return 0.0, None
    periods, weaker = np.abs(two.theta[:2]), int(heights.argmin())
    if doubt <= FALSE_ALARM:
        low, high = np.sort(periods) / trace.span
        raise NoEffect(
            f"two frequencies, {low:.6g} and {high:.6g}\N{NO-BREAK SPACE}MHz, explain the fringes, and a single one does not. Charge "
            "parity, a defect, or ZZ with a neighbour can cause this"
        )
    places = [periods[1 - weaker]]
    if abs(periods[0] - periods[1]) < _RESOLVED:
        places.append(heights @ periods / heights.sum())
    moved = float(np.abs(np.array(places) - np.abs(single.theta[0])).max())
    if moved > 1:
        return 0.0, None
    return moved, Estimate(periods[weaker] / trace.span, two.theta_error(weaker) / trace.span, "MHz")


def _is_decaying(trace: Trace, solution: Solution) -> bool:
    """Return whether a decaying oscillation explains the trace better than a steady one.

    Otherwise only chance results that are short enough would be reported for a slow decay.
    """
    return explains(trace, fit_steady(trace, solution), solution, trials=1.0)


def _compute_phase_inflation(solution: Solution) -> float:
    """Return the factor on the error of a frequency whose wander is correlated from point to point.

    The slope of the fringes gives the residuals their sign, so the correlation of the phase remains. It counts as the
    root of its sum over lags before the first negative one (Geyer, Statistical Science 7, 473 (1992)).
    """
    phases = solution.residuals * np.sign(solution.design[:, solution.coefficients.size])
    if not are_structured(phases, errors=_CORRELATED):
        return 1.0
    lags = np.correlate(phases, phases, "full")[phases.size - 1 :] / (phases @ phases)
    variance = 2 * lags[: int(np.argmax(lags < 0)) or None].sum() - 1
    return max(1.0, float(np.sqrt(variance / solution.inflation)))


def _average_periods(candidates: list[Candidate]) -> tuple[float, float]:
    periods = [float(np.abs(candidate.solution.theta[0])) for candidate in candidates]
    errors = [candidate.solution.theta_error(0) for candidate in candidates]
    return average_models(periods, errors, [candidate.weight for candidate in candidates])

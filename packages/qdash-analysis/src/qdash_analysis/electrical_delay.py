"""Electrical delay of a readout line, from the phase of its transmission."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import (
    FALSE_ALARM,
    compute_false_alarm,
    compute_r_squared,
    compute_reduced_chi2,
    require_description,
)
from qdash_analysis.inputs import require_same_length, validate_ascending, validate_complex, validate_sigma
from qdash_analysis.iq_offset import compute_offset_pulls
from qdash_analysis.notch import CableBasis, ComplexModel, FrequencyWindow, build_stacked_trace, solve_notch
from qdash_analysis.residuals import are_structured
from qdash_analysis.resonator import fit_notch
from qdash_analysis.result import Estimate, FitResult, NoEffect, NoSignal, return_rejection

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.solution import Solution

_AT_LEAST = 12
_UNDETERMINED_TURNS = 0.25


@return_rejection
def fit_electrical_delay(
    x: ArrayLike,
    y: ArrayLike,
    *,
    sigma: ArrayLike | None = None,
    near_ns: float = 0.0,
    offset: ArrayLike = 0.0,
    offset_error: float = 0.0,
) -> FitResult:
    """Fit the delay of a line from its complex transmission.

    Model: ``S21 = a (1 + s f) exp(-2 pi i f delay)``, times the notch of `fit_resonator` if the trace shows
    one: its phase would be taken for a delay. If that does not describe the trace, the line is fitted as in
    `fit_resonator`, in the conjugate of the data or beside an offset of the IQ plane too; the delay is that of the data,
    negative in a reflected plane. The phase is known up to whole turns from point to point, so the
    delay is the one nearest to `near_ns` within half of 1 / step of the sweep.

    Parameters
    ----------
    x
        Frequency in GHz, shape ``(n,)``, ascending, at least 12.
    y
        Complex S21, shape ``(n,)``, any unit.
    sigma
        Known 1-sigma noise of each quadrature of `y`, scalar or shape ``(n,)``. Without it the scatter about
        the fit gives the errors.
    near_ns
        Delay known from a finer sweep, in ns.
    offset, offset_error
        Offset of the IQ plane and its error, as in `fit_coupling_rates`.

    Returns
    -------
    FitResult
        With `electrical_delay` in ns. Errors are those of the least-squares covariance, scaled by the root of
        the reduced chi² where that is significantly above one. Rejected: no signal, a phase that is not
        determined, a trace that the model does not describe.

    Raises
    ------
    ValueError
        If an array is not 1-D, finite, of equal length and long enough, `x` does not ascend or `sigma` is not positive.
    """
    frequency, s21 = validate_ascending("x", x, at_least=_AT_LEAST), validate_complex("y", y)
    require_same_length(frequency, s21)
    noise = validate_sigma(sigma, frequency.size)
    window = FrequencyWindow(float(frequency[0] + frequency[-1]) / 2, float(frequency[-1] - frequency[0]))
    middle = window.middle
    subtracted = np.broadcast_to(np.asarray(offset, np.complex128), s21.shape)
    turned = (s21 - subtracted) * np.exp(2j * np.pi * near_ns * (frequency - middle))
    trace = build_stacked_trace(frequency, turned, noise, sigma_known=sigma is not None)
    solution = _solve(trace, window)
    predict: Callable[[Floats], NDArray[np.complex128]] = ComplexModel(solution)
    seen, sign = "", 1
    if are_structured(solution.residuals):
        with suppress(NoEffect):
            found = fit_notch(frequency, turned, sigma=sigma)
            trace, solution, window, predict = found.trace, found.solution, found.window, found.predict
            seen, sign = found.note, -1 if found.conjugate else 1
    _require_signal(trace, solution)
    index = 0 if isinstance(solution.basis, CableBasis) else 2
    error = solution.theta_error(index)
    if offset_error:
        turn = np.exp(2j * np.pi * sign * near_ns * (trace.x[: trace.x.size // 2] - middle))
        pulls = compute_offset_pulls(trace, solution, offset_error * turn)
        error = math.hypot(error, *pulls[:, solution.coefficients.size + index])
    if error > _UNDETERMINED_TURNS:
        raise NoEffect("delay not determined: the phase is uncertain by a quarter of a turn along the sweep")
    delay = near_ns + sign * float(solution.theta[index]) / window.span
    beside = ", with a resonance in the window" if index else ""
    return FitResult(
        success=True,
        message=f"delay {delay:.6g}\N{NO-BREAK SPACE}ns{beside}{seen}",
        parameters={"electrical_delay": Estimate(delay, error / window.span, "ns")},
        r2=compute_r_squared(trace, solution),
        reduced_chi2=compute_reduced_chi2(trace, solution),
        model=_Turned(predict, middle, near_ns, frequency, subtracted),
    )


@dataclass(frozen=True, slots=True)
class _Turned:
    """Model of the trace before the known delay and the offset were taken out."""

    model: Callable[[Floats], NDArray[np.complex128]]
    middle: float
    near_ns: float
    frequency: Floats
    offset: NDArray[np.complex128]

    def __call__(self, x: Floats) -> NDArray[np.complex128]:
        turned = self.model(x) * np.exp(-2j * np.pi * self.near_ns * (x - self.middle))
        return np.asarray(turned + np.interp(x, self.frequency, self.offset))


def _solve(trace: Trace, window: FrequencyWindow) -> Solution:
    """Fit a cable, with a notch if the trace shows one."""
    with_notch, cable = solve_notch(trace, window)
    doubt = compute_false_alarm(
        cable.chi2,
        with_notch,
        extra=with_notch.parameters - cable.parameters,
        trials=trace.x.size / 2,
        sigma_known=trace.sigma_known,
        correlated=with_notch.inflation,
    )
    return with_notch if doubt <= FALSE_ALARM else cable


def _require_signal(trace: Trace, solution: Solution) -> None:
    """Raise `NoSignal` if noise alone explains the trace, `NoEffect` if the model does not describe it."""
    nothing = float(np.sum((trace.y / trace.sigma) ** 2))
    doubt = compute_false_alarm(
        nothing,
        solution,
        extra=solution.parameters,
        trials=trace.x.size / 2,
        sigma_known=trace.sigma_known,
        correlated=solution.inflation,
    )
    if doubt > FALSE_ALARM:
        raise NoSignal("no signal above the noise")
    require_description(nothing, solution, sigma_known=trace.sigma_known)

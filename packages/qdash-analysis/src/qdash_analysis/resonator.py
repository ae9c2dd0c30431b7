"""Resonator, a dip or a peak of the transmission: its frequency, width and losses."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis.evidence import (
    FALSE_ALARM,
    UNDERESTIMATED,
    build_sloped_basis,
    compute_basis_chi2,
    compute_false_alarm,
    compute_r_squared,
    compute_reduced_chi2,
    require_description,
    require_signal,
)
from qdash_analysis.gain_drift import fit_gain_drift
from qdash_analysis.inputs import (
    Floats,
    Trace,
    require_same_length,
    validate_ascending,
    validate_complex,
    validate_sigma,
    validate_trace,
)
from qdash_analysis.iq_offset import OffsetBasis, compute_offset_pulls, describe_dip, fit_offsets
from qdash_analysis.notch import (
    ComplexModel,
    FrequencyWindow,
    PeakMagnitudeBasis,
    build_stacked_trace,
    find_line_in_residuals,
    find_signed_starts,
    find_starts,
    is_peak,
    solve_magnitude,
    solve_notch,
)
from qdash_analysis.overlapping_resonances import TwoResonancesError, find_alternative_lines
from qdash_analysis.residuals import are_structured
from qdash_analysis.result import Estimate, FitResult, NoEffect, NoSignal, return_rejection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from qdash_analysis.notch import OneLine
    from qdash_analysis.solution import Solution

_AT_LEAST = 12
_UNDETERMINED = 0.5
_WELL_DETERMINED = 1 / 3
_APPROACHES = 3
_LEVERAGE_LIMIT = 0.999
_SURROUNDINGS = 6.0
_CLOSER = 0.7
_ENOUGH = 24
_EDGE = 0.5
_HUMP = 0.25
_MOST = 0.5
_SMALLEST_LEAK = 1e-6
_FEWEST_TURNS = 1.0
"""Least turns of the cable in the window that tell the carrier from an offset."""
_SURPRISE = 1e-3
"""Probability of chi² below which a fit beside an offset counts as incomplete."""
_UNEXPLAINED = "the model does not describe the data: neither a resonance alone nor one beside an offset of the IQ plane does"
_MISFIT = 2.5
"""Correlation of neighbouring residuals, in units of its error, from which an offset may explain a trace."""


@return_rejection
def fit_resonator(x: ArrayLike, y: ArrayLike, *, sigma: ArrayLike | None = None) -> FitResult:
    """Fit a resonator: a notch (hanger), or a peak.

    Model: ``S21 = a (1 + s f) exp(-2 pi i f delay) (1 - d / (1 + 2 i Ql (f / fr - 1)))`` with complex
    amplitude a, slope s of the gain, any cable delay, and complex d = Ql / |Qc| exp(i phi), so an asymmetric
    line is fitted as such (Khalil et al., J. Appl. Phys. 111, 054510 (2012); Probst et al., Rev. Sci.
    Instrum. 86, 024706 (2015)). If `y` is real, its magnitude is fitted. A large d is a peak, as of a resonator in
    transmission. If the conjugate of complex data is likelier (another sign of Q: the phase rises with frequency), it is
    fitted. The message says both. If this does not describe complex data, an offset of the IQ plane is fitted beside the
    line: constant, drifting, or cycling during the sweep, if the frequencies ascend in time. If the background is not that simple
    (residuals of neighbours are correlated), only the surroundings of the line are fitted. If two lines describe
    complex data better than one, the errors include the distance of those that may be the true one: a second
    resonance in the noise, or the other state of a qubit that is excited in some shots. If two that overlap are
    surely better, but are not determined or not dips, the errors include a linewidth. If a drift of the gain, or of gain and
    phase, during the sweep describes complex data better, the errors include the distance of the line of that fit.

    Parameters
    ----------
    x
        Frequency in GHz, shape ``(n,)``, ascending, at least 12.
    y
        Complex S21, or its linear magnitude, shape ``(n,)``, any unit.
    sigma
        Known 1-sigma noise of `y` (of each quadrature, if complex), scalar or shape ``(n,)``. Without it the scatter
        about the fit gives the errors.

    Returns
    -------
    FitResult
        With `frequency` in GHz, `linewidth` (fr / Ql, FWHM) in MHz, `q_loaded`, and `q_internal` (1/Qi = 1/Ql -
        cos(phi)/|Qc|) if the data determine it to a third: not for a peak, and beside an offset of the IQ plane only if
        the cable turns the phase once in the window. Errors are those of the least-squares covariance, scaled by the
        root of the reduced chi² where that is significantly above one. Rejected: flat or pure noise, a line outside the
        window or broader than it, a line on a single point, a step (neither a dip nor a peak), two overlapping
        resonances (complex data only; with noise of a tenth of the carrier, up to a third of the pairs closer than half
        a linewidth are accepted with a linewidth more than 3 errors off; the model neglects reflections between them),
        a trace that the model does not describe.

    Raises
    ------
    ValueError
        If an array is not 1-D, finite, of equal length and long enough, `x` does not ascend or `sigma` is not positive.
    """
    found = fit_notch(x, y, sigma=sigma)
    trace, solution = found.trace, found.solution
    parameters = found.estimates
    lacking = "" if "q_internal" in parameters or found.peak else ", q_internal not determined"
    return FitResult(
        success=True,
        message=f"resonance at {parameters['frequency'].value:.7g}\N{NO-BREAK SPACE}GHz{found.note}{lacking}",
        parameters=parameters,
        r2=compute_r_squared(trace, solution),
        reduced_chi2=compute_reduced_chi2(trace, solution),
        traits=found.traits,
        model=found.predict,
    )


@dataclass(frozen=True, slots=True)
class DataKind:
    """Functions that differ between complex data and magnitudes.

    `solve` takes the starts, or none, and returns the fit and chi² without resonance; `dip` returns d for
    (coefficients, theta).
    """

    solve: Callable[[Trace, FrequencyWindow, Sequence[Floats]], tuple[Solution, float]]
    dip: Callable[[Floats, Floats], complex]
    predictor: Callable[[Solution], Callable[[Floats], NDArray[Any]]]


def _solve_complex(trace: Trace, window: FrequencyWindow, first: Sequence[Floats]) -> tuple[Solution, float]:
    solution, without = solve_notch(trace, window, first)
    return solution, without.chi2


def _solve_magnitude(
    trace: Trace, window: FrequencyWindow, first: Sequence[Floats]
) -> tuple[Solution, float]:
    del first
    return solve_magnitude(trace, window), compute_basis_chi2(build_sloped_basis(trace.x), trace)


def _compute_complex_dip(coefficients: Floats, theta: Floats) -> complex:
    del theta
    half = coefficients.size // 2
    carrier, dip = coefficients[:2] + 1j * coefficients[half : half + 2]
    return complex(-dip / carrier)


def _compute_magnitude_dip(coefficients: Floats, theta: Floats) -> complex:
    del coefficients
    return complex(1 - abs(theta[2]), theta[3])


def _compute_peak_dip(coefficients: Floats, theta: Floats) -> complex:
    del coefficients
    leak = max(abs(theta[2]), _SMALLEST_LEAK)
    return complex(1 - 1 / leak, theta[3] / leak)


def _get_predictor(solution: Solution) -> Callable[[Floats], Floats]:
    return solution.predict


_COMPLEX = DataKind(_solve_complex, _compute_complex_dip, ComplexModel)
_MAGNITUDE = DataKind(_solve_magnitude, _compute_magnitude_dip, _get_predictor)
_PEAK = DataKind(_solve_magnitude, _compute_peak_dip, _get_predictor)


@dataclass(frozen=True)
class NotchFit:
    """Line fitted to a trace, and the part of the trace that was fitted.

    The errors contain the distance of the `alternatives`: any of them may be the true line. `note` says if only a part
    was fitted, and what is unusual. The trace may be the `conjugate` of the data; `offset_error` is the 1-sigma error of
    each quadrature of a subtracted offset.
    """

    trace: Trace
    solution: Solution
    window: FrequencyWindow
    kind: DataKind
    note: str
    peak: bool
    conjugate: bool
    alternatives: Sequence[OneLine] = ()
    offset_error: float = 0.0

    @property
    def estimates(self) -> dict[str, Estimate]:
        """Estimates of `fit_resonator`."""
        return _derive_estimates(self)

    @property
    def traits(self) -> dict[str, str]:
        """Traits of the line, see `FitResult`."""
        shape = {"shape": "peak" if self.peak else "dip"}
        return {**shape, "phase": "rises" if self.conjugate else "falls"} if self.kind is _COMPLEX else shape

    def predict(self, x: Floats) -> NDArray[Any]:
        """Return the model of the data at frequencies `x`."""
        found = self.kind.predictor(self.solution)(x)
        return found.conj() if self.conjugate else found

    @property
    def hides_losses(self) -> bool:
        """True if the data do not tell external from internal losses: for a peak, or beside an offset that looks like the carrier."""
        beside = isinstance(self.solution.basis, OffsetBasis)
        return self.peak or (beside and abs(self.solution.theta[2]) < _FEWEST_TURNS)

    def evaluate(self, quantity: Callable[[Floats, Floats], float]) -> tuple[float, float]:
        """Return value and 1-sigma error of a `quantity` of (coefficients, theta), its alternatives included."""
        value, error = self.solution.evaluate(quantity)
        farthest = max((abs(quantity(*one) - value) for one in self.alternatives), default=0.0)
        if self.offset_error:
            error = math.hypot(error, *self._offset_pulls @ self.solution.derivative(quantity))
        return value, math.hypot(error, farthest)

    @cached_property
    def _offset_pulls(self) -> Floats:
        """Changes of the parameters by an offset of one error in I and in Q, shape ``(2, k + m)``."""
        shape = np.full(self.trace.x.size // 2, self.offset_error)
        return compute_offset_pulls(self.trace, self.solution, shape)


def fit_notch(x: ArrayLike, y: ArrayLike, *, sigma: ArrayLike | None) -> NotchFit:
    """Fit complex S21 or its magnitude, with the arguments of `fit_resonator`.

    Raises
    ------
    NoEffect
        If there is no resonance, or the model does not describe the trace.
    ValueError
        As `fit_resonator`.
    """
    if not np.iscomplexobj(y):
        magnitudes = validate_trace(x, y, sigma, at_least=_AT_LEAST)
        require_signal(magnitudes, effect="resonance")
        return _fit_line(_Plane(magnitudes, ()), _MAGNITUDE)
    frequency, s21 = validate_ascending("x", x, at_least=_AT_LEAST), validate_complex("y", y)
    require_same_length(frequency, s21)
    noise = validate_sigma(sigma, frequency.size)
    trace = build_stacked_trace(frequency, s21, noise, sigma_known=sigma is not None)
    require_signal(trace, effect="resonance")
    place = _build_window(trace).place(frequency)
    conjugate, first = find_signed_starts(place, s21, 1 / noise)
    plane = _Plane(_mirror(trace) if conjugate else trace, first, conjugate)
    try:
        return _fit_line(plane, _COMPLEX)
    except NoEffect as refusal:
        if _is_described(plane):
            raise
        found = _fit_beside_offset(plane)
        if found is None:
            # An offset can make the wrong sign the likelier one.
            starts = find_starts(place, s21 if conjugate else s21.conj(), 1 / noise)
            found = _fit_beside_offset(_Plane(trace if conjugate else _mirror(trace), starts, not conjugate))
        if found is None and isinstance(refusal, _ShapeError):
            raise NoEffect(_UNEXPLAINED) from refusal
        if found is None or (
            isinstance(refusal, TwoResonancesError) and not _is_simpler(found, refusal.pair)
        ):
            raise
        return found


def _mirror(trace: Trace) -> Trace:
    """Return the stacked trace of the conjugate."""
    return replace(trace, y=trace.y * np.repeat([1.0, -1.0], trace.x.size // 2))


@dataclass(frozen=True, slots=True)
class _Plane:
    """Trace of the data or of their conjugate, and starts of `NotchBasis`."""

    trace: Trace
    starts: Sequence[Floats]
    conjugate: bool = False

    @property
    def note(self) -> str:
        return ", in the conjugate of the data: the phase rises with frequency" if self.conjugate else ""


class _ShapeError(NoEffect):
    """Refusal of a fitted line that is not a resonance inside the window."""


def _is_simpler(found: NotchFit, pair: Solution) -> bool:
    """Return whether a line beside an offset is likelier than two lines (Schwarz, Annals of Statistics 6, 461 (1978))."""
    one = found.solution
    price = math.log(one.residuals.size) * min(one.variance, pair.variance)
    return one.chi2 + price * one.parameters <= pair.chi2 + price * pair.parameters


def _fit_line(plane: _Plane, kind: DataKind) -> NotchFit:
    """Fit a line without an offset of the IQ plane, or raise `NoEffect`."""
    trace, solution, background, part = _fit_near(plane.trace, kind, plane.starts)
    if isinstance(solution.basis, PeakMagnitudeBasis):
        kind = _PEAK
    peak = _require_no_step(kind.dip(solution.coefficients, solution.theta))
    window = _build_window(trace)
    alternatives: list[OneLine] = []
    if kind is _COMPLEX:
        drifting = fit_gain_drift(trace, window, solution)
        # Two resonances are a better reason for a refusal than a misfit of one.
        alternatives = find_alternative_lines(
            trace, window, solution, background=background, drifting=drifting
        )
        alternatives += [(one.coefficients, one.theta[:4]) for one in drifting]
    require_description(background, solution, sigma_known=trace.sigma_known)
    if _compute_doubt(trace, background, solution, solution.inflation) > FALSE_ALARM:
        raise NoSignal("no resonance above the correlated noise")
    note = part + (", a peak" if peak else "") + plane.note
    return NotchFit(trace, solution, window, kind, note, peak, plane.conjugate, alternatives)


def _is_described(plane: _Plane) -> bool:
    """Return whether a line without an offset describes the trace."""
    trace = plane.trace
    solution, background = _COMPLEX.solve(trace, _build_window(trace), plane.starts)
    if are_structured(solution.residuals, errors=_MISFIT):
        return False
    try:
        require_description(background, solution, sigma_known=trace.sigma_known)
    except NoEffect:
        return False
    return True


def _fit_beside_offset(plane: _Plane) -> NotchFit | None:
    """Fit a line beside an offset of the IQ plane; return None if none explains the trace."""
    from scipy.special import chdtrc

    trace, window = plane.trace, _build_window(plane.trace)
    scattered: NotchFit | None = None
    for solution, alone, kind in fit_offsets(trace, window, plane.starts):
        dip = describe_dip(solution)
        if dip is None:
            continue
        try:
            require_description(alone.chi2, solution, sigma_known=trace.sigma_known)
            _require_line(solution)
            peak = _require_no_step(dip)
        except NoEffect:
            continue
        doubt = _compute_doubt(trace, alone.chi2, solution, solution.inflation)
        if doubt > FALSE_ALARM or are_structured(solution.residuals):
            continue
        note = f"{', a peak' if peak else ''}, beside a {kind} offset of the IQ plane{plane.note}"
        found = NotchFit(trace, solution, window, _COMPLEX, note, peak, plane.conjugate)
        if not trace.sigma_known or chdtrc(solution.dof, solution.chi2) > _SURPRISE:
            return found
        # White scatter beyond the stated noise may be noise; an offset of another kind may explain it.
        if scattered is None and chdtrc(solution.dof, solution.chi2 / UNDERESTIMATED**2) > _SURPRISE:
            scattered = found
    return scattered


def _build_window(trace: Trace) -> FrequencyWindow:
    first, last = float(trace.x.min()), float(trace.x.max())
    return FrequencyWindow((first + last) / 2, last - first)


def _fit_near(trace: Trace, kind: DataKind, first: Sequence[Floats]) -> tuple[Trace, Solution, float, str]:
    """Fit; restrict the window to the line if the background is not as simple as the model; also return its chi² alone."""
    note = ""
    window = _build_window(trace)
    solution, background = _fit(trace, window, kind, first)
    for _ in range(_APPROACHES):
        if not are_structured(solution.residuals):
            break
        near = _select_surroundings(trace, window, solution)
        if near is None:
            break
        trace, note = trace.select(near), ", fitted in its surroundings because the background is not smooth"
        window = _build_window(trace)
        solution, background = _fit(trace, window, kind)
    _require_line(solution)
    return trace, solution, background, note


def _select_surroundings(
    trace: Trace, window: FrequencyWindow, solution: Solution
) -> NDArray[np.bool_] | None:
    """Select the points about the line, or about a narrower one in the residuals if a hump was fitted."""
    place = window.place(trace.x)
    centre, log_width = solution.theta[:2]
    if np.exp(log_width) > _HUMP:
        narrower, unexplained = find_line_in_residuals(trace, window, solution)
        if narrower[1] < log_width + np.log(_HUMP) and unexplained < _MOST:
            centre, log_width = narrower
    near = np.abs(place - centre) <= _SURROUNDINGS * np.exp(log_width)
    return np.asarray(near) if _ENOUGH <= near.sum() <= _CLOSER * near.size else None


def _fit(
    trace: Trace, window: FrequencyWindow, kind: DataKind, first: Sequence[Floats] = ()
) -> tuple[Solution, float]:
    """Fit; also return the chi² of the background alone."""
    solution, background = kind.solve(trace, window, first)
    # A background that is not smooth is not noise: its correlation is judged after the restriction of the
    # window.
    if _compute_doubt(trace, background, solution, 1.0) > FALSE_ALARM:
        raise NoSignal("no resonance above the noise")
    return solution, background


def _compute_doubt(trace: Trace, background: float, solution: Solution, correlated: float) -> float:
    trials, known = trace.x.size / 2, trace.sigma_known
    return compute_false_alarm(
        background, solution, extra=4, trials=trials, sigma_known=known, correlated=correlated
    )


def _require_line(solution: Solution) -> None:
    """Raise `_ShapeError` unless the window contains the whole line and the points determine its centre."""
    centre, width = float(solution.theta[0]), float(np.exp(solution.theta[1]))
    if 0.5 - abs(centre) < max(_EDGE * width, 2 * solution.theta_error(0)):
        raise _ShapeError(
            "no resonance inside the window: its centre lies at the edge or outside. Move or widen the window"
        )
    if width > 1:
        raise _ShapeError("no resonance inside the window: the line is broader than the window. Widen it")
    if solution.leverage.max() > _LEVERAGE_LIMIT:
        raise _ShapeError("only a single point shows a resonance: take smaller steps")
    if solution.theta_error(0) > _UNDETERMINED * width or solution.theta_error(1) > _UNDETERMINED:
        raise _ShapeError(
            "resonance not determined: the error of its frequency or width exceeds half the linewidth. Average more"
        )


def _require_no_step(dip: complex) -> bool:
    """Return whether the line is a peak; raise `_ShapeError` for a step, which a mismatch of d cannot explain."""
    peak = is_peak(dip)
    if peak is None:
        raise _ShapeError(
            f"no resonance: a line turned by {np.degrees(abs(np.angle(dip))):.0f} degrees is a step, neither a dip nor a peak"
        )
    return peak


def _derive_estimates(found: NotchFit) -> dict[str, Estimate]:
    window, kind = found.window, found.kind

    def frequency(coefficients: Floats, theta: Floats) -> float:
        del coefficients
        return float(window.middle + window.span * theta[0])

    def width(coefficients: Floats, theta: Floats) -> float:
        del coefficients
        return float(window.span * np.exp(theta[1]))

    def q_loaded(coefficients: Floats, theta: Floats) -> float:
        return frequency(coefficients, theta) / width(coefficients, theta)

    def loss_share(coefficients: Floats, theta: Floats) -> float:
        return 1 - kind.dip(coefficients, theta).real

    def q_internal(coefficients: Floats, theta: Floats) -> float:
        return q_loaded(coefficients, theta) / loss_share(coefficients, theta)

    linewidth, error = found.evaluate(width)
    parameters = {
        "frequency": Estimate(*found.evaluate(frequency), "GHz"),
        "linewidth": Estimate(1e3 * linewidth, 1e3 * error, "MHz"),
        "q_loaded": Estimate(*found.evaluate(q_loaded), ""),
    }
    share, error = found.evaluate(loss_share)
    if not found.hides_losses and error < _WELL_DETERMINED * share < _WELL_DETERMINED:
        parameters["q_internal"] = Estimate(*found.evaluate(q_internal), "")
    return parameters

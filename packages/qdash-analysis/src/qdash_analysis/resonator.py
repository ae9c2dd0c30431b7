"""Notch resonator in transmission: its frequency, width and losses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis.evidence import (
    FALSE_ALARM,
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
from qdash_analysis.notch import (
    LEAST_DIP,
    ComplexModel,
    FrequencyWindow,
    find_line_in_residuals,
    solve_magnitude,
    solve_notch,
    stack_quadratures,
)
from qdash_analysis.overlapping_resonances import find_alternative_lines
from qdash_analysis.residuals import are_structured, compute_inflation
from qdash_analysis.result import Estimate, FitResult, NoEffect, return_rejection

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


@return_rejection
def fit_resonator(x: ArrayLike, y: ArrayLike, *, sigma: ArrayLike | None = None) -> FitResult:
    """Fit a notch (hanger) resonator.

    Model: ``S21 = a (1 + s f) exp(-2 pi i f delay) (1 - d / (1 + 2 i Ql (f / fr - 1)))`` with complex
    amplitude a, slope s of the gain, any cable delay, and complex d = Ql / |Qc| exp(i phi), so an asymmetric
    line is fitted as such (Khalil et al., J. Appl. Phys. 111, 054510 (2012); Probst et al., Rev. Sci.
    Instrum. 86, 024706 (2015)). If `y` is real, its magnitude is fitted. If the background is not that simple
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
        Known 1-sigma noise of `y` (of each quadrature, if complex), scalar or shape ``(n,)``. Without it the
        scatter
        about the fit gives the errors.

    Returns
    -------
    FitResult
        With `frequency` in GHz, `linewidth` (fr / Ql, FWHM) in MHz, `q_loaded`, and `q_internal` (1/Qi = 1/Ql
        -
        cos(phi)/|Qc|) if the data determine it to a third. Errors are those of the least-squares covariance,
        scaled
        by the root of the reduced chi² where that is significantly above one. Rejected: flat or pure noise, a
        line
        outside the window or broader than it, a line on a single point, a step (d turned by more than 72
        degrees), two overlapping resonances (complex data only; with noise of a tenth of the carrier, up to a third of
        the pairs closer than half a linewidth are accepted with a linewidth more than 3 errors off; the model neglects
        reflections between them), a trace that the model does not describe.

    Raises
    ------
    ValueError
        If an array is not 1-D, finite, of equal length and long enough, `x` does not ascend or `sigma` is not
        positive.
    """
    found = fit_notch(x, y, sigma=sigma)
    trace, solution = found.trace, found.solution
    parameters = found.estimates
    lacking = "" if "q_internal" in parameters else ", q_internal not determined"
    return FitResult(
        success=True,
        message=f"resonance at {parameters['frequency'].value:.7g}\N{NO-BREAK SPACE}GHz{found.note}{lacking}",
        parameters=parameters,
        r2=compute_r_squared(trace, solution),
        reduced_chi2=compute_reduced_chi2(trace, solution),
        model=found.kind.predictor(solution),
    )


@dataclass(frozen=True, slots=True)
class DataKind:
    """Functions that differ between complex data and magnitudes.

    Attributes
    ----------
    solve
        Returns the fit and the chi² without resonance.
    dip
        Returns the complex d for (coefficients, theta).
    predictor
        Returns a function of frequency for a solution.
    """

    solve: Callable[[Trace, FrequencyWindow], tuple[Solution, float]]
    dip: Callable[[Floats, Floats], complex]
    predictor: Callable[[Solution], Callable[[Floats], NDArray[Any]]]


def _solve_complex(trace: Trace, window: FrequencyWindow) -> tuple[Solution, float]:
    solution, without = solve_notch(trace, window)
    return solution, without.chi2


def _solve_magnitude(trace: Trace, window: FrequencyWindow) -> tuple[Solution, float]:
    return solve_magnitude(trace, window), compute_basis_chi2(build_sloped_basis(trace.x), trace)


def _compute_complex_dip(coefficients: Floats, theta: Floats) -> complex:
    del theta
    carrier, dip = coefficients[0] + 1j * coefficients[2], coefficients[1] + 1j * coefficients[3]
    return complex(-dip / carrier)


def _compute_magnitude_dip(coefficients: Floats, theta: Floats) -> complex:
    del coefficients
    return complex(1 - abs(theta[2]), theta[3])


def _get_predictor(solution: Solution) -> Callable[[Floats], Floats]:
    return solution.predict


_COMPLEX = DataKind(_solve_complex, _compute_complex_dip, ComplexModel)
_MAGNITUDE = DataKind(_solve_magnitude, _compute_magnitude_dip, _get_predictor)


@dataclass(frozen=True, slots=True)
class NotchFit:
    """Notch fitted to a trace, and the part of the trace that was fitted; `note` says if it is only a part.

    The errors contain the distance of the `alternatives`: any of them may be the true line.
    """

    trace: Trace
    solution: Solution
    window: FrequencyWindow
    kind: DataKind
    note: str
    alternatives: Sequence[OneLine] = ()

    @property
    def estimates(self) -> dict[str, Estimate]:
        """Estimates of `fit_resonator`."""
        return _derive_estimates(self)

    def evaluate(self, quantity: Callable[[Floats, Floats], float]) -> tuple[float, float]:
        """Return value and 1-sigma error of a `quantity` of (coefficients, theta), its alternatives included."""
        value, error = self.solution.evaluate(quantity)
        farthest = max((abs(quantity(*one) - value) for one in self.alternatives), default=0.0)
        return value, math.hypot(error, farthest)


def fit_notch(x: ArrayLike, y: ArrayLike, *, sigma: ArrayLike | None) -> NotchFit:
    """Fit complex S21 or its magnitude, with the arguments of `fit_resonator`.

    Raises
    ------
    NoEffect
        If there is no resonance, or the model does not describe the trace.
    ValueError
        As `fit_resonator`.
    """
    if np.iscomplexobj(y):
        frequency, s21 = validate_ascending("x", x, at_least=_AT_LEAST), validate_complex("y", y)
        require_same_length(frequency, s21)
        noise = validate_sigma(sigma, frequency.size)
        trace, kind = stack_quadratures(frequency, s21, noise, sigma_known=sigma is not None), _COMPLEX
    else:
        trace, kind = validate_trace(x, y, sigma, at_least=_AT_LEAST), _MAGNITUDE
    require_signal(trace, effect="resonance")
    trace, solution, background, note = _fit_near(trace, kind)
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
    if _compute_doubt(trace, background, solution, compute_inflation(solution.residuals)) > FALSE_ALARM:
        raise NoEffect("no resonance above the correlated noise")
    return NotchFit(trace, solution, window, kind, note, alternatives)


def _build_window(trace: Trace) -> FrequencyWindow:
    first, last = float(trace.x.min()), float(trace.x.max())
    return FrequencyWindow((first + last) / 2, last - first)


def _fit_near(trace: Trace, kind: DataKind) -> tuple[Trace, Solution, float, str]:
    """Fit; restrict the window to the line if the background is not as simple as the model.

    Also return the chi² of the background alone.
    """
    note = ""
    window = _build_window(trace)
    solution, background = _fit(trace, window, kind)
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
    _require_dip(kind.dip(solution.coefficients, solution.theta))
    return trace, solution, background, note


def _select_surroundings(
    trace: Trace, window: FrequencyWindow, solution: Solution
) -> NDArray[np.bool_] | None:
    """Select the points about the line.

    If the fit took a hump of the background, they are those about a narrower line in the residuals.
    """
    place = window.place(trace.x)
    centre, log_width = solution.theta[:2]
    if np.exp(log_width) > _HUMP:
        narrower, unexplained = find_line_in_residuals(trace, window, solution)
        if narrower[1] < log_width + np.log(_HUMP) and unexplained < _MOST:
            centre, log_width = narrower
    near = np.abs(place - centre) <= _SURROUNDINGS * np.exp(log_width)
    return np.asarray(near) if _ENOUGH <= near.sum() <= _CLOSER * near.size else None


def _fit(trace: Trace, window: FrequencyWindow, kind: DataKind) -> tuple[Solution, float]:
    """Fit; also return the chi² of the background alone."""
    solution, background = kind.solve(trace, window)
    # A background that is not smooth is not noise: its correlation is judged after the restriction of the
    # window.
    if _compute_doubt(trace, background, solution, 1.0) > FALSE_ALARM:
        raise NoEffect("no resonance above the noise")
    return solution, background


def _compute_doubt(trace: Trace, background: float, solution: Solution, correlated: float) -> float:
    trials, known = trace.x.size / 2, trace.sigma_known
    return compute_false_alarm(
        background, solution, extra=4, trials=trials, sigma_known=known, correlated=correlated
    )


def _require_line(solution: Solution) -> None:
    """Raise `NoEffect` unless the window contains the whole line and the points determine its centre."""
    centre, width = float(solution.theta[0]), float(np.exp(solution.theta[1]))
    if 0.5 - abs(centre) < max(_EDGE * width, 2 * solution.theta_error(0)):
        raise NoEffect("no resonance inside the window: its centre lies at the edge or outside")
    if width > 1:
        raise NoEffect("no resonance inside the window: it is broader than that")
    if solution.leverage.max() > _LEVERAGE_LIMIT:
        raise NoEffect("no resonance that more than a single point shows")
    if solution.theta_error(0) > _UNDETERMINED * width or solution.theta_error(1) > _UNDETERMINED:
        raise NoEffect("resonance not determined: its frequency or width is as uncertain as it is wide")


def _require_dip(dip: complex) -> None:
    """Raise `NoEffect` if the line is a step instead of a dip.

    A mismatch does not rotate d that far, a step in the background does.
    """
    if dip.real < LEAST_DIP * abs(dip):
        raise NoEffect(
            f"no resonance: a line turned by {np.degrees(abs(np.angle(dip))):.0f} degrees is a step, not a dip"
        )


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
    if error < _WELL_DETERMINED * share < _WELL_DETERMINED:
        parameters["q_internal"] = Estimate(*found.evaluate(q_internal), "")
    return parameters

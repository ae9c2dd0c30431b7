"""Dispersive readout: the shift of the resonator by the qubit, and the best readout frequency."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import (
    FALSE_ALARM,
    compute_basis_chi2,
    compute_false_alarm,
    compute_r_squared,
    compute_reduced_chi2,
    require_description,
    require_signal,
)
from qdash_analysis.inputs import (
    Floats,
    Trace,
    require_same_length,
    validate_ascending,
    validate_complex,
    validate_sigma,
)
from qdash_analysis.iq_offset import OffsetBasis
from qdash_analysis.leastsq import solve
from qdash_analysis.linear import scan
from qdash_analysis.notch import (
    FrequencyWindow,
    NotchBasis,
    build_stacked_trace,
    compute_cable,
    find_signed_starts,
    split_quadratures,
)
from qdash_analysis.residuals import are_structured
from qdash_analysis.result import Estimate, FitResult, NoEffect, NoSignal, return_rejection

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qdash_analysis.solution import Solution

_AT_LEAST = 12
_UNDETERMINED = 0.5
# The shape contains the square of 2 chi, which noise alone makes positive half of the time: three errors of
# the square, so a sixth of 2 chi itself, and of the parameters that depend on it.
_SEEN = 1 / 6
_EDGE = 0.25
_SPLIT = 4 / 3
_SHIFTS = np.array([-2.0, -1.3, -0.9, -0.6, -0.35, -0.15, 0.15, 0.35, 0.6, 0.9, 1.3, 2.0])
_WIDTHS = np.array([0.6, 1.0])
_PREPARED = 0.85
_RESOLVED = 1.0
"""Steps of the sweep below which a linewidth does not determine the shape of the line."""
_OBVIOUS = 10.0
_BESIDE_MIXTURE = 1
"""Parameters beside those of one mixture for both traces: its share of 1 in one of them."""
_BESIDE_LINE = 3
"""Parameters beside those of one line for both traces: 2 chi and both shares."""
_USUAL_PLACE = 1.7
"""Resonance with 2 minus that with 0, over 2 chi: 1.5 to 2 for transmons far from resonance (Koch et al., Phys. Rev. A 76,
042319 (2007))."""
_OF_DIFFERENCE = 5
"""Number of the parameters of the difference of the traces, which has no shares."""
_BESIDE_NOTHING = 7
"""Number of the parameters of the difference, coefficients included."""
_SAME_WIDTH = math.log(2)
"""Largest logarithm of the ratio of the widths of the difference and of the traces."""
_CENTRES = np.linspace(-0.4, 0.4, 9)
_DELAYS = np.array([-0.5, 0.0, 0.5])
_OF_TWO_STATES = 7
"""Number of the parameters without those of a third state."""
_LARGEST_START = 0.1
_NOTHING = 1e-50
_CLEARLY = 3.0
"""Least share of 2, in units of its error, with which its resonance is fitted and the message names it."""
_PLACED = 0.15
"""Largest error of the resonance of 2, over 2 chi, with which the data determine its share too."""


@return_rejection
def fit_readout_frequency(
    x: ArrayLike,
    iq0: ArrayLike,
    iq1: ArrayLike,
    *,
    sigma0: ArrayLike | None = None,
    sigma1: ArrayLike | None = None,
) -> FitResult:
    """Fit the transmission with 0 and with 1 prepared.

    Model: the notch of `fit_resonator` (any cable, any asymmetry, the likelier sign of the phase) at fr or at fr + 2 chi. Neither trace is
    pure: the remaining share p of the other state after reset, pulse and decay is the same at all
    frequencies, and a share q rests in 2 and takes part in neither. The means are

    ``S_k = a (1 + s f) exp(-2 pi i f delay) (1 - d ((1 - p_k - q) L(f - fr) + p_k L(f - fr - 2 chi) + q L(f - fr - 2 chi r)))``

    with ``L(u) = 1 / (1 + 2 i u / kappa)`` and both p and q fitted; r is 1.7, and fitted if q is above three of its
    errors. Whether the traces differ is decided without q. The difference of the traces is (p_1 - p_0) times that of the
    pure states, so mixing does not move the frequency of their largest distance; it increases the error of 2 chi, the
    more so the smaller 2 chi is compared with kappa.

    Parameters
    ----------
    x
        Readout frequency in GHz, shape ``(n,)``, ascending, at least 12.
    iq0, iq1
        Mean complex points with 0 and with 1 prepared, shape ``(n,)``, any unit.
    sigma0, sigma1
        Known 1-sigma noise of each quadrature of `iq0` and `iq1`, scalar or shape ``(n,)``; both or none. Without them
        the scatter about the fit gives the errors.

    Returns
    -------
    FitResult
        With `readout_frequency` in GHz: midway between the two resonances, where pure states lie farthest apart as long
        as 2 chi does not exceed kappa, and to 4 % up to 4/3 kappa. Beyond, the distance has two equal maxima: the one
        on the side of |0> is given. `dispersive_shift` (2 chi/2pi: resonance with 1 minus that with 0) in MHz,
        `linewidth` in MHz and `contrast` (p_1 - p_0) each where determined to a sixth; `third_share` (q) where it is
        above three errors and r is known to 0.15, which the message says. `predict` gives both traces, shape
        ``(2, n)``. Errors are those of the least-squares covariance, scaled by the root of the reduced chi² where that
        is significantly above one. Beside an offset that is alike in both traces and neither constant nor drifting, the
        difference of the traces is fitted alone: only `readout_frequency` and, where determined to a sixth, `linewidth`
        are returned, and `predict` adds the difference to the mean of the points. If the line is narrower than one step
        of the sweep, only `readout_frequency` and `linewidth` are returned, and their errors include the step.
        Rejected: no difference between the traces, no resonance, a resonance outside the window, traces that the model
        does not describe.

    Raises
    ------
    ValueError
        If an array is not 1-D, finite, of equal length and long enough, `x` does not ascend, a sigma is not positive,
        or only one of them is given.
    """
    zero, one = _validate_traces(x, iq0, iq1, sigma0, sigma1)
    require_signal(zero, effect="resonance")
    half = zero.x.size // 2
    window = FrequencyWindow(float(zero.x[0] + zero.x[half - 1]) / 2, float(zero.x[half - 1] - zero.x[0]))
    conjugate, guesses = find_signed_starts(
        window.place(zero.x[:half]), zero.y[:half] + 1j * zero.y[half:], 1 / zero.sigma[:half]
    )
    if conjugate:
        zero, one = (replace(trace, y=trace.y * np.repeat([1, -1], half)) for trace in (zero, one))
    both = _join_traces(zero, one)
    solution, without = _solve(both, zero, one, window, guesses)
    beside, extra, full = "", _BESIDE_MIXTURE, _add_third_state(both, solution)
    if are_structured(full.residuals):
        found = _solve_beside_offsets(both, zero, one, solution)
        if found is None:
            return _fit_difference(zero, one, solution, conjugate=conjugate)
        solution, without = found
        apart = _subtract(zero, one)
        seen = _view_difference(zero, one, apart, solution)
        _require_two_traces(apart, _compute_drift_chi2(apart, window), seen, extra=_BESIDE_NOTHING)
        beside, extra = ", beside an offset of the IQ plane", _BESIDE_LINE
        full = _add_third_state(both, solution)
    _require_difference(both, without, solution, extra=extra)
    require_description(without, full, sigma_known=both.sigma_known)
    parameters = _derive_estimates(full, window, float(np.diff(zero.x[:half]).max()))
    lacking = "" if "dispersive_shift" in parameters else ", the dispersive shift not determined"
    lacking += beside + _name_third_state(parameters)
    lacking += ", in the conjugate of the data: the phase rises with frequency" if conjugate else ""
    return FitResult(
        success=True,
        message=f"0 and 1 differ most at {parameters['readout_frequency'].value:.7g}\N{NO-BREAK SPACE}GHz{lacking}",
        parameters=parameters,
        r2=compute_r_squared(both, full),
        reduced_chi2=compute_reduced_chi2(both, full),
        model=_Traces(full, conjugate),
    )


def _fit_difference(zero: Trace, one: Trace, plain: Solution, *, conjugate: bool) -> FitResult:
    """Fit the difference of the traces alone, in which everything that both have in common cancels.

    It is a constant times the difference of the lines, and determines neither the contrast nor the sign of 2 chi; the
    fit of both traces tells which of two maxima lies on the side of 0.

    `plain` is the fit of both, which leaves structure: it gives the starts, and the line that the difference must
    belong to.
    """
    assert isinstance(plain.basis, DispersiveBasis)
    window, half = plain.basis.window, zero.x.size // 2
    apart, basis = _subtract(zero, one), DifferenceBasis(window)
    width, turns, slope = plain.theta[2:_OF_DIFFERENCE]
    grid = [
        (centre, shift * scale * np.exp(width), width + np.log(scale), turns + delay, slope)
        for centre in (plain.theta[0], *_CENTRES)
        for shift in _SHIFTS[_SHIFTS > 0]
        for scale in _WIDTHS
        for delay in _DELAYS
    ]
    starts = np.array(grid)
    solution = solve(basis, apart, starts[scan(basis, apart, starts).argmin()])
    drift = _compute_drift_chi2(apart, window)
    # Misfit comes first: beside it the size of the noise is not that of the fit.
    require_description(drift, solution, sigma_known=apart.sigma_known)
    _require_difference(apart, drift, solution, extra=_BESIDE_NOTHING)
    moved = abs(solution.theta[0] - plain.theta[0]) - abs(plain.theta[1]) / 2
    if moved > np.exp(width) or abs(solution.theta[2] - width) > _SAME_WIDTH:
        raise NoEffect(
            "the model does not describe the data: the traces with 0 and with 1 prepared differ, but not by a shift of their "
            "resonance"
        )
    sign = float(np.sign(plain.theta[1] * (plain.theta[6] - plain.theta[5]) * solution.theta[1]))
    parameters = _derive_estimates(solution, window, float(np.diff(zero.x[:half]).max()), sign=sign)
    message = f"0 and 1 differ most at {parameters['readout_frequency'].value:.7g}\N{NO-BREAK SPACE}GHz"
    message += ", from the difference of the traces, in which an offset of the IQ plane cancels; the dispersive shift and the contrast not determined"
    message += ", in the conjugate of the data: the phase rises with frequency" if conjugate else ""
    return FitResult(
        success=True,
        message=message,
        parameters=parameters,
        r2=compute_r_squared(apart, solution),
        reduced_chi2=compute_reduced_chi2(apart, solution),
        model=_Difference(solution, (zero.y + one.y).reshape(2, half) / 2, zero.x[:half], conjugate),
    )


@dataclass(frozen=True, slots=True)
class DispersiveBasis:
    """Basis of the traces with 0 and with 1 prepared.

    theta = (mean of the resonances, 2 chi, log FWHM, turns of the delay, slope of the gain, p0, p1, q, r). Without r
    it is 1.7, and without q nothing rests in 2.

    Frequencies are in window units. `x` holds the sweep four times: real and imaginary part with 0, the same with 1.
    """

    window: FrequencyWindow

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; see `qdash_analysis.solution.Basis`."""
        mixtures = _mix_lines(self.window.place(x[: x.size // 4]), theta)
        return np.concatenate([split_quadratures(columns) for columns in mixtures], axis=-2)


@dataclass(frozen=True, slots=True)
class OffsetDispersiveBasis:
    """`DispersiveBasis` beside an offset of the IQ plane of each trace that drifts during its sweep."""

    window: FrequencyWindow

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; see `DispersiveBasis`."""
        place = self.window.place(x[: x.size // 4])
        parts = []
        for k, columns in enumerate(_mix_lines(place, theta)):
            offsets = np.zeros((*columns.shape[:-2], 4, place.size), dtype=np.complex128)
            offsets[..., 2 * k, :], offsets[..., 2 * k + 1, :] = 1.0, place
            parts.append(split_quadratures(np.concatenate([columns, offsets], axis=-2)))
        return np.concatenate(parts, axis=-2)


@dataclass(frozen=True, slots=True)
class DifferenceBasis:
    """Basis of the difference of the traces; theta = (mean of the resonances, 2 chi, log FWHM, turns, slope)."""

    window: FrequencyWindow

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; `x` holds every frequency twice, for the real and the imaginary part."""
        place = self.window.place(x[: x.size // 2])
        line0, line1 = compute_lines(place, theta)
        return split_quadratures((compute_cable(place, theta[..., 3:5]) * (line1 - line0))[..., None, :])


@dataclass(frozen=True, slots=True)
class MixtureBasis:
    """Basis of one mixed trace; theta = (mean of the resonances, 2 chi, log FWHM, turns, slope, p)."""

    window: FrequencyWindow

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; `x` holds every frequency twice, for the real and the imaginary part."""
        (columns,) = _mix_lines(self.window.place(x[: x.size // 2]), theta)
        return split_quadratures(columns)


def _mix_lines(place: Floats, theta: Floats) -> list[NDArray[np.complex128]]:
    """Return the columns (cable, cable and line) of the mixture with each p, shapes (..., 2, n)."""
    carrier = compute_cable(place, theta[..., 3:5])
    line0, line1 = (carrier * line for line in compute_lines(place, theta))
    change, rest = line1 - line0, line0
    if theta.shape[-1] > _OF_TWO_STATES:
        share = theta[..., _OF_TWO_STATES : _OF_TWO_STATES + 1]
        rest = line0 + share * (carrier * _compute_third_line(place, theta) - line0)
    return [
        np.stack([carrier, rest + theta[..., k : k + 1] * change], axis=-2)
        for k in range(5, min(theta.shape[-1], _OF_TWO_STATES))
    ]


def _compute_third_line(place: Floats, theta: Floats) -> NDArray[np.complex128]:
    """Return L of state 2."""
    half_width = np.exp(np.clip(theta[..., 2:3], -12.0, 3.0)) / 2
    ratio = theta[..., _OF_TWO_STATES + 1 :] if theta.shape[-1] > _OF_TWO_STATES + 1 else _USUAL_PLACE
    resonance = theta[..., :1] + theta[..., 1:2] * (ratio - 0.5)
    return np.asarray(1 / (1 + 1j * (place - resonance) / half_width))


def compute_lines(place: Floats, theta: Floats) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Return L of the two pure states for theta of `DispersiveBasis`."""
    half_width = np.exp(np.clip(theta[..., 2:3], -12.0, 3.0)) / 2
    middle, half_shift = theta[..., :1], theta[..., 1:2] / 2
    detuning = (place - middle) / half_width
    offset = half_shift / half_width
    return np.asarray(1 / (1 + 1j * (detuning + offset))), np.asarray(1 / (1 + 1j * (detuning - offset)))


@dataclass(frozen=True, slots=True)
class _Traces:
    """Fitted traces with 0 and with 1, shape ``(2, n)``."""

    solution: Solution
    conjugate: bool

    def __call__(self, x: Floats) -> NDArray[np.complex128]:
        values = self.solution.predict(np.tile(x, 4)).reshape(4, -1)
        sign = -1 if self.conjugate else 1
        return np.asarray(values[::2] + sign * 1j * values[1::2])


@dataclass(frozen=True, slots=True)
class _Difference:
    """Traces with the fitted difference, shape ``(2, n)``; their mean is that of the points."""

    solution: Solution
    mean: Floats
    frequency: Floats
    conjugate: bool

    def __call__(self, x: Floats) -> NDArray[np.complex128]:
        half = self.solution.predict(np.tile(x, 2)).reshape(2, -1) / 2
        mean = np.stack([np.interp(x, self.frequency, one) for one in self.mean])
        sign = -1 if self.conjugate else 1
        return np.stack([real + sign * 1j * imaginary for real, imaginary in (mean - half, mean + half)])


def _validate_traces(
    x: ArrayLike, iq0: ArrayLike, iq1: ArrayLike, sigma0: ArrayLike | None, sigma1: ArrayLike | None
) -> tuple[Trace, Trace]:
    if (sigma0 is None) != (sigma1 is None):
        raise ValueError("sigma0 and sigma1 must both be given, or none of them")
    frequency = validate_ascending("x", x, at_least=_AT_LEAST)
    traces = []
    for name, given, sigma in (("iq0", iq0, sigma0), ("iq1", iq1, sigma1)):
        iq = validate_complex(name, given)
        require_same_length(frequency, iq)
        noise = validate_sigma(sigma, frequency.size)
        traces.append(build_stacked_trace(frequency, iq, noise, sigma_known=sigma is not None))
    return traces[0], traces[1]


def _join_traces(zero: Trace, one: Trace) -> Trace:
    x, y, sigma = (
        np.concatenate(pair) for pair in ((zero.x, one.x), (zero.y, one.y), (zero.sigma, one.sigma))
    )
    return Trace(x, y, sigma, zero.sigma_known)


def _solve(
    both: Trace, zero: Trace, one: Trace, window: FrequencyWindow, guesses: list[Floats]
) -> tuple[Solution, float]:
    """Fit both traces; also return a lower bound of chi² without a difference between them."""
    basis = DispersiveBasis(window)
    alone = min((solve(NotchBasis(window), zero, guess) for guess in guesses), key=lambda found: found.chi2)
    solution = solve(basis, both, _find_start(basis, both, alone.theta))
    # Chi² of one model for two traces is that of their weighted mean, plus that of their difference.
    difference = float(np.sum((one.y - zero.y) ** 2 / (zero.sigma**2 + one.sigma**2)))
    if difference > _OBVIOUS * max(solution.chi2, solution.dof):
        return solution, difference
    summed = _average(zero, one)
    shares = np.clip(solution.theta[5:], 0.0, 1.0)
    same = solve(MixtureBasis(window), summed, np.append(solution.theta[:5], shares.mean()))
    pure = solve(NotchBasis(window), summed, alone.theta)
    return solution, min(same.chi2, pure.chi2) + difference


def _solve_beside_offsets(
    both: Trace, zero: Trace, one: Trace, plain: Solution
) -> tuple[Solution, float] | None:
    """Fit both traces beside drifting offsets; also return chi² of one line for both, which differ by offsets only.

    None if offsets do not explain what `plain` leaves.
    """
    assert isinstance(plain.basis, DispersiveBasis)
    window = plain.basis.window
    solution = solve(OffsetDispersiveBasis(window), both, plain.theta)
    if are_structured(solution.residuals) or solution.chi2 / solution.dof > plain.chi2 / plain.dof:
        return None
    difference = _compute_drift_chi2(_subtract(zero, one), window)
    line = solve(OffsetBasis(window, True, True, False), _average(zero, one), plain.theta[[0, 2, 3, 4]])
    return solution, line.chi2 + difference


def _subtract(zero: Trace, one: Trace) -> Trace:
    return Trace(zero.x, one.y - zero.y, np.hypot(zero.sigma, one.sigma), zero.sigma_known)


def _compute_drift_chi2(apart: Trace, window: FrequencyWindow) -> float:
    """Return chi² of the difference of two traces about a drifting offset."""
    half = apart.x.size // 2
    drift = np.column_stack([np.ones(half), window.place(apart.x[:half])])
    return compute_basis_chi2(np.asarray(np.kron(np.eye(2), drift), dtype=np.float64), apart)


def _average(zero: Trace, one: Trace) -> Trace:
    """Return the weighted mean of both traces."""
    weights = zero.sigma**-2, one.sigma**-2
    mean = (weights[0] * zero.y + weights[1] * one.y) / (weights[0] + weights[1])
    return Trace(zero.x, mean, (weights[0] + weights[1]) ** -0.5, zero.sigma_known)


def _find_start(basis: DispersiveBasis, both: Trace, start: Floats) -> Floats:
    """Return the best start on a grid of shift and width around the resonance with 0."""
    centre, log_width, turns, slope = start
    shifts, widths = (grid.ravel() for grid in np.meshgrid(_SHIFTS * np.exp(log_width), _WIDTHS))
    fixed = [np.full(shifts.size, value) for value in (turns, slope, 0.02, _PREPARED)]
    grid = np.stack([centre + shifts / 2, shifts, log_width + np.log(widths), *fixed], axis=1)
    return np.asarray(grid[scan(basis, both, grid).argmin()])


def _require_two_traces(trace: Trace, null_chi2: float, solution: Solution, *, extra: int) -> None:
    """Raise `NoSignal` unless `solution` with a difference explains the trace better than noise does."""
    doubt = compute_false_alarm(
        null_chi2,
        solution,
        extra=extra,
        trials=trace.x.size / 4,
        sigma_known=trace.sigma_known,
        correlated=solution.inflation,
    )
    if doubt > FALSE_ALARM:
        raise NoSignal(
            "no difference between the traces with 0 and with 1 prepared: "
            "the readout is dead, the pulse does not flip the qubit, the qubit does not shift this resonator, or the sweep misses it"
        )


def _view_difference(zero: Trace, one: Trace, apart: Trace, solution: Solution) -> Solution:
    """Return `solution` of both traces with the residuals of their difference `apart`."""
    first, second = solution.residuals.reshape(2, -1)
    residuals = (second * one.sigma - first * zero.sigma) / apart.sigma
    return replace(
        solution,
        residuals=residuals,
        chi2=float(residuals @ residuals),
        dof=max(apart.x.size - _BESIDE_NOTHING, 1),
    )


def _require_difference(both: Trace, null_chi2: float, solution: Solution, *, extra: int) -> None:
    """Raise `NoEffect` unless the traces differ beyond noise, most strongly inside the window."""
    _require_two_traces(both, null_chi2, solution, extra=extra)
    middle, width = float(solution.theta[0]), float(np.exp(min(solution.theta[2], 3.0)))
    error = solution.theta_error(0)
    if error > _UNDETERMINED * width:
        raise NoEffect(
            "the frequency at which 0 and 1 differ most is not determined: its error exceeds half the linewidth. Average more"
        )
    if 0.5 - abs(middle) < max(_EDGE * width, 2 * error):
        raise NoEffect("0 and 1 differ most at the edge of the window or outside: move or widen the window")


def _add_third_state(both: Trace, solution: Solution) -> Solution:
    """Return the fit with a share of 2 in both traces, and with its resonance if the share is beyond noise.

    It starts from a least-squares step: the model is linear in the share.
    """
    without, whole = (np.append(solution.theta, share) for share in (0.0, 1.0))
    change = solution.basis(both.x, whole) - solution.basis(both.x, without)
    (own,), (imitated,) = solution.separate((change @ solution.coefficients / both.sigma)[None])
    weight = max(float(own @ own), _NOTHING)
    share = float(own @ solution.residuals) / weight
    variance = (solution.chi2 - share**2 * weight) / solution.dof
    clear = share > _CLEARLY * math.sqrt(max(variance, float(both.sigma_known)) / weight)
    share = min(max(share, -_LARGEST_START), _LARGEST_START)
    moved = solution.theta - share * imitated[solution.coefficients.size :]
    return solve(solution.basis, both, np.array([*moved, share, *([_USUAL_PLACE] if clear else [])]))


def _name_third_state(parameters: dict[str, Estimate]) -> str:
    """Return the part of the message about a share of 2, empty without one."""
    share = parameters.get("third_share")
    if share is None:
        return ""
    return f", with {100 * share.value:.2g} ± {100 * (share.error or 0.0):.1g} % of the shots in |2> after both preparations"


def _derive_estimates(
    solution: Solution, window: FrequencyWindow, step: float, *, sign: float | None = None
) -> dict[str, Estimate]:
    """Return the estimates; of lines narrower than `step`, and of a difference, only place and width.

    `sign` is that of 2 chi relative to the fit; None if the shares tell it.
    """
    mixed = sign is None
    if sign is None:
        # The same curves follow with 0 and 1 exchanged: prepared 1 is the trace with more of 1.
        sign = 1.0 if solution.theta[6] > solution.theta[5] else -1.0

    def best(coefficients: Floats, theta: Floats) -> float:
        del coefficients
        half_width, half_shift = np.exp(theta[2]) / 2, theta[1] / 2
        aside = np.sqrt(max(half_shift**2 - half_width**2, 0.0)) if split else 0.0
        return float(window.middle + window.span * (theta[0] - np.copysign(aside, sign * theta[1])))

    def contrast(coefficients: Floats, theta: Floats) -> float:
        del coefficients
        return float(sign * (theta[6] - theta[5]))

    relative = float(np.exp(solution.theta[2]))
    split = abs(solution.theta[1]) > _SPLIT * relative
    mhz = 1e3 * window.span
    place, width = solution.evaluate(best), (mhz * relative, mhz * relative * solution.theta_error(2))
    if width[0] < _RESOLVED * 1e3 * step:
        return {
            "readout_frequency": Estimate(place[0], math.hypot(place[1], step), "GHz"),
            "linewidth": Estimate(width[0], math.hypot(width[1], 1e3 * step), "MHz"),
        }
    found = {"readout_frequency": Estimate(*place, "GHz")}
    if not mixed:
        return found | ({"linewidth": Estimate(*width, "MHz")} if width[1] < _SEEN * width[0] else {})
    shift = mhz * sign * float(solution.theta[1]), mhz * solution.theta_error(1)
    for name, (value, error), unit in (
        ("dispersive_shift", shift, "MHz"),
        ("linewidth", width, "MHz"),
        ("contrast", solution.evaluate(contrast), ""),
    ):
        if error < _SEEN * abs(value):
            found[name] = Estimate(value, error, unit)
    if solution.theta.size > _OF_TWO_STATES + 1 and solution.theta_error(_OF_TWO_STATES + 1) < _PLACED:
        share, error = float(solution.theta[_OF_TWO_STATES]), solution.theta_error(_OF_TWO_STATES)
        if share > _CLEARLY * error:
            found["third_share"] = Estimate(share, error, "")
    return found

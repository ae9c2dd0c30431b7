"""DRAG coefficient at which pulses of opposite sign cancel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import (
    compute_mean_chi2,
    compute_r_squared,
    compute_reduced_chi2,
    require_effect,
    require_inside,
    require_signal,
)
from qdash_analysis.inputs import (
    Trace,
    require_same_length,
    validate_ascending,
    validate_real,
    validate_sigma,
)
from qdash_analysis.leastsq import solve
from qdash_analysis.linear import find_minima, scan
from qdash_analysis.result import Estimate, FitResult, NoEffect, format_signed, return_rejection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from qdash_analysis.inputs import Floats
    from qdash_analysis.solution import Solution

_AT_LEAST = 8
_EFFECT = "DRAG optimum"
_SLOWEST = 0.3
"""Phase over the window from which the search starts, in rad, for the longest sequence."""
_MINIMA = 4
_CLEARLY = 12.0
_HOPELESS = 0.7
"""Share of the best fit's explained variance below which another start is dropped."""
_UNDETERMINED = 0.25
_SERIES = 1e-4
_REACH = 1.0
"""Distance beyond the window, in its widths, within which the data must exclude a second optimum."""


@return_rejection
def fit_drag(
    beta: ArrayLike,
    y: ArrayLike,
    *,
    repetitions: int | Sequence[int] = 1,
    sigma: ArrayLike | None = None,
    ground: float | None = None,
) -> FitResult:
    """Fit the population after n pairs of opposite pulses against their DRAG coefficient.

    Model: ``y = offset - amplitude exp(-rate n) cos(n turn (beta - beta0))``: even about the optimum, and
    faster with more pairs. Each number of pairs has its own offset; amplitude, rate, turn and optimum are
    common. The optimum is an extremum of all traces, so several numbers of pairs separate it from the other
    extrema. One number of pairs does not: half a turn away the pairs excite the qubit most, and the curve is
    the same but for its sign, which only `ground` tells. Few pairs, whose period exceeds the possible range,
    locate the optimum; more pairs together with them refine it.

    Parameters
    ----------
    beta
        DRAG coefficients in ns, shape ``(n,)``, ascending, at least 8.
    y
        Signal, shape ``(n,)``, or one such trace for each number of pairs, any unit and sign.
    repetitions
        Pairs of pulses, or one number for each trace.
    sigma
        Known 1-sigma noise of `y`: a scalar, or of the shape of `y`. Without it the scatter about the fit gives the
        errors.
    ground
        Signal of |0>, in the unit of `y`: the pairs return the qubit to it at the optimum. Needed with one number
        of pairs.

    Returns
    -------
    FitResult
        With `beta` in ns, the optimum. Errors are those of the least-squares covariance, scaled by the root of the
        reduced chi² where that is significantly above one. `predict` gives one row for each trace, or one array for a
        single trace. Rejected: flat or pure noise, an optimum at the edge of the window or outside, an ambiguous
        optimum (the data must exclude a second one inside the window and up to its width outside), a trace that the
        model does not describe.

    Raises
    ------
    ValueError
        If an array is not 1-D, finite, of equal length and long enough, `beta` does not ascend, `sigma` is not
        positive, or `repetitions` are not one positive whole number for each trace.
    """
    sweep = validate_ascending("beta", beta, at_least=_AT_LEAST)
    traces, pairs = _validate_sweep(sweep, y, repetitions)
    basis = _DragBasis.from_sweep(sweep, pairs)
    trace = _join_traces(traces, sigma)
    require_signal(trace, effect=_EFFECT)
    best = _fit_unambiguous(trace, basis, ground)
    place, error = float(best.theta[0]), best.theta_error(0)
    if error > _UNDETERMINED * basis.span:
        raise NoEffect(
            f"the optimum is not determined: its error is {error:.2g}\N{NO-BREAK SPACE}ns in a window of {basis.span:.3g}\N{NO-BREAK SPACE}ns. Average more"
        )
    require_inside(sweep, place, error, effect=_EFFECT, unit="ns")
    _require_no_image(best, basis, ground)
    return FitResult(
        success=True,
        message="DRAG optimum",
        parameters={"beta": Estimate(place, error, "ns")},
        r2=compute_r_squared(trace, best),
        reduced_chi2=compute_reduced_chi2(trace, best),
        model=lambda x: (
            basis.predict_rows(x, best) if np.ndim(repetitions) else basis.predict_rows(x, best)[0]
        ),
    )


@dataclass(frozen=True, slots=True)
class _DragBasis:
    """Basis of one offset per trace and one wave.

    theta = (optimum, squared turn, rate if there are several numbers of pairs).

    The wave is ``n^2 d^2 sinc^2(n turn d / 2)``, d the distance from the optimum; it becomes a parabola as the turn
    vanishes, a faster one for a negative square. The abscissa is the index of a point in all traces together.
    """

    sweep: Floats
    pairs: Floats
    span: float
    """Width of the window in ns."""
    most: float
    """Largest number of pairs."""

    @property
    def has_several_numbers(self) -> bool:
        """True if the traces have different numbers of pairs."""
        return bool(self.pairs.min() < self.most)

    @property
    def divisor(self) -> int:
        """Greatest common divisor of the numbers of pairs: all traces repeat after a turn of so many pairs."""
        return math.gcd(*self.pairs.astype(int).tolist())

    @property
    def is_mirrored(self) -> bool:
        """True if half a turn of `divisor` pairs changes nothing but the sign of the amplitude of all traces."""
        return bool((self.pairs / self.divisor % 2 == 1).all())

    @classmethod
    def from_sweep(cls, sweep: Floats, pairs: Floats) -> _DragBasis:
        """Return the basis of traces over the same coefficients with these numbers of pairs."""
        return cls(sweep, pairs, float(np.ptp(sweep)), float(pairs.max()))

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; see `qdash_analysis.solution.Basis`."""
        group, place = np.divmod(x.astype(np.intp), self.sweep.size)
        wave = self.compute_wave(self.sweep[place], self.pairs[group], theta)
        found = np.empty((*wave.shape, self.pairs.size + 1))
        found[..., :-1] = group[:, None] == np.arange(self.pairs.size)
        found[..., -1] = wave
        return found

    def compute_wave(self, beta: Floats, pairs: Floats, theta: Floats) -> Floats:
        """Return the last basis function; turns in rad per longest sequence and window, distances in windows."""
        share = pairs / self.most
        distance = share * (beta - theta[..., :1]) / self.span
        argument = theta[..., 1:2] * distance**2
        half = np.sqrt(np.abs(argument)) / 2
        # Below, both shapes are one to all significant digits.
        safe = np.maximum(half, _SERIES)
        turning = theta[..., 1:2] >= 0
        if turning.all():
            shape = np.sin(safe)
        else:
            shape = np.where(turning, np.sin(safe), np.sinh(np.minimum(safe, 20.0)))
        found = (distance * shape / safe) ** 2
        if theta.shape[-1] > 2:
            found = found * np.exp(-np.clip(theta[..., 2:3], -3.0, 30.0) * share)
        return np.asarray(found)

    def returns_to(self, ground: float, solution: Solution) -> bool:
        """Return whether the longest sequence is nearer to `ground` at the optimum than where its signal differs most."""
        longest = int(self.pairs.argmax())
        optimum = solution.coefficients[longest]
        signal = self.predict_rows(self.sweep, solution)[longest]
        away = signal[np.abs(signal - optimum).argmax()]
        return bool(abs(optimum - ground) < abs(away - ground))

    def predict_rows(self, beta: Floats, solution: Solution) -> Floats:
        """Predict each trace of `solution` at other coefficients, one row per trace."""
        wave = self.compute_wave(beta, self.pairs[:, None], solution.theta)
        return np.asarray(solution.coefficients[:-1, None] + solution.coefficients[-1] * wave)


def _validate_sweep(
    sweep: Floats, y: ArrayLike, repetitions: int | Sequence[int]
) -> tuple[list[Floats], Floats]:
    pairs = validate_real("repetitions", np.atleast_1d(np.asarray(repetitions)))
    if not pairs.size or (pairs < 1).any() or (pairs != np.round(pairs)).any():
        raise ValueError("repetitions must be positive whole numbers")
    given = np.asarray(y)
    traces = [
        validate_real("y", one) for one in (given if np.ndim(repetitions) and given.ndim > 1 else [given])
    ]
    if len(traces) != pairs.size:
        raise ValueError(f"repetitions must be one for each trace: {pairs.size} for {len(traces)}")
    for one in traces:
        require_same_length(sweep, one)
    return traces, pairs


def _join_traces(traces: list[Floats], sigma: ArrayLike | None) -> Trace:
    y = np.concatenate(traces)
    errors = sigma if sigma is None or np.ndim(sigma) == 0 else np.ravel(np.asarray(sigma))
    return Trace(np.arange(y.size, dtype=np.float64), y, validate_sigma(errors, y.size), sigma is not None)


def _fit_unambiguous(trace: Trace, basis: _DragBasis, ground: float | None) -> Solution:
    """Fit from the best few starts; raise `NoEffect` if two places in the window explain the data.

    With a known `ground`, places where the pairs excite the qubit do not count.
    """
    starts = _find_starts(trace, basis)
    found = _fit_starts(trace, basis, starts, [])
    found += _fit_starts(trace, basis, _move_to_neighbours(basis, _choose_best(found)), found)
    found.sort(key=lambda one: one.chi2)
    best = found[0]
    require_effect(trace, best, trials=float(starts.shape[0]), effect=_EFFECT)
    if ground is None and not basis.has_several_numbers:
        raise NoEffect(
            "one number of pairs does not tell the optimum from the coefficient half a turn away, where the pairs "
            f"excite the qubit most: {_format(best.theta[0])} may be either. "
            f"Measure {basis.most + 1:g} pairs as well, or give the signal of |0>"
        )
    alike = [one for one in found if one.chi2 - best.chi2 < _CLEARLY * best.variance]
    if ground is not None:
        alike = [one for one in alike if basis.returns_to(ground, one)]
        if not alike:
            raise NoEffect(
                f"the pairs excite the qubit most at {_format(best.theta[0])}, so the optimum lies outside the window: "
                "widen it, or locate the optimum with fewer pairs of pulses"
            )
    best = alike[0]
    for other in alike[1:]:
        inside = basis.sweep[0] <= other.theta[0] <= basis.sweep[-1]
        if inside and abs(other.theta[0] - best.theta[0]) > _compute_width(best, basis):
            raise NoEffect(
                f"two optima explain the data, {format_signed(best.theta[0], '.3g')} and {_format(other.theta[0])}: "
                "fewer pairs of pulses would tell them apart"
            )
    return best


def _require_no_image(best: Solution, basis: _DragBasis, ground: float | None) -> None:
    """Raise `NoEffect` if the same curves have another optimum not far outside the window.

    They repeat after a turn of the common divisor, or after half of it but for their sign, which only `ground` tells.
    """
    mirrored = basis.is_mirrored and ground is None
    square = float(best.theta[1]) + best.theta_error(1)
    if square <= 0:
        return
    distance = (1 if mirrored else 2) * np.pi * basis.most / (basis.divisor * np.sqrt(square)) * basis.span
    low, high = (basis.sweep[place] + sign * _REACH * basis.span for place, sign in ((0, -1), (-1, 1)))
    for other in (best.theta[0] - distance, best.theta[0] + distance):
        if low <= other <= high:
            advice = (
                f"measure {2 * basis.divisor} pairs as well, or give the signal of |0>"
                if mirrored
                else "locate the optimum with fewer pairs of pulses, then refine it with numbers without a common divisor"
            )
            raise NoEffect(
                f"optima at {format_signed(best.theta[0], '.3g')} and near {_format(other)} explain the data: {advice}"
            )


def _format(beta_ns: float) -> str:
    return f"{format_signed(beta_ns, '.3g')}\N{NO-BREAK SPACE}ns"


def _fit_starts(trace: Trace, basis: _DragBasis, starts: Floats, known: list[Solution]) -> list[Solution]:
    """Fit from the best few starts that differ from each other and from the `known` solutions."""
    chi2 = scan(basis, trace, starts) if starts.size else np.empty(0)
    nothing = compute_mean_chi2(trace)
    found: list[Solution] = []
    for place in np.argsort(chi2):
        rivals = [*known, *found]
        hopeless = rivals and nothing - chi2[place] < _HOPELESS * (nothing - _choose_best(rivals).chi2)
        if hopeless or len(found) == _MINIMA:
            break
        if all(abs(starts[place, 0] - one.theta[0]) > _compute_width(one, basis) for one in rivals):
            rival = _choose_best(rivals) if rivals else None
            found.append(solve(basis, trace, starts[place], rival=rival))
    return found


def _choose_best(found: list[Solution]) -> Solution:
    return min(found, key=lambda one: one.chi2)


def _move_to_neighbours(basis: _DragBasis, solution: Solution) -> Floats:
    """Return starts at the other extrema of each wave of `solution` within the window."""
    turn = np.sqrt(max(float(solution.theta[1]), 1.0))
    steps = np.outer(np.pi * basis.span * basis.most / (turn * basis.pairs), [-2, -1, 1, 2])
    places = solution.theta[0] + steps.ravel()
    inside = places[(places >= basis.sweep[0]) & (places <= basis.sweep[-1])]
    return np.array([[place, *solution.theta[1:]] for place in inside])


def _compute_width(solution: Solution, basis: _DragBasis) -> float:
    """Return the distance beyond which two optima are different: a quarter of that between extrema."""
    turn = np.sqrt(max(float(solution.theta[1]), 1.0))
    return float(0.25 * np.pi / turn * basis.span)


def _find_starts(trace: Trace, basis: _DragBasis) -> Floats:
    """Return the starts (optimum, squared turn, rate).

    At each turn a wave of any phase is fitted to each trace; at the best turns, the phases of the trace with the most
    pairs give the possible optima.
    """
    step = float(np.median(np.diff(basis.sweep)))
    fastest = max(np.pi * basis.span / step, 2 * np.pi)
    turns = np.concatenate([np.geomspace(_SLOWEST, 4.0, 12), np.arange(4.5, fastest, 0.6)])
    chi2, phases = _scan_free_waves(trace, basis, turns)
    rate = (0.3,) if basis.has_several_numbers else ()
    starts = [
        (place, turns[index] ** 2, *rate)
        for index in find_minima(chi2)[:_MINIMA]
        for place in _locate_extrema(basis, turns[index], phases[index])
    ]
    return np.array(starts)


def _scan_free_waves(trace: Trace, basis: _DragBasis, turns: Floats) -> tuple[Floats, Floats]:
    """Return chi² of the best waves at each turn, and the phase in the trace with most pairs, in rad."""
    middle = (basis.sweep - basis.sweep.mean()) / basis.span
    size = basis.sweep.size
    chi2, phases = np.zeros(turns.size), np.zeros(turns.size)
    for index, pairs in enumerate(basis.pairs):
        part = slice(index * size, (index + 1) * size)
        weight, y = trace.sigma[part] ** -2.0, trace.y[part]
        wave = np.exp(1j * np.multiply.outer(turns * (pairs / basis.most), middle))
        once, twice, signal = wave @ weight, wave**2 @ weight, wave @ (weight * y)
        total = np.full(turns.size, weight.sum())
        projection = np.stack([np.full(turns.size, weight @ y), signal.real, signal.imag], axis=1)
        # Squares and products of cosine and sine are waves of twice the turn.
        gram = np.array(
            [
                [total, once.real, once.imag],
                [once.real, (total + twice.real) / 2, twice.imag / 2],
                [once.imag, twice.imag / 2, (total - twice.real) / 2],
            ]
        ).transpose(2, 0, 1)
        gram = gram + 2e-9 * weight.sum() * np.eye(3)
        found = np.linalg.solve(gram, projection[..., None])[..., 0]
        chi2 += weight @ y**2 - np.sum(projection * found, axis=1)
        if pairs == basis.most:
            phases = np.arctan2(found[:, 2], found[:, 1])
    return chi2, phases


def _locate_extrema(basis: _DragBasis, turn: float, phase: float) -> NDArray[np.float64]:
    """Return the extrema of the wave with the most pairs, up to half a window outside the window."""
    distance = basis.span * np.pi / turn
    first = basis.sweep.mean() + basis.span * phase / turn
    low, high = basis.sweep[0] - basis.span / 2, basis.sweep[-1] + basis.span / 2
    number = np.arange(np.ceil((low - first) / distance), np.floor((high - first) / distance) + 1)
    return np.append(first + number * distance, basis.sweep.mean())

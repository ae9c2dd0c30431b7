"""Trains of equal pulses: the over-rotation per pulse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.candidates import Candidate, average_models, weight_models
from qdash_analysis.evidence import (
    compute_mean_chi2,
    compute_r_squared,
    compute_reduced_chi2,
    require_effect,
    require_signal,
)
from qdash_analysis.inputs import Trace, require_same_length, validate_real, validate_sigma
from qdash_analysis.leastsq import solve
from qdash_analysis.linear import find_minima
from qdash_analysis.result import Estimate, FitResult, NoEffect, format_signed, return_rejection

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qdash_analysis.inputs import Floats
    from qdash_analysis.solution import Solution

_AT_LEAST = 6
_EFFECT = "pulse train"
_FARTHEST = 0.5
"""Searched range of the angle error, in units of the angle."""
_LARGEST_START = 0.8
_STEP = 0.6
_RATES = (0.3, 3.0)
_STARTS = (-0.3, 0.3)
_FASTEST = 50.0
_HOPELESS = 0.7
"""Share of the best fit's explained variance below which another minimum is dropped."""
_SEEN = 0.95
_MINIMA = 3
_CLEARLY = 12.0
_CONTRAST = 0.2
_UNDETERMINED = 0.5
_KNOWN_RATE = 0.5
"""Largest error of the decay over the longest train with which it is always part of the model."""
_UNKNOWN_CONTRAST = (
    "the contrast is not determined: all trains end near the equator, and their error is too small to show it. "
    "Add 0 and 1 pulses from |0> (start 0), or play longer trains"
)


@return_rejection
def fit_pulse_train(
    x: ArrayLike,
    y: ArrayLike,
    *,
    angle: float,
    start: ArrayLike = 0.0,
    sigma: ArrayLike | None = None,
) -> FitResult:
    """Fit the population after trains of equal pulses.

    Model: ``y = offset - amplitude cos(start + start_error + x (angle + angle_error)) exp(-x / decay)``;
    `start_error` is common to all points with a `start`, and zero without. Trains that end on the equator of the
    Bloch sphere determine the error with its sign, trains that end at a pole determine amplitude and direction of
    the readout axis. Without the latter, as after an X90 and n X180 (``x = n``, ``angle = pi``, ``start = pi/2``:
    the population of |1> is ``0.5 + 0.5 (-1)^n sin(n angle_error)``), the amplitude must follow from the curve
    itself, and the signal is taken to rise towards |1>; two more points, 0 and 1 pulses with a `start` of 0, make
    both known. X180 alone, from |0>, depend on the size of the error and not on its sign.

    Parameters
    ----------
    x
        Numbers of pulses, shape ``(n,)``, whole, at least 6, ascending among the points of equal `start`. A pulse
        of `start` does not count.
    y
        Signal, shape ``(n,)``, any unit, and of any sign if some trains end near a pole.
    angle
        Nominal angle of one pulse in rad: pi/2 or pi.
    start
        Nominal rotation in rad before the train, about the axis of its pulses, scalar or shape ``(n,)``: pi/2 for an
        X90 before X180.
    sigma
        Known 1-sigma noise of `y`, scalar or shape ``(n,)``. Without it the scatter about the fit gives the errors.

    Returns
    -------
    FitResult
        With `angle_error` in rad per pulse, positive for over-rotation, `start_error` in rad if trains have a start,
        and `decay` in pulses if the data show one. Errors are those of the least-squares covariance, scaled by the root
        of the reduced chi² where that is significantly above one. `predict` takes the numbers of pulses of the fit or,
        if all points have one start, any numbers. Rejected: flat or pure noise, trains that do not determine the error
        or its sign, an error above half of `angle`, data that two angles explain, a trace that the model does not
        describe.

    Raises
    ------
    ValueError
        If an array is not 1-D, finite, of equal length and long enough, `x` holds no ascending whole numbers, `sigma`
        is not positive or `angle` is not between 0 and pi.
    """
    if not 0 < angle <= np.pi + 1e-9:
        raise ValueError(f"angle must lie between 0 and pi, got {angle!r}")
    basis = _validate_trains(x, start, float(angle))
    trace = _build_trace(basis, y, sigma)
    require_signal(trace, effect=_EFFECT)
    basis.require_sensitivity()
    grid = basis.make_grid()
    found = _fit_unambiguous(trace, basis, grid)
    candidates = weight_models(trace, found)
    best = candidates[0].solution
    effect = _EFFECT if basis.shows_poles else "error of the pulses"
    require_effect(trace, best, trials=float(grid.shape[0]), effect=effect)
    _require_contrast(best, basis)
    error = _average_theta(candidates, 0)
    if error.error is not None and error.error * basis.longest > _UNDETERMINED:
        raise NoEffect(
            f"the angle is not determined: its error is {error.error:.2g}\N{NO-BREAK SPACE}rad per pulse. Average more, or play longer trains"
        )
    parameters = {"angle_error": error}
    axis = "" if basis.shows_poles else ", for a signal that rises towards |1>"
    if basis.has_starts:
        parameters["start_error"] = _average_theta(candidates, 1)
    decay = _derive_decay(candidates[0], basis)
    if decay is not None:
        parameters["decay"] = decay
    return FitResult(
        success=True,
        message=f"pulse train, {_describe_decay(candidates[0], decay)}{axis}",
        parameters=parameters,
        r2=compute_r_squared(trace, best),
        reduced_chi2=compute_reduced_chi2(trace, best),
        model=lambda counts: basis.with_counts(counts).predict(best),
    )


@dataclass(frozen=True, slots=True)
class _TrainBasis:
    """Basis (1, -cos(angle) envelope) of trains.

    theta = (error, start error if there are starts, rate if it is fitted).

    The envelope is exp(-rate count / longest). The abscissa is the index of a point.
    """

    counts: Floats
    start: Floats
    angle: float
    longest: float
    has_starts: bool

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; see `qdash_analysis.solution.Basis`."""
        place = x.astype(np.intp)
        counts, start = self.counts[place], self.start[place]
        turned = start + counts * (self.angle + theta[..., :1])
        if self.has_starts:
            turned = turned + (start != 0.0) * theta[..., 1:2]
        wave = -np.cos(turned)
        if theta.shape[-1] > self.steady_size:
            wave = wave * np.exp(-np.clip(theta[..., -1:], -_FASTEST, _FASTEST) * (counts / self.longest))
        found = np.ones((*wave.shape, 2))
        found[..., 1] = wave
        return found

    @property
    def steady_size(self) -> int:
        """Length of theta without a decay."""
        return 2 if self.has_starts else 1

    def predict(self, solution: Solution) -> Floats:
        """Return the prediction of `solution` at all points."""
        places = np.arange(self.counts.size, dtype=np.float64)
        return np.asarray(self(places, solution.theta) @ solution.coefficients)

    def with_counts(self, counts: Floats) -> _TrainBasis:
        """Return the basis at other counts with a common start, or at its own counts."""
        starts = np.unique(self.start)
        if counts.shape != self.counts.shape and starts.size > 1:
            raise ValueError("a fit of trains with several starts predicts at its own numbers of pulses only")
        start = self.start if starts.size > 1 else np.full(counts.shape, starts[0])
        return replace(self, counts=counts, start=start)

    @property
    def shows_poles(self) -> bool:
        """True if some trains end near a pole, nominally, and so tell the direction of the readout axis."""
        return bool(self._at_poles.any())

    @property
    def shows_decay(self) -> bool:
        """True if some long trains end near a pole, nominally, and so tell the decay from the amplitude."""
        return bool((self._at_poles & (self.counts >= self.longest / 2)).any())

    @property
    def _at_poles(self) -> NDArray[np.bool_]:
        return np.asarray(np.abs(np.cos(self.start + self.counts * self.angle)) > 0.5)

    def require_sensitivity(self) -> None:
        """Raise `NoEffect` unless some trains, with pulses, end near the equator."""
        nominal = self.start + self.counts * self.angle
        if not ((np.abs(np.sin(nominal)) > 0.5) & (self.counts > 0)).any():
            raise NoEffect(
                "no train ends near the equator, so the sign of the error is not known: play an X90 before the train"
            )

    def make_grid(self) -> Floats:
        """Return the start values, shape (g, m), the errors ascending."""
        most = _FARTHEST * self.angle
        errors = np.linspace(-most, most, 2 * int(np.ceil(most * self.longest / _STEP)) + 1)
        others = [*([np.asarray(_STARTS)] if self.has_starts else []), np.asarray(_RATES)]
        return np.stack(np.meshgrid(errors, *others, indexing="ij"), axis=-1).reshape(-1, 1 + len(others))


def _validate_trains(x: ArrayLike, start: ArrayLike, angle: float) -> _TrainBasis:
    counts = validate_real("x", x)
    if counts.size < _AT_LEAST:
        raise ValueError(f"x is too short: {counts.size} points, at least {_AT_LEAST} are needed")
    if (counts < 0).any() or (counts != np.round(counts)).any():
        raise ValueError("x must hold numbers of pulses: whole and not negative")
    given = np.asarray(start)
    starts = validate_real("start", np.full(counts.size, given) if given.ndim == 0 else given)
    if starts.size != counts.size:
        raise ValueError(f"start must be a scalar or as long as x ({counts.size}), got {starts.size}")
    for one in np.unique(starts):
        wrong = np.flatnonzero(np.diff(counts[starts == one]) <= 0)
        if wrong.size:
            place = np.flatnonzero(starts == one)[wrong[0] + 1]
            raise ValueError(
                "x must be sorted and without repeats among the points of one start, "
                f"but it does not ascend at index {place}"
            )
    return _TrainBasis(counts, starts, angle, max(float(counts.max()), 1.0), bool((starts != 0.0).any()))


def _build_trace(basis: _TrainBasis, y: ArrayLike, sigma: ArrayLike | None) -> Trace:
    signal = validate_real("y", y)
    require_same_length(basis.counts, signal)
    places = np.arange(signal.size, dtype=np.float64)
    return Trace(places, signal, validate_sigma(sigma, signal.size), sigma is not None)


def _fit_unambiguous(trace: Trace, basis: _TrainBasis, grid: Floats) -> dict[str, Solution]:
    """Fit from the best few minima of the scan, and from the best also without decay.

    Raises `NoEffect` if two distinct ones explain the data.
    """
    found = [one for one in _fit_minima(trace, basis, grid) if _is_possible(one, basis)]
    found.sort(key=lambda one: one.chi2)
    if not found and not basis.shows_poles:
        raise NoEffect(_UNKNOWN_CONTRAST)
    if not found:
        raise NoEffect(f"no {_EFFECT} whose pulses turn by about the nominal angle")
    best = found[0]
    if basis.shows_poles and not 0 <= best.theta[-1] <= _RATES[1]:
        # A contrast that grows, or decays early, imitates another angle: the nominal one with a slow decay must be worse.
        nominal = np.append(np.zeros(best.theta.size - 1), _RATES[0])
        found.append(solve(basis, trace, nominal, rival=best))
    for other in found[1:]:
        apart = abs(other.theta[0] - best.theta[0]) > 0.5 * _STEP / basis.longest
        if apart and other.chi2 - best.chi2 < _CLEARLY * best.variance:
            raise NoEffect(
                f"two angle errors explain the data, {format_signed(best.theta[0], '.3g')} and {format_signed(other.theta[0], '.3g')}\N{NO-BREAK SPACE}rad: "
                "shorter trains would tell them apart"
            )
    last = best.theta.size - 1
    if not basis.shows_poles or (not basis.shows_decay and best.theta_error(last) < _KNOWN_RATE):
        # Amplitude and decay are hardly told apart: a choice between models would shift the angle.
        return {"free": best}
    # A contrast that grows with the length is not a decay.
    decays = bool(0 < best.theta[-1] < _FASTEST)
    steady = {"steady": solve(basis, trace, best.theta[:-1], rival=best if decays else None)}
    return {**steady, "decaying": best} if decays else steady


def _fit_minima(trace: Trace, basis: _TrainBasis, grid: Floats) -> list[Solution]:
    """Fit from the best few minima along the error, each at its best start and rate."""
    chi2 = _scan(basis, trace, grid)
    places = grid.reshape(*chi2.shape, -1)[np.arange(chi2.shape[0]), chi2.argmin(axis=1)]
    least = chi2.min(axis=1)
    nothing = compute_mean_chi2(trace)
    found: list[Solution] = []
    for place in find_minima(least)[:_MINIMA]:
        if found and nothing - least[place] < _HOPELESS * (nothing - found[0].chi2):
            break
        best = min(found, key=lambda one: one.chi2, default=None)
        found.append(solve(basis, trace, places[place], rival=best))
    return found


def _scan(basis: _TrainBasis, trace: Trace, grid: Floats) -> Floats:
    """Return chi² of the best offset and amplitude at each theta of the grid, shape (errors, g / errors)."""
    rates = grid[: len(_RATES), -1]
    steady = basis(trace.x, grid[:: rates.size, :-1])[..., 1]
    waves = steady[:, None] * np.exp(-np.multiply.outer(rates, basis.counts / basis.longest))
    weight = trace.sigma**-2.0
    total, mean = weight.sum(), (weight @ trace.y) / weight.sum()
    wave, square = waves @ weight / total, waves**2 @ weight
    shared = waves @ (weight * (trace.y - mean))
    if not basis.shows_poles:
        shared = np.maximum(shared, 0.0)  # the same curve with the other sign of amplitude and errors
    size = square - total * wave**2
    explained = shared**2 / np.maximum(size, 1e-9 * square)
    return np.asarray(compute_mean_chi2(trace) - explained).reshape(
        -1, len(_RATES) * (len(_STARTS) if basis.has_starts else 1)
    )


def _is_possible(solution: Solution, basis: _TrainBasis) -> bool:
    near = abs(solution.theta[0]) <= _FARTHEST * basis.angle
    right_axis = basis.shows_poles or solution.coefficients[1] > 0
    return bool(near and right_axis and (not basis.has_starts or abs(solution.theta[1]) <= _LARGEST_START))


def _average_theta(candidates: list[Candidate], place: int) -> Estimate:
    """Return the mean of one element of theta over the models, in rad."""
    values = [float(candidate.solution.theta[place]) for candidate in candidates]
    errors = [candidate.solution.theta_error(place) for candidate in candidates]
    return Estimate(*average_models(values, errors, [candidate.weight for candidate in candidates]), "rad")


def _require_contrast(solution: Solution, basis: _TrainBasis) -> None:
    if np.sqrt(solution.covariance[1, 1]) > _CONTRAST * abs(solution.coefficients[1]):
        raise NoEffect(
            f"the contrast of the {_EFFECT} is not determined" if basis.shows_poles else _UNKNOWN_CONTRAST
        )


def _describe_decay(best: Candidate, decay: Estimate | None) -> str:
    if best.name == "free":
        return "decay not told from the contrast"
    return "no decay seen" if decay is None else "decay seen"


def _derive_decay(best: Candidate, basis: _TrainBasis) -> Estimate | None:
    if best.name != "decaying" or best.weight < _SEEN:
        return None
    rate, error = float(best.solution.theta[-1]), best.solution.theta_error(best.solution.theta.size - 1)
    return Estimate(basis.longest / rate, basis.longest * error / rate**2, "")

"""Ring-up of a readout: arrival of the pulse, and rise of the resonator."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import (
    FALSE_ALARM,
    compute_false_alarm,
    compute_mean_chi2,
    compute_r_squared,
    compute_reduced_chi2,
    require_description,
    require_signal,
)
from qdash_analysis.inputs import (
    require_same_length,
    validate_ascending,
    validate_complex,
    validate_sigma,
)
from qdash_analysis.leastsq import solve
from qdash_analysis.notch import build_stacked_trace, split_quadratures
from qdash_analysis.result import Estimate, FitResult, NoEffect, NoSignal, return_rejection

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.solution import Solution

_AT_LEAST = 16
_ARRIVALS = np.linspace(0.0, 0.5, 26)
_RATES = np.log([3.0, 7.0, 15.0, 35.0, 80.0])
_TURNS = (-3.0, -1.0, 0.0, 1.0, 3.0)
_LATEST = 0.9
_RATE_LIMITS = (-3.0, 9.0)
_SEARCHED = 3
_REGULAR = 1e-9
_SHIFTS = (-1.5, -1.0, -0.5, 0.5, 1.0, 1.5)
"""Distances from the first solution, in windows, at which others are searched."""
_TRIALS = float(_ARRIVALS.size * _RATES.size * len(_TURNS))
_DETERMINED = 0.3
"""Largest relative error of a ring-up time that counts as known."""
_LEAST_SIGNAL = 3.0
"""Signal of a step in units of the noise of a window, below which a slow rise looks like a late arrival."""
_SAME = 0.1
"""Distance of the arrivals of one minimum, in units of their error."""
_STEP_PLACES = 4
"""Arrivals in each window from which a signal without a rise is searched."""
_MIXTURE_BIAS = 2.0
"""Relative change of the ring-up time over the share of shots with the qubit in the other state, which causes it: 1.5 to
2.2 if the readout excites the qubit, less if it was excited before.
"""
_SHORTEST_WINDOWS = 0.5
"""Shortest ring-up time that windows resolve, in their length."""


@return_rejection
def fit_ring_up(
    x: ArrayLike, y: ArrayLike, *, window: float, sigma: ArrayLike | None = None, shots: int | None = None
) -> FitResult:
    """Fit the readout signal against time after the start of the pulse.

    Model: nothing until the pulse arrives at t0, then the wave past a notch resonator with a full width kappa,
    probed at a detuning d (probe minus resonance)

    ``s(t) = S - R exp(-(kappa / 2 + i d) (t - t0))``

    averaged over each window. S is the settled signal, and R is what the resonator has still to take away.

    Parameters
    ----------
    x
        Start of each window in ns, shape ``(n,)``, ascending, at least 16.
    y
        Mean signal in each window, shape ``(n,)``, complex, any unit.
    window
        Length of a window in ns.
    sigma
        Known 1-sigma noise of each quadrature, scalar or shape ``(n,)``. Without it the scatter about the fit
        gives the errors.
    shots
        Number of shots per point, or None to ignore their scatter. If the readout excites the qubit in some shots, the
        mean rises too fast; the extra scatter in `sigma` gives their share, and twice of it is added to the error of
        the ring-up time.

    Returns
    -------
    FitResult
        With `level` (|S|) in the unit of `y`, and `arrival` (t0) in ns unless the first window has the whole signal;
        where the data determine it to 30 %, that share is below 30 % and it exceeds half a window also `ring_up_time`
        (2 / kappa) in ns. Without a significant rise the fit is a step, and the error of the arrival contains half a
        window. Errors are those of the least-squares covariance, and contain the other minima by their likelihood.
        `predict` gives the complex signal. Rejected: no signal, or one that is not described by the model.

    Raises
    ------
    ValueError
        If an array is not 1-D, finite, of equal length and long enough, `x` does not ascend, or `window` or a sigma
        is not positive.
    """
    times, points = validate_ascending("x", x, at_least=_AT_LEAST), validate_complex("y", y)
    require_same_length(times, points)
    if not 0 < window < math.inf:
        raise ValueError(f"window must be positive and finite, got {window}")
    trace = build_stacked_trace(
        times, points, validate_sigma(sigma, times.size), sigma_known=sigma is not None
    )
    require_signal(trace, effect="readout signal")
    basis = RingUpBasis(float(times[0]), float(times[-1] - times[0]), float(window))
    minima = _solve(basis, trace)
    solution = _choose(minima[0], _solve_step(basis, trace), trace)
    known, null_chi2 = trace.sigma_known, compute_mean_chi2(trace)
    doubt = compute_false_alarm(null_chi2, solution, extra=6, trials=_TRIALS, sigma_known=known)
    if doubt > FALSE_ALARM:
        raise NoSignal("no readout signal above the noise")
    require_description(null_chi2, solution, sigma_known=known)
    mixed = 0.0 if sigma is None or shots is None else _estimate_mixture(trace, solution, shots)
    parameters = _derive_estimates(solution, minima, mixed)
    ratio = parameters["level"].value / float(np.median(trace.sigma) * math.sqrt(solution.variance))
    if isinstance(solution.basis, StepBasis) and ratio < _LEAST_SIGNAL:
        raise NoEffect(
            f"the signal is only {ratio:.2g} times the noise of a window: take more shots, or fewer windows"
        )
    rise = parameters.get("ring_up_time")
    told = (
        "the rise is not resolved"
        if rise is None
        else f"it rises within {rise.value:.3g}\N{NO-BREAK SPACE}ns"
    )
    arrival = parameters.get("arrival")
    begins = (
        "the arrival is not resolved"
        if arrival is None
        else f"the signal arrives at {arrival.value:.4g}\N{NO-BREAK SPACE}ns"
    )
    return FitResult(
        success=True,
        message=f"{begins}; {told}",
        parameters=parameters,
        r2=compute_r_squared(trace, solution),
        reduced_chi2=compute_reduced_chi2(trace, solution),
        model=_Signal(solution),
    )


@dataclass(frozen=True, slots=True)
class RingUpBasis:
    """Basis of a ring-up, for both quadratures one after the other.

    theta = (arrival, log of the rate, turns in phase per unit), in units of the span from the first time.
    Coefficients: real parts of the settled signal and of the missing one, then their imaginary parts.
    """

    first: float
    span: float
    window: float

    def __call__(self, x: Floats, theta: Floats, /) -> Floats:
        """Return the basis, shape ``(..., 2 n, 4)``."""
        arrival, rate, turn = (np.asarray(theta)[..., index, None] for index in range(3))
        # A search may step beyond the trace, where nothing would be left to fit.
        arrival, rate = np.minimum(arrival, _LATEST), np.clip(rate, *_RATE_LIMITS)
        half = x[: x.size // 2]
        begin = (half - self.first) / self.span
        length = self.window / self.span
        decay = np.exp(rate) + 1j * turn
        since, until = np.maximum(begin - arrival, 0.0), np.maximum(begin + length - arrival, 0.0)
        settled = (until - since) / length
        missing = -(np.exp(-decay * since) - np.exp(-decay * until)) / (decay * length)
        return split_quadratures(np.stack([settled + 0j, missing], axis=-2))


@dataclass(frozen=True, slots=True)
class StepBasis:
    """Basis of a signal that arrives without a rise; theta = (arrival,), in units of the span from the first time."""

    first: float
    span: float
    window: float

    def __call__(self, x: Floats, theta: Floats, /) -> Floats:
        """Return the basis, shape ``(..., 2 n, 2)``."""
        begin, length = (x[: x.size // 2] - self.first) / self.span, self.window / self.span
        arrived = np.clip((begin + length - np.asarray(theta)) / length, 0.0, 1.0)
        return split_quadratures(arrived[..., None, :].astype(np.complex128))


@dataclass(frozen=True, slots=True)
class _Signal:
    """Fitted complex signal."""

    solution: Solution

    def __call__(self, x: Floats) -> NDArray[np.complex128]:
        real, imaginary = np.split(self.solution.predict(np.tile(np.asarray(x, dtype=np.float64), 2)), 2)
        return np.asarray(real + 1j * imaginary)


def _solve(basis: RingUpBasis, trace: Trace) -> list[Solution]:
    """Return the different minima, best first: chi² has a kink, and often a minimum, at the edge of every window."""
    found = _sort([solve(basis, trace, start) for start in _find_starts(basis, trace)])[0]
    window = basis.window / basis.span
    beside = [found.theta + np.array([shift * window, 0.0, 0.0]) for shift in _SHIFTS]
    best, *others = _sort([found, *(solve(basis, trace, start) for start in beside)])
    minima = [best]
    for one in others:
        apart = [abs(one.theta[0] - other.theta[0]) >= _SAME * one.theta_error(0) for other in minima]
        if math.isfinite(one.chi2) and all(apart):
            minima.append(one)
    return minima


def _solve_step(basis: RingUpBasis, trace: Trace) -> Solution:
    """Return the best signal without a rise, from the best of some arrivals in each window."""
    step = StepBasis(basis.first, basis.span, basis.window)
    arrivals = np.arange(_STEP_PLACES * (trace.x.size // 2)) * basis.window / basis.span / _STEP_PLACES
    values = step(trace.x, arrivals[:, None]) / trace.sigma[:, None]
    explained = np.sum(np.einsum("gnk,n->gk", values, trace.y / trace.sigma) ** 2, axis=-1)
    norm = np.sum(values[..., 0] ** 2, axis=-1)
    best = arrivals[np.argmax(explained / np.maximum(norm, _REGULAR * norm[0]))]
    return solve(step, trace, np.array([best]))


def _choose(rising: Solution, step: Solution, trace: Trace) -> Solution:
    """Return the solution with a rise if the data show a rise and determine its arrival, else the one without."""
    doubt = compute_false_alarm(
        step.chi2,
        rising,
        extra=rising.parameters - step.parameters,
        trials=float(_RATES.size * len(_TURNS)),
        sigma_known=trace.sigma_known,
    )
    return rising if doubt <= FALSE_ALARM and _determines_arrival(rising) else step


def _determines_arrival(solution: Solution) -> bool:
    """Return whether the arrival lies in the trace, and is known to a window."""
    basis = solution.basis
    assert isinstance(basis, RingUpBasis | StepBasis)
    window = basis.window / basis.span
    return -window <= solution.theta[0] <= 1.0 and solution.theta_error(0) < window


def _sort(solutions: list[Solution]) -> list[Solution]:
    return sorted(solutions, key=lambda one: one.chi2 if math.isfinite(one.chi2) else math.inf)


def _estimate_error(minima: list[Solution], index: int) -> float:
    """Return the error of a theta of the best solution, with the distance of the other minima.

    Each counts with its likelihood times its width, like modes of a posterior.
    """
    best = minima[0]
    weights = [math.exp(-(one.chi2 - best.chi2) / (2 * best.variance)) * one.theta_error(0) for one in minima]
    squares = [one.theta_error(index) ** 2 + (one.theta[index] - best.theta[index]) ** 2 for one in minima]
    return math.sqrt(np.average(squares, weights=weights))


def _find_starts(basis: RingUpBasis, trace: Trace) -> list[Floats]:
    """Return the best starts of a coarse grid."""
    grid = np.array([(t, r, d) for t in _ARRIVALS for r in _RATES for d in _TURNS])
    values = basis(trace.x, grid) / trace.sigma[:, None]
    gram = values.swapaxes(-1, -2) @ values
    gram += _REGULAR * np.trace(gram, axis1=-2, axis2=-1)[:, None, None] * np.eye(4)
    projected = np.einsum("gnk,n->gk", values, trace.y / trace.sigma)
    explained = np.sum(projected * np.linalg.solve(gram, projected[..., None])[..., 0], axis=-1)
    return [grid[index] for index in np.argsort(-explained)[:_SEARCHED]]


def _estimate_mixture(trace: Trace, solution: Solution, shots: int) -> float:
    """Return the share of shots in which the qubit is in the other state; 0 if the scatter shows none.

    A share p adds p times the squared distance of the states to the variance. That distance rises as the signal of the
    resonator, to about what it takes away from the wave.
    """
    if not isinstance(solution.basis, RingUpBasis):
        return 0.0
    half = trace.x.size // 2
    columns = solution.basis(trace.x, solution.theta)[:, :2]
    filled = (columns[:half] + 1j * columns[half:]).sum(axis=1)
    design = np.column_stack([np.ones(half), np.abs(filled) ** 2])
    # Both quadratures scatter together: their sum is twice their mean.
    variance = 2 * shots * trace.sigma[:half] ** 2
    excess = float(np.linalg.lstsq(design, variance, rcond=None)[0][1])
    taken = solution.coefficients[1] ** 2 + solution.coefficients[3] ** 2
    return max(excess, 0.0) / taken if taken else 0.0


def _derive_estimates(solution: Solution, minima: list[Solution], mixed: float) -> dict[str, Estimate]:
    """Return the estimates, with the share of `mixed` shots as an error of the ring-up time."""
    basis = minima[0].basis
    assert isinstance(basis, RingUpBasis)
    half = solution.coefficients.size // 2

    def level(coefficients: Floats, theta: Floats) -> float:  # noqa: ARG001  the same signature for all
        return math.hypot(coefficients[0], coefficients[half])

    found = {"level": Estimate(*solution.evaluate(level), "a.u.")}
    risen = isinstance(solution.basis, RingUpBasis)
    if _determines_arrival(solution):
        # A rise that is not resolved hides the arrival within its window.
        own = _estimate_error(minima, 0) if risen else solution.theta_error(0)
        error = math.hypot(basis.span * own, 0.0 if risen else basis.window / 2)
        found["arrival"] = Estimate(basis.first + basis.span * float(solution.theta[0]), error, "ns")
    if not risen:
        return found
    rise, error = basis.span * math.exp(-solution.theta[1]), _estimate_error(minima, 1)
    if math.hypot(error, mixed) < _DETERMINED and rise > _SHORTEST_WINDOWS * basis.window:
        found["ring_up_time"] = Estimate(rise, rise * math.hypot(error, _MIXTURE_BIAS * mixed), "ns")
    return found

"""Rabi oscillations against the duration or the amplitude of the pulse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from qdash_analysis.candidates import Candidate, average_models, weight_models
from qdash_analysis.envelope import derive_decay_time
from qdash_analysis.evidence import compute_r_squared, compute_reduced_chi2, require_effect, require_signal
from qdash_analysis.inputs import Trace, validate_trace
from qdash_analysis.oscillation import (
    AT_LEAST,
    OscillationBasis,
    count_trials,
    fit_decaying,
    fit_steady,
    require_periods,
)
from qdash_analysis.outliers import describe_left_out, fit_without_outliers
from qdash_analysis.result import Estimate, FitResult, return_rejection

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from qdash_analysis.solution import Solution

_FREQUENCY = {"ns": (1e3, "MHz"), "a.u.": (1.0, "1/a.u.")}
_SEEN = 0.95
_UNDETERMINED = 0.5
_ENDLESS = np.log(100.0)


@return_rejection
def fit_rabi(
    x: ArrayLike, y: ArrayLike, *, x_unit: Literal["ns", "a.u."] = "ns", sigma: ArrayLike | None = None
) -> FitResult:
    """Fit a Rabi oscillation.

    Model: ``y = offset + amplitude cos(2 pi frequency x + phase) exp(-x / decay)``, and the same without
    decay. Both are weighted by their likelihood; if the data cannot separate them, the estimates are their
    means and the errors include the difference. Isolated points that contradict the others by more than 6 sigma are
    left out (at most a tenth of them, never the first or the last, named in the message).

    Parameters
    ----------
    x
        Pulse durations in ns or amplitudes in a.u., shape ``(n,)``, ascending, at least 8.
    y
        Signal, shape ``(n,)``, any unit.
    x_unit
        ``"ns"`` or ``"a.u."``.
    sigma
        Known 1-sigma noise of `y`, scalar or shape ``(n,)``. Without it the scatter about the fit gives the errors.

    Returns
    -------
    FitResult
        With `frequency` in MHz (or 1/a.u.), `amplitude` (positive) and `offset` in the unit of `y`, `phase` in rad
        within (-pi, pi], and `decay` in the unit of `x` if the data show one. Amplitude and phase are those at x = 0.
        Errors are those of the least-squares covariance, scaled by the root of the reduced chi² where that is
        significantly above one. Rejected: flat or pure noise, less than three quarters of a period, a trace that the
        model does not describe.

    Notes
    -----
    An even sweep cannot separate a frequency f from its aliases, such as 1 / step - f: the one below 1 / (2 step) is
    reported. An uneven one is searched up to one over twice its smallest step.

    Raises
    ------
    ValueError
        If an array is not 1-D, finite, of equal length and long enough, `x` does not ascend, `sigma` is not positive or
        `x_unit` is unknown.
    """
    if x_unit not in _FREQUENCY:
        raise ValueError(f"x_unit must be one of {', '.join(_FREQUENCY)}, got {x_unit!r}")
    trace = validate_trace(x, y, sigma, at_least=AT_LEAST)
    require_signal(trace, effect="Rabi oscillation")
    trace, candidates, left_out = fit_without_outliers(trace, _fit_models)
    best = candidates[0].solution
    require_effect(trace, best, trials=count_trials(trace), effect="Rabi oscillation")
    values, errors = _average_models(candidates)
    periods, amplitude, phase, offset = values
    require_periods(trace, periods, errors[0], effect="Rabi oscillation")
    factor, unit = _FREQUENCY[x_unit]
    parameters = {
        "frequency": Estimate(factor * periods / trace.span, factor * errors[0] / trace.span, unit),
        "amplitude": Estimate(amplitude, errors[1], "a.u."),
        "offset": Estimate(offset, errors[3], "a.u."),
        "phase": Estimate(float(np.pi - (np.pi - phase) % (2 * np.pi)), errors[2], "rad"),
    }
    decay = _derive_decay(candidates, trace.span)
    if decay is not None:
        parameters["decay"] = Estimate(*decay, x_unit)
    return FitResult(
        success=True,
        message=f"Rabi oscillation, {'no decay' if decay is None else 'decay'} seen{describe_left_out(left_out)}",
        parameters=parameters,
        r2=compute_r_squared(trace, best),
        reduced_chi2=compute_reduced_chi2(trace, best),
        left_out=left_out,
        model=best.predict,
    )


def _fit_models(trace: Trace) -> list[Candidate]:
    decaying = fit_decaying(trace)
    models = {"steady": fit_steady(trace, decaying)}
    # An amplitude sweep through zero has no direction in which it could decay; an infinite decay time means
    # no decay.
    if trace.x[0] >= 0 and decaying.theta[1] < _ENDLESS:
        models["decaying"] = decaying
    return weight_models(trace, models)


def _average_models(candidates: list[Candidate]) -> tuple[list[float], list[float]]:
    """Return the mean of periods, amplitude, phase and offset over both models, and their errors."""
    described = [_describe(candidate.solution) for candidate in candidates]
    values = np.array([value for value, _ in described])
    # Phases on a circle are compared where they are close together.
    values[:, 2] = values[0, 2] + (values[:, 2] - values[0, 2] + np.pi) % (2 * np.pi) - np.pi
    errors = np.array([error for _, error in described])
    weights = [candidate.weight for candidate in candidates]
    means = [average_models(list(values[:, place]), list(errors[:, place]), weights) for place in range(4)]
    return [mean for mean, _ in means], [error for _, error in means]


def _describe(solution: Solution) -> tuple[list[float], list[float]]:
    """Return periods, amplitude, phase, offset of one model at x = 0, and their errors."""
    basis = solution.basis
    assert isinstance(basis, OscillationBasis)
    a, b, offset = solution.coefficients
    periods = solution.theta[0]
    late = basis.start / basis.span
    slowing = late * np.exp(-solution.theta[1]) if basis.envelope else 0.0
    radius = float(np.hypot(a, b))
    growth = float(np.exp(min(slowing, 50.0)))
    phase = -np.arctan2(b, a) - 2 * np.pi * periods * late
    tail = [-radius * growth * slowing] if basis.envelope else []
    no_tail = [0.0] * len(tail)
    derivatives = np.array(
        [
            [0, 0, 0, 1, *no_tail],
            [a / radius * growth, b / radius * growth, 0, 0, *tail],
            [b / radius**2, -a / radius**2, 0, -2 * np.pi * late, *no_tail],
            [0, 0, 1, 0, *no_tail],
        ]
    )
    return [periods, radius * growth, phase, offset], [solution.error(row) for row in derivatives]


def _derive_decay(candidates: list[Candidate], span: float) -> tuple[float, float] | None:
    best = candidates[0]
    if best.name != "decaying" or best.weight < _SEEN:
        return None
    time, error = derive_decay_time(best.solution, 1, span)
    return (time, error) if error < _UNDETERMINED * time else None

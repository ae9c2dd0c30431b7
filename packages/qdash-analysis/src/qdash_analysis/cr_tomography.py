"""Hamiltonian tomography of a cross-resonance tone: rotation of the target for both control states."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.cr_paths import (
    DECAY,
    RISE,
    SCALE,
    SIZE,
    STATES,
    Paths,
    build_prior,
    build_start,
    isolate_tone_rates,
)
from qdash_analysis.evidence import FALSE_ALARM, compute_false_alarm, require_description
from qdash_analysis.inputs import Floats, Trace, validate_ascending
from qdash_analysis.joint_traces import compute_rows_chi2, set_scatter, validate_rows
from qdash_analysis.prior import solve_with_prior
from qdash_analysis.residuals import are_structured
from qdash_analysis.result import Estimate, FitResult, NoEffect, NoSignal, format_signed, return_rejection
from qdash_analysis.rotation_search import find_rotations

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from qdash_analysis.prior import Prior
    from qdash_analysis.solution import Solution

_AT_LEAST = 8
_STARTS = 3
_ROUNDING = 1e-12
_RISES_US = (-0.02, 0.0, 0.02)
_TOO_FAST = 0.95

_HOPELESS = 60.0
"""Loss of chi², in units of its variance, that no volume of a minimum compensates."""

_SWING = 0.15
"""Loss of Z below which a vector hardly rotates."""

_HALF = np.array([[0.5, -0.5], [0.5, 0.5]])
"""Coefficients of Z and of the identity on the control, from the rates with the control in 0 and in 1."""


@return_rejection
def fit_cr_tomography(
    x: ArrayLike, y: ArrayLike, *, sigma: ArrayLike | None = None, control_t1_us: float | None = None
) -> FitResult:
    """Fit the trajectory of the target's Bloch vector under a cross-resonance tone, for both control states.

    Model: for each control state the vector starts at +Z and rotates about its own axis, with the durations
    extended by a rise offset; relaxation shrinks it and makes it drift towards +Z (Bloch's equations; the
    experiment: Sheldon et al., Phys. Rev. A 93, 060302 (2016)). A control in |1> may relax during the tone,
    and the vector then rotates about the other axis; neglecting this would make a slow ZX come out low by up
    to a percent. Start values of rates and axes come from a blind search, separately for each state.

    Parameters
    ----------
    x
        Durations of the tone in ns, shape ``(n,)``, ascending, at least 8, all with the same edges: none
        shorter than both.
    y
        Expectation values of the target's X, Y, Z with the control in |0>, then in |1>, shape ``(6, n)``: +1 is |0>, up
        to a scale that is common to all and an offset that is common to the three of one state.
    sigma
        Known 1-sigma noise of `y`, scalar or shape ``(6, n)``. Without it the scatter about the fit gives the errors.
    control_t1_us
        T1 of the control; taken as known to 20 %, as it fluctuates.

    Returns
    -------
    FitResult
        With `zx`, `ix`, `zy`, `iy`, `zz`, `iz` in MHz, H/h = sum c_PQ PQ / 2 with the control first, so `zx` + `ix` is
        the rate about X with the control in |0>. Further `decay_control_0`, `decay_control_1` (1/us), `rise_offset`
        (ns; added to `x` it is the effective duration) and `scale`. `covariance` is that of all of them, in this order.
        `predict` gives shape ``(6, n)``. Errors are those of the least-squares covariance, scaled by the root of the
        reduced chi² where that is significantly above one. The difference and the drift of the relaxation of X, Y and
        of Z are taken from a wide range of transmons (1/T2 - 1/T1 = 0 ± 0.02 and 1/T1 = 0.01 ± 0.01 per µs, that of the
        control too unless it is given), the rise offset as 0 ± 50 ns, the rates about Z as 0 ± 2 MHz, the share of
        wrongly prepared control states as 1 ± 1.2 %, and the extra rotation by either edge as 0 ± 6 mrad about any
        axis; these priors matter where the data do not determine the parameter. The rotation about Z after the tone is
        never determined by the data (see the notes). Rejected: noise, a vector that does not rotate, a rotation too
        fast for the sampling, data that the model does not describe.

    Notes
    -----
    An even sweep cannot tell a rate f from 1 / step - f: the one below 1 / (2 step) is reported.

    Static ZZ and a detuning of the target also act while the tone rises and falls, and in the pulse that
    reads X or Y: at 0.2 MHz they rotate the vector by about 40 mrad more. All trajectories start at the pole,
    so this looks like an axis rotated about Z. Therefore the axes are rotated back by the effect of the
    fitted rates about Z in 30 ± 15 ns, half of an edge and of such a pulse. The errors include its
    uncertainty, mainly those of `zy` and `iy` if the tone makes ZX alone.

    Raises
    ------
    ValueError
        If an array has the wrong shape, is too short, not finite or not ascending, or `sigma` or
        `control_t1_us` is not positive.
    """
    times = validate_ascending("x", x, at_least=_AT_LEAST) * 1e-3
    if times[0] < 0:
        raise ValueError(
            f"x must not be negative, got {format_signed(times[0] * 1e3, '.6g')}\N{NO-BREAK SPACE}ns"
        )
    trace = validate_rows(
        y, sigma, shape=(3 * STATES, times.size), rows="X, Y, Z of the target for control 0, then for 1"
    )
    _require_vectors(trace, times)
    paths = Paths(times)
    solution, trace = _fit_paths(paths, trace, build_prior(control_t1_us))
    _require_turns(paths, trace, solution)
    total = float(np.sum(((trace.y - trace.y.mean()) / trace.sigma) ** 2))
    parameters, covariance = _derive_estimates(solution)
    return FitResult(
        success=True,
        message="rotation with either state of the control",
        parameters=parameters,
        r2=1 - float(solution.residuals[: trace.x.size] @ solution.residuals[: trace.x.size]) / total,
        reduced_chi2=solution.chi2 / solution.dof if trace.sigma_known else None,
        covariance=covariance,
        model=lambda x_ns: Paths(x_ns * 1e-3)(solution.theta).reshape(6, -1),
    )


def _fit_paths(paths: Paths, trace: Trace, prior: Prior) -> tuple[Solution, Trace]:
    """Fit from the best starts; take unknown noise from a first fit, as the priors need it."""
    starts = [build_start(*found, prior) for found in _find_starts(paths.times_us, trace)]
    if not trace.sigma_known:
        trace = _set_scatter(paths, trace, starts[0])
        starts[0] = solve_with_prior(paths.linearise, trace, starts[0], prior).theta
        trace = _set_scatter(paths, trace, starts[0])
    solutions = []
    for start in starts:
        solutions.append(solve_with_prior(paths.linearise, trace, start, prior))
        if not are_structured(solutions[-1].residuals):
            break
    best = min(solutions, key=lambda solution: solution.chi2)
    for still in _list_rest_starts(paths, best.theta):
        worst = best.chi2 + _HOPELESS * best.chi2 / best.dof
        best = _choose_likelier(
            best, solve_with_prior(paths.linearise, trace, still, prior, chi2_limit=worst)
        )
    return best, trace if trace.sigma_known else _set_scatter(paths, trace, best.theta)


def _set_scatter(paths: Paths, trace: Trace, theta: Floats) -> Trace:
    return set_scatter(trace, paths(theta), parameters=SIZE)


def _list_rest_starts(paths: Paths, theta: Floats) -> list[Floats]:
    """Return starts in which vectors that hardly rotate are at rest: a small fast rotation about Z can fit noise."""
    path = paths(theta).reshape(STATES, 3, -1) / theta[SCALE]
    found = []
    for state in range(STATES):
        if 1 - path[state, 2].min() < _SWING:
            still = theta.copy()
            still[3 * state : 3 * state + 3] = 0.0
            found.append(still)
    return found


def _choose_likelier(one: Solution, other: Solution) -> Solution:
    """Return the more probable of two minima, by depth times volume (Laplace)."""
    costs = [each.chi2 - float(np.linalg.slogdet(each.covariance / each.scale)[1]) for each in (one, other)]
    return one if costs[0] <= costs[1] else other


def _find_starts(times: Floats, trace: Trace) -> list[tuple[Floats, float]]:
    """Return start rates and rises, the best first, with a common rise of both states."""
    vectors = trace.y.reshape(STATES, 3, -1)
    fastest = 0.5 * (times.size - 1)
    tried = []
    for rise in _RISES_US:
        found = find_rotations(vectors, times + rise, fastest, count=_STARTS)
        tried.append((sum(float(left[0]) for _, left in found), rise, found))
    _, rise, found = min(tried, key=lambda each: each[0])
    pairs = product(*(list(zip(*state, strict=True)) for state in found))
    ordered = sorted(pairs, key=lambda pair: float(pair[0][1] + pair[1][1]))
    return [(np.concatenate([pair[0][0], pair[1][0]]), rise) for pair in ordered[: 2 * _STARTS]]


def _require_vectors(trace: Trace, times: Floats) -> None:
    """Raise `NoSignal` if the signal varies by no more than rounding."""
    rows = trace.y.reshape(-1, times.size)
    if float(np.ptp(rows, axis=1).max()) <= _ROUNDING * float(np.abs(rows).max()):
        raise NoSignal("no rotation: the traces are flat")


def _require_turns(paths: Paths, trace: Trace, solution: Solution) -> None:
    """Raise `NoEffect` unless the vector rotates as the model says, slowly enough for the sampling."""
    constant = compute_rows_chi2(trace, paths.times_us)
    extra = solution.theta.size - 3 * STATES
    # Each control state has its own choice of rates and axes.
    trials = float(2 * paths.times_us.size) ** STATES
    doubt = compute_false_alarm(constant, solution, extra=extra, trials=trials, sigma_known=trace.sigma_known)
    if doubt > FALSE_ALARM or solution.theta[SCALE] <= 0:
        raise NoSignal("no rotation of the target above the noise")
    fastest = 0.5 / float(np.median(np.diff(paths.times_us)))
    for state, rates in enumerate(solution.theta[:6].reshape(STATES, 3)):
        if (rate := float(np.linalg.norm(rates))) > _TOO_FAST * fastest:
            raise NoEffect(
                f"rotation with the control in |{state}> faster than the sampling: {rate:.3g}\N{NO-BREAK SPACE}MHz, up to {fastest:.3g} can "
                "be told: use smaller steps"
            )
    require_description(constant, solution, sigma_known=trace.sigma_known)


def _derive_estimates(solution: Solution) -> tuple[dict[str, Estimate], Floats]:
    """Return the estimates by name, and their covariance."""
    units: dict[str, str] = {}
    rows = np.zeros((10, SIZE))
    for place, axis in enumerate("xyz"):
        for row, control in enumerate("zi"):
            rows[len(units), [place, place + 3]] = _HALF[row]
            units[control + axis] = "MHz"
    for name, unit, place, factor in (
        ("decay_control_0", "1/us", DECAY, 1.0),
        ("decay_control_1", "1/us", DECAY + 1, 1.0),
        ("rise_offset", "ns", RISE, 1e3),
        ("scale", "", SCALE, 1.0),
    ):
        rows[len(units), place] = factor
        units[name] = unit
    theta, covariance = isolate_tone_rates(solution.theta, solution.covariance)
    covariance = rows @ covariance @ rows.T
    values, errors = rows @ theta, np.sqrt(np.diag(covariance))
    found = {
        name: Estimate(value, error, unit)
        for (name, unit), value, error in zip(units.items(), values, errors, strict=True)
    }
    return found, covariance

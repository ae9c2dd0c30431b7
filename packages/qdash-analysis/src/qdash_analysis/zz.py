"""Static ZZ: the frequency shift of the target by the state of the control."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import (
    FALSE_ALARM,
    compute_false_alarm,
    compute_mean_chi2,
    require_description,
    require_signal,
)
from qdash_analysis.inputs import Floats, Trace, validate_ascending
from qdash_analysis.joint_traces import compute_rows_chi2, set_scatter, split_rows, validate_rows
from qdash_analysis.linear import fit_linear, scan_designs
from qdash_analysis.oscillation import (
    AT_LEAST,
    count_resolvable_periods,
    count_trials,
    fit_decaying,
    require_periods,
)
from qdash_analysis.prior import Prior, differentiate, solve_with_prior
from qdash_analysis.result import Estimate, FitResult, NoEffect, NoSignal, format_signed, return_rejection

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qdash_analysis.solution import Solution

_TAU = 2 * np.pi
_STATES = 2
_FINENESS = 0.25
_STILL = 1e-9
_EARLIEST = 50.0

# theta: periods in the window of both fringes, exponential and Gaussian decay over the window, cosine, sine
# and offset of both fringes, share of either control state that starts in the other, its relaxation per us.
_DECAY, _WAVES, _WRONG, _RELAXATION, _SIZE = 2, 4, 10, 12, 13
_OFFSET = 2

# Thermal population and pulse errors of the control mix its states; a decay beyond this is over before the
# second point.
_KNOWN = {_DECAY: (0.0, 10.0), _DECAY + 1: (0.0, 10.0), _WRONG: (0.01, 0.012), _WRONG + 1: (0.01, 0.012)}
_ANY_RELAXATION = (0.009, 0.007)
_DRIFT_OF_T1 = 0.05


@return_rejection
def fit_zz(
    x: ArrayLike,
    y: ArrayLike,
    *,
    artificial_mhz: float,
    sigma: ArrayLike | None = None,
    control_t1_us: float | None = None,
) -> FitResult:
    """Fit the target's Ramsey fringes with the control in |0> and in |1>.

    Model: both fringes have an amplitude, phase and offset of their own and an envelope in common,
    exponential, Gaussian or their product. The fringe oscillates at ``|artificial + detuning|``, with the
    detuning of the target from its drive, so its sign is known if the artificial detuning is larger than the
    true ones. After a control relaxes at a time s, the target rotates at the other frequency; averaged over
    s, the second fringe is ``exp(-g t + i w1 t) + g exp(i w0 t) (1 - exp(-(g - i (w1 - w0)) t)) / (g - i (w1
    - w0))`` with g = 1/T1.

    Parameters
    ----------
    x
        Delays in µs, shape ``(n,)``, ascending, at least 8.
    y
        Signal of the target, shape ``(2, n)``: control in |0>, then in |1>; any unit and sign.
    artificial_mhz
        Artificial detuning of both, of either sign, larger than the detunings of the target.
    sigma
        Known 1-sigma noise of `y`, scalar or shape ``(2, n)``. Without it the scatter about the fit gives the errors.
    control_t1_us
        T1 of the control, taken as known to 5 % because it drifts. If None, the prior of 1/T1 is 0.009 ±
        0.007 per µs, which increases the error of a zeta that the window does not resolve.

    Returns
    -------
    FitResult
        With `static_zz_interaction` in MHz, f11 - f10 - f01 + f00, signed: H/h = zeta/4 ZZ; and with the detunings of
        the target from its drive, `detuning_control_0` and `detuning_control_1` in MHz, signed. `covariance` is that of
        the three. `predict` gives shape ``(2, n)``. Errors are those of the least-squares covariance, scaled by the
        root of the reduced chi² where that is significantly above one; they include a prior of 1 ± 1.2 % of the wrong
        control state in each fringe. Rejected: flat or pure noise in either trace, less than three quarters of a
        period, a detuning as large as the artificial one, a trace that the model does not describe.

    Raises
    ------
    ValueError
        If an array has the wrong shape, is too short, not finite or not ascending, or `sigma` or `control_t1_us` is not
        positive, or `artificial_mhz` is zero.
    """
    times = validate_ascending("x", x, at_least=AT_LEAST)
    joined = validate_rows(
        y, sigma, shape=(_STATES, times.size), rows="a trace for control 0 and one for control 1"
    )
    relaxation = _derive_relaxation(control_t1_us)
    if not np.isfinite(artificial_mhz) or artificial_mhz == 0:
        raise ValueError(f"artificial_mhz must be finite and not zero, got {artificial_mhz}")
    fringes = FringeModel(times, float(times[0]), float(np.ptp(times)))
    singles = split_rows(joined, times)
    for state, single in enumerate(singles):
        require_signal(single, effect=_describe_state(state))
    solution, joined = _fit_fringes(fringes, joined, singles, relaxation)
    _require_fringes(fringes, joined, solution)
    rows = _build_rows(fringes.span_us, sign=np.sign(artificial_mhz))
    values = rows @ solution.theta - np.array([0.0, artificial_mhz, artificial_mhz])
    _require_sign(values[1:], artificial_mhz)
    covariance = rows @ solution.covariance @ rows.T
    names = ("static_zz_interaction", "detuning_control_0", "detuning_control_1")
    errors = np.sqrt(np.diag(covariance))
    left = solution.residuals[: joined.x.size]
    return FitResult(
        success=True,
        message="Ramsey oscillation with either state of the control",
        parameters={
            name: Estimate(value, error, "MHz")
            for name, value, error in zip(names, values, errors, strict=True)
        },
        r2=1 - float(left @ left) / compute_rows_chi2(joined, times),
        reduced_chi2=solution.chi2 / solution.dof if joined.sigma_known else None,
        covariance=covariance,
        model=lambda delays: replace(fringes, times_us=delays)(solution.theta[None])[0].reshape(_STATES, -1),
    )


@dataclass(frozen=True, slots=True)
class FringeModel:
    """Model of both fringes at the delays `times_us`, shape ``(n,)``; the window gives the units of theta."""

    times_us: Floats
    start_us: float
    span_us: float

    def __call__(self, theta: Floats) -> Floats:
        """Evaluate for theta of shape ``(g, 13)``; shape ``(g, 2 n)``."""
        waves = self.compute_waves(theta) * self.compute_envelope(theta[:, _DECAY:_WAVES])[:, None]
        wrong = theta[:, _WRONG:_RELAXATION, None]
        mixed = (1 - wrong) * waves + wrong * waves[:, ::-1]
        parts = theta[:, _WAVES:_WRONG].reshape(-1, _STATES, 3, 1)
        found = parts[:, :, 0] * mixed.real + parts[:, :, 1] * mixed.imag + parts[:, :, _OFFSET]
        return np.asarray(found.reshape(theta.shape[0], -1))

    def compute_waves(self, theta: Floats) -> NDArray[np.complex128]:
        """Return the phase factors of the target with the control in 0 and in 1, shape ``(g, 2, n)``."""
        turning = 1j * _TAU / self.span_us * theta[:, :_DECAY, None]
        waves = np.exp(turning * self.times_us)
        rate = theta[:, _RELAXATION:]
        lost = np.exp(np.clip(-rate * self.times_us, -_EARLIEST, _EARLIEST)) * waves[:, 1]
        # A control that does not relax does so at any frequency.
        faster = rate - (turning[:, 1] - turning[:, 0]) + _STILL
        waves[:, 1] = lost + rate * (waves[:, 0] - lost) / faster
        return np.asarray(waves)

    def compute_envelope(self, decay: Floats) -> Floats:
        """Return the envelope, one at the start of the window, shape ``(g, n)``, for `decay` of shape ``(g, 2)``."""
        late = (self.times_us - self.start_us) / self.span_us
        exponent = decay[:, :1] * late + decay[:, 1:] * late**2
        return np.asarray(np.exp(-np.maximum(exponent, -_EARLIEST)), dtype=np.float64)


def _derive_relaxation(control_t1_us: float | None) -> tuple[float, float]:
    """Return the relaxation rate per µs and its uncertainty."""
    if control_t1_us is None:
        return _ANY_RELAXATION
    if not (np.isfinite(control_t1_us) and control_t1_us > 0):
        raise ValueError(f"control_t1_us must be positive, got {control_t1_us}")
    return 1 / float(control_t1_us), _DRIFT_OF_T1 / float(control_t1_us)


def _describe_state(state: int) -> str:
    return f"Ramsey oscillation with the control in |{state}>"


def _fit_fringes(
    fringes: FringeModel, joined: Trace, singles: list[Trace], relaxation: tuple[float, float]
) -> tuple[Solution, Trace]:
    """Fit both fringes; take unknown noise from the start, then from a first fit."""
    theta = _find_start(fringes, singles, relaxation[0])
    prior = Prior.from_known_values(_SIZE, {**_KNOWN, _RELAXATION: relaxation})
    for _ in range(1 if joined.sigma_known else 2):
        if not joined.sigma_known:
            joined = set_scatter(joined, fringes(theta[None])[0], parameters=_SIZE)
        solution = solve_with_prior(differentiate(fringes), joined, theta, prior)
        theta = solution.theta
    return solution, joined


def _find_start(fringes: FringeModel, singles: list[Trace], relaxation: float) -> Floats:
    """Return start values: the fringe with the control in 0 alone, then a scan of the other."""
    alone = fit_decaying(singles[0])
    seconds = np.arange(_FINENESS, count_resolvable_periods(singles[1]) - _FINENESS, _FINENESS)
    grid = np.zeros((seconds.size, _SIZE))
    grid[:, 0], grid[:, 1], grid[:, _RELAXATION] = abs(float(alone.theta[0])), seconds, relaxation
    grid[:, _WRONG:_RELAXATION] = _KNOWN[_WRONG][0]
    grid[:, _DECAY] = np.exp(-np.clip(alone.theta[1], -2.0, 3.0))
    theta: Floats = grid[scan_designs(_build_design(fringes, grid, state=1), singles[1]).argmin()].copy()
    for state, single in enumerate(singles):
        design = _build_design(fringes, theta[None], state=state)[0]
        theta[_WAVES + 3 * state : _WAVES + 3 * state + 3] = fit_linear(design, single)[0]
    return theta


def _build_design(fringes: FringeModel, theta: Floats, *, state: int) -> Floats:
    """Return cosine, sine and offset of one fringe, shape ``(g, n, 3)``, for theta of shape ``(g, 13)``."""
    wave = fringes.compute_waves(theta)[:, state] * fringes.compute_envelope(theta[:, _DECAY:_WAVES])
    return np.asarray(np.stack([wave.real, wave.imag, np.ones_like(wave.real)], axis=-1))


def _require_fringes(fringes: FringeModel, joined: Trace, solution: Solution) -> None:
    """Raise `NoEffect` unless both traces oscillate as the model says, slowly enough for the sampling."""
    size, known = fringes.times_us.size, joined.sigma_known
    singles = split_rows(joined, fringes.times_us)
    for state, single in enumerate(singles):
        residuals = solution.residuals[state * size : (state + 1) * size]
        alone = replace(
            solution, chi2=float(residuals @ residuals), dof=max(size - _SIZE // 2, 1), residuals=residuals
        )
        doubt = compute_false_alarm(
            compute_mean_chi2(single), alone, extra=4, trials=count_trials(single), sigma_known=known
        )
        if doubt > FALSE_ALARM:
            raise NoSignal(f"no {_describe_state(state)} above the noise")
        require_periods(
            single,
            abs(float(solution.theta[state])),
            solution.theta_error(state),
            effect=_describe_state(state),
        )
    require_description(compute_rows_chi2(joined, fringes.times_us), solution, sigma_known=known)


def _build_rows(span: float, *, sign: float) -> Floats:
    """Return the linear map from theta to zeta and both fringe frequencies; `sign` is that of the artificial detuning."""
    rows = np.zeros((3, _SIZE))
    rows[0, :_DECAY], rows[1, 0], rows[2, 1] = (-1, 1), 1, 1
    return rows * (sign / span)


def _require_sign(detunings: Floats, artificial_mhz: float) -> None:
    """Raise `NoEffect` if a detuning is so large that its sign is unknown."""
    for state, detuning in enumerate(detunings):
        if abs(detuning) >= abs(artificial_mhz):
            raise NoEffect(
                f"the sign is not known: with the control in |{state}> the target is {format_signed(detuning, '.3g')}\N{NO-BREAK SPACE}MHz off, as much as the "
                f"artificial detuning of {format_signed(artificial_mhz, '.3g')}\N{NO-BREAK SPACE}MHz: use a larger one"
            )

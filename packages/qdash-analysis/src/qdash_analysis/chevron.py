"""Rabi oscillations against duration and drive frequency: the chevron about the qubit frequency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import compute_r_squared, compute_reduced_chi2, require_effect, require_signal
from qdash_analysis.inputs import Floats, Trace, validate_ascending, validate_real, validate_sigma
from qdash_analysis.leastsq import solve
from qdash_analysis.linear import scan
from qdash_analysis.result import Estimate, FitResult, NoEffect, return_rejection

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from qdash_analysis.solution import Solution

_FEWEST_TIMES = 8
_FEWEST_FREQUENCIES = 5
_TAU = 2 * np.pi
_TRIED_RATES = 48
_STARTS = 3
_DECAYS = np.array([0.2, 2.0])
_UNDETERMINED = 0.25
_SLOWEST = 0.4
"""Oscillations in the longest pulse below which a Rabi frequency cannot be separated from an amplitude."""


@dataclass(frozen=True, slots=True)
class ChevronBasis:
    """Basis (generalised Rabi population, 1) for theta = (resonance, log Rabi frequency, decay rate).

    The resonance is in window units from the middle, the Rabi frequency in oscillations in the longest pulse,
    the decay rate in units of one over that pulse: zero is no decay, and noise may make it negative. `x`
    numbers all points: frequency by frequency, each with all times.

    Frequencies, shape ``(m,)``, are counted from the middle of the window; `longest_us` and `span_mhz` are the units of
    theta.
    """

    times_us: Floats
    frequencies_mhz: Floats
    longest_us: float
    span_mhz: float

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; see `qdash_analysis.solution.Basis`."""
        population = self.population(theta).reshape(*theta.shape[:-1], x.size)
        return np.stack([population, np.ones_like(population)], axis=-1)

    def population(self, theta: Floats) -> Floats:
        """Return the excited population at each frequency and time, shape ``(..., m, n)``."""
        detuning = self.frequencies_mhz - theta[..., :1] * self.span_mhz
        rabi = np.exp(np.clip(theta[..., 1:2], -12.0, 12.0)) / self.longest_us
        effective = np.hypot(rabi, detuning)
        decay = np.clip(theta[..., 2:3], -5.0, 100.0) * (self.times_us / self.longest_us)
        wave = np.cos(_TAU * effective[..., None] * self.times_us) * np.exp(-decay)[..., None, :]
        return np.asarray(((rabi / effective) ** 2)[..., None] * (1 - wave) / 2)


@return_rejection
def fit_chevron(x: tuple[ArrayLike, ArrayLike], y: ArrayLike, *, sigma: ArrayLike | None = None) -> FitResult:
    """Fit Rabi oscillations at many drive frequencies.

    Model: the generalised Rabi oscillation ``y = B + A W^2 / W'^2 (1 - cos(2 pi W' t) exp(-t / tau)) / 2``
    with ``W' = sqrt(W^2 + (f - f0)^2)`` (Rabi, Phys. Rev. 51, 652 (1937)); A of either sign, B and tau are
    common to all frequencies. The start comes from a matched filter over resonances and Rabi frequencies.

    Parameters
    ----------
    x
        Pulse durations in ns, shape ``(n,)``, at least 8, and drive frequencies in GHz, shape ``(m,)``, at least 5;
        both ascending.
    y
        Signal, shape ``(m, n)``, any unit.
    sigma
        Known 1-sigma noise of `y`, scalar or shape ``(m, n)``. Without it the scatter about the fit gives the errors.

    Returns
    -------
    FitResult
        With `frequency` of the resonance in GHz and `rabi_frequency` on it in MHz. `predict` takes
        `(times, frequencies)` and gives shape ``(m, n)``. Errors are those of the least-squares covariance, scaled by
        the root of the reduced chi² where that is significantly above one. Rejected: flat or pure noise, a resonance
        outside the window or at its edge, oscillations too slow for the longest pulse or too fast for the sampling,
        data that the model does not describe.

    Raises
    ------
    ValueError
        If an array has the wrong shape, is too short, not finite or not ascending, or `sigma` is not positive.
    """
    times = validate_ascending("time", x[0], at_least=_FEWEST_TIMES)
    frequencies = validate_ascending("frequency", x[1], at_least=_FEWEST_FREQUENCIES)
    if times[0] < 0:
        raise ValueError(f"time must not be negative, got {times[0]}")
    trace = _validate_map(y, sigma, shape=(frequencies.size, times.size))
    require_signal(trace, effect="chevron")
    middle = (frequencies[0] + frequencies[-1]) / 2
    span_mhz = 1e3 * float(frequencies[-1] - frequencies[0])
    basis = ChevronBasis(times * 1e-3, (frequencies - middle) * 1e3, 1e-3 * float(times[-1]), span_mhz)
    starts = _find_starts(basis, trace)
    solution = solve(basis, trace, starts[scan(basis, trace, starts).argmin()])
    require_effect(trace, solution, trials=float(trace.x.size), effect="chevron")
    _require_inside(basis, solution)
    rabi, error = float(np.exp(solution.theta[1])) / basis.longest_us, solution.theta_error(1)
    resonance = middle + 1e-3 * span_mhz * solution.theta[0]
    return FitResult(
        success=True,
        message=f"chevron about {resonance:.6g}\N{NO-BREAK SPACE}GHz",
        parameters={
            "frequency": Estimate(resonance, 1e-3 * span_mhz * solution.theta_error(0), "GHz"),
            "rabi_frequency": Estimate(rabi, rabi * error, "MHz"),
        },
        r2=compute_r_squared(trace, solution),
        reduced_chi2=compute_reduced_chi2(trace, solution),
        model=_Surface(basis, solution, middle),
    )


def _validate_map(y: ArrayLike, sigma: ArrayLike | None, *, shape: tuple[int, int]) -> Trace:
    """Check a map and concatenate its rows, or raise `ValueError`."""
    for name, given in (("y", np.asarray(y)), ("sigma", np.asarray(0.0 if sigma is None else sigma))):
        if given.shape != shape and (name == "y" or given.ndim):
            raise ValueError(f"{name} must have a row for each frequency, shape {shape}, got {given.shape}")
    signal = validate_real("y", np.asarray(y).ravel())
    noise = None if sigma is None else np.asarray(sigma)
    flat = noise if noise is None or not noise.ndim else noise.ravel()
    return Trace(
        np.arange(signal.size, dtype=float), signal, validate_sigma(flat, signal.size), sigma is not None
    )


@dataclass(frozen=True, slots=True)
class _Surface:
    """Fitted model at other times and frequencies."""

    basis: ChevronBasis
    solution: Solution
    middle_ghz: float

    def __call__(self, x: tuple[Floats, Floats]) -> Floats:
        times, frequencies = x
        there = ChevronBasis(
            times * 1e-3, (frequencies - self.middle_ghz) * 1e3, self.basis.longest_us, self.basis.span_mhz
        )
        amplitude, offset = self.solution.coefficients
        return np.asarray(offset + amplitude * there.population(self.solution.theta))


def _find_starts(basis: ChevronBasis, trace: Trace) -> Floats:
    """Return the best theta of a matched filter, each with several decays, shape ``(k, 3)``.

    At each frequency the cosine transform peaks at the effective Rabi frequency, since the oscillation starts in the
    ground state. The transforms are summed along the hyperbola of these peaks.
    """
    signal = trace.y.reshape(basis.frequencies_mhz.size, basis.times_us.size)
    weight = (1 / trace.sigma**2).reshape(signal.shape)
    away = (
        signal - np.sum(signal * weight, axis=1, keepdims=True) / weight.sum(axis=1, keepdims=True)
    ) * weight
    fastest = 0.5 / float(np.median(np.diff(basis.times_us)))
    rates = np.linspace(0.0, fastest, 2 * basis.times_us.size + 1)
    transform = away @ np.cos(_TAU * np.outer(basis.times_us, rates))
    resonances = np.linspace(-0.5, 0.5, 2 * basis.frequencies_mhz.size + 1)
    detunings = basis.frequencies_mhz[None, :] - resonances[:, None] * basis.span_mhz
    rabi = np.geomspace(max(_SLOWEST / basis.longest_us, 1e-9), fastest, _TRIED_RATES)
    effective = np.hypot(rabi[:, None, None], detunings)
    place = np.rint(effective / rates[1]).astype(np.intp)
    share = np.where(place < rates.size, (rabi[:, None, None] / effective) ** 2, 0.0)
    seen = transform[np.arange(detunings.shape[1]), np.minimum(place, rates.size - 1)]
    score = np.sum(share * seen, axis=-1) ** 2 / np.maximum(np.sum(share**2, axis=-1), 1e-12)
    best = score.argmax(axis=1)
    height = score[np.arange(rabi.size), best]
    peaks = np.flatnonzero((height >= np.append(height[1:], 0)) & (height >= np.append(0, height[:-1])))
    chosen = peaks[np.argsort(height[peaks])[::-1][:_STARTS]]
    found = np.stack([resonances[best[chosen]], np.log(rabi[chosen] * basis.longest_us)], axis=1)
    return np.column_stack([np.repeat(found, _DECAYS.size, axis=0), np.tile(_DECAYS, chosen.size)])


def _require_inside(basis: ChevronBasis, solution: Solution) -> None:
    """Raise `NoEffect` unless the window shows both sides of the resonance and resolved oscillations."""
    resonance, rate = float(solution.theta[0]), float(np.exp(np.clip(solution.theta[1], -12.0, 12.0)))
    step = basis.longest_us / float(np.median(np.diff(basis.times_us)))
    if 0.5 - abs(resonance) < max(2 * solution.theta_error(0), 0.5 / basis.frequencies_mhz.size):
        raise NoEffect("no chevron inside the window: its resonance lies at the edge or outside")
    if rate < _SLOWEST:
        raise NoEffect(f"Rabi oscillation too slow: {rate:.2g} of a period in the longest pulse")
    if rate > 0.5 * step:
        raise NoEffect("Rabi oscillation faster than the sampling: fewer than two points in a period")
    if solution.theta_error(1) > _UNDETERMINED or solution.theta_error(0) * basis.span_mhz > (
        _UNDETERMINED * rate / basis.longest_us
    ):
        raise NoEffect(
            "chevron not determined: its resonance or Rabi frequency is as uncertain as it is large"
        )

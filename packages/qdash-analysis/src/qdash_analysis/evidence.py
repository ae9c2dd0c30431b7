"""Decides whether a trace holds an effect at all, before anybody believes a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.leastsq import Solution, linear_fit
from qdash_analysis.result import NoEffect

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats, Trace

FALSE_ALARM = 2e-3
"""Accepted share of pure noise traces; the promise is 5e-3, the rest is margin for the approximations."""

_LEVERAGE_LIMIT = 0.99
_ROUNDING = 1e-12


def constant(x: Floats) -> Floats:
    """Basis of a trace without any effect."""
    return np.ones((x.size, 1))


def sloped(x: Floats) -> Floats:
    """Basis of a trace with nothing but a drifting offset."""
    return np.column_stack([np.ones(x.size), (x - x.mean()) / (x[-1] - x[0])])


def false_alarm(
    null_chi2: float, solution: Solution, *, extra: int, trials: float, sigma_known: bool
) -> float:
    """Probability that noise alone improves chi² as much as `solution` does.

    Fisher's F test of two nested models. A non-linear parameter has the choice between many places; Bonferroni's
    `trials` counts the independent ones.

    Parameters
    ----------
    null_chi2
        Chi² of the model without the effect.
    solution
        The fit with it.
    extra
        Parameters that it has more.
    trials
        Independent places at which the effect was looked for.
    sigma_known
        Whether chi² is in units of the known noise: a lucky small scatter is then no evidence.
    """
    from scipy.special import fdtrc

    variance = solution.chi2 / solution.dof
    if sigma_known:
        variance = max(variance, 1.0)
    gain = max(null_chi2 - solution.chi2, 0.0) / extra
    if variance <= 0:
        return 0.0 if gain > 0 else 1.0
    return float(min(1.0, trials * fdtrc(extra, solution.dof, gain / variance)))


def require_effect(trace: Trace, null: Floats, solution: Solution, *, trials: float, effect: str) -> None:
    """Raise `NoEffect` if noise on the `null` basis explains the trace, or if a single point makes the effect."""
    null_chi2 = float(np.sum(linear_fit(null, trace)[1] ** 2))
    extra = solution.covariance.shape[0] - null.shape[1]
    if (
        false_alarm(null_chi2, solution, extra=extra, trials=trials, sigma_known=trace.sigma_known)
        > FALSE_ALARM
    ):
        raise NoEffect(f"no {effect} above the noise")
    if solution.leverage.max() > _LEVERAGE_LIMIT:
        place = trace.x[solution.leverage.argmax()]
        raise NoEffect(f"no {effect} that more than the single point at x = {place:g} shows")


def require_signal(trace: Trace, *, effect: str) -> None:
    """Raise `NoEffect` if the signal varies by no more than rounding."""
    if float(np.ptp(trace.y)) <= _ROUNDING * float(np.abs(trace.y).max()):
        raise NoEffect(f"no {effect}: the trace is flat")


def r_squared(trace: Trace, solution: Solution) -> float:
    """Share of the weighted variance of `trace` that `solution` explains."""
    total = float(np.sum(linear_fit(constant(trace.x), trace)[1] ** 2))
    return 1.0 - solution.chi2 / total if total > 0 else 0.0


def reduced_chi2(trace: Trace, solution: Solution) -> float | None:
    """Chi² per degree of freedom, if the noise is known."""
    return solution.chi2 / solution.dof if trace.sigma_known else None

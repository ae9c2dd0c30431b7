"""Diagnosis of a second decay, and of first points that do not belong to the decay; it never gives the reported time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import (
    FALSE_ALARM,
    FEW,
    compute_false_alarm,
    compute_mean_chi2,
    require_description,
)
from qdash_analysis.leastsq import solve
from qdash_analysis.linear import scan
from qdash_analysis.result import NoEffect, format_rounded

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.solution import Solution

_TIMES = 12
_TRIALS = 6.0
"""Number of independent times of a second decay."""
_UNEQUAL = 6.0
"""Factor on the chance if the noise is unknown: it may be larger at the start, as that of counted shots."""
_MOST = 0.3
"""Largest relative change of the time to first order that the error includes."""
_FARTHEST = 0.5
"""Largest relative distance to the longer of two times that the error includes."""
_HINT = 0.05
"""Chance below which a second decay widens the error."""
_DOUBTFUL = 0.9
"""The same if points were left out, which may belong to a second decay."""
_LATE = 3.0
"""Number of independent times of a second decay that points beside the first one show."""
_FAINT = 2.0
"""Gain in chi², in units of the noise, below which the chance is taken as one."""
_LONGER = np.array([0.0, 0.25, 0.5, 0.8])
"""Starts of a fit: logarithm of the longer of two times over a single one."""
_UNSEEN = 1e-4
_SHARE = 0.03
"""Least share of a second decay in the signal that refuses the trace; a smaller one only widens the error."""
_LONGEST = 12.0


@dataclass(frozen=True)
class SecondDecay:
    """Best second decay beside a fitted one, to first order.

    `chance` is the probability that noise alone improves chi² as much, which decides on a refusal; `hint` is that for
    noise as large as stated, which decides on the error. `shift` is the change of the fitted parameters, shape ``(k +
    m,)``, in design order.
    """

    trace: Trace
    single: Solution
    chance: float
    hint: float
    shift: Floats

    @cached_property
    def both(self) -> Solution:
        """Fit of two decays."""
        return _fit_two_decays(self.trace, self.single)


def find_second_decay(trace: Trace, solution: Solution) -> SecondDecay:
    """Return the best second decay beside `solution`, by the score test (Rao 1948).

    The residuals are projected onto decays of a grid of times, each orthogonal to changes by the parameters of
    `solution`.
    """
    log_times = np.linspace(np.log(0.3 * trace.step / trace.span), np.log(2.0), _TIMES)
    late = (trace.x - trace.x[0]) / trace.span
    shapes = np.exp(-late * np.exp(-log_times)[:, None]) / trace.sigma
    rest, changes = solution.separate(shapes)
    sizes = np.einsum("gn,gn->g", rest, rest)
    seen = sizes > _UNSEEN * np.einsum("gn,gn->g", shapes, shapes)
    heights = np.where(seen, rest @ solution.residuals, 0.0) / np.where(seen, sizes, 1.0)
    gains = heights**2 * sizes
    best = int(gains.argmax())
    shift = -heights[best] * changes[best]
    if gains[best] < _FAINT * solution.variance:
        return SecondDecay(trace, solution, 1.0, 1.0, shift)
    residuals = solution.residuals - heights[best] * rest[best]
    better = replace(
        solution, chi2=float(residuals @ residuals), residuals=residuals, dof=max(solution.dof - 1, 1)
    )
    chance, hint = _compute_chances(solution.chi2, better, trials=_TRIALS)
    return SecondDecay(trace, solution, chance, hint, shift)


def _compute_chances(null_chi2: float, better: Solution, *, trials: float) -> tuple[float, float]:
    """Return chance and hint of a `SecondDecay`; with few degrees of freedom the hint takes the noise as stated."""
    from scipy.special import chdtrc

    correlated = better.inflation
    known = better.sigma_known
    chance = compute_false_alarm(
        null_chi2, better, extra=1, trials=trials, sigma_known=known, correlated=correlated
    )
    if not known or better.dof > FEW:
        return chance, chance
    return chance, min(chance, trials * float(chdtrc(1, max(null_chi2 - better.chi2, 0.0) / correlated)))


@dataclass(frozen=True, slots=True)
class _TwoDecays:
    """Basis (exp(-x / T), exp(-x / t), 1) for theta = (log T / span, log t / span)."""

    start: float
    span: float

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; see `qdash_analysis.solution.Basis`."""
        rates = np.exp(-np.clip(theta, -_LONGEST, _LONGEST))
        decays = np.exp(-(x[:, None] - self.start) / self.span * rates[..., None, :])
        return np.concatenate([decays, np.ones((*decays.shape[:-1], 1))], axis=-1)


def belongs_to_second_decay(trace: Trace, others: Solution) -> bool:
    """Return whether two decays explain a trace better than one decay, fitted to the `others`, with a bad first point."""
    return _compare_with_bad_point(_fit_two_decays(trace, others), others) <= FALSE_ALARM


def _compare_with_bad_point(both: Solution, others: Solution) -> float:
    """Return the chance that noise makes two decays better than one with a bad first point, fitted to the `others`.

    A second decay that is over before the second point is no better.
    """
    return _compute_chances(others.chi2, both, trials=_LATE)[1]


def _compute_excess(both: Solution, span: float, time: float) -> float:
    """Return the longer of two times over a single `time`, minus one."""
    return float(np.exp(both.theta.max())) * span / time - 1


def _restore_first(measured: Trace, trace: Trace) -> Trace:
    """Return `trace` with the first point of the `measured` trace, which gets the noise of the next point."""
    x, y = (np.append(first[0], rest) for first, rest in ((measured.x, trace.x), (measured.y, trace.y)))
    return replace(trace, x=x, y=y, sigma=np.append(trace.sigma[0], trace.sigma))


def widen_error(time: tuple[float, float], measured: Trace, second: SecondDecay) -> tuple[float, float]:
    """Return a time with an error that includes its change by a second decay, unless noise explains that decay.

    The change is to first order or, for an exponential with a small chance, that to the longer of two times if larger.
    Its share falls to zero at the largest chance that counts, which is higher if points of the `measured` trace were
    left out; if that was the first, the change to two decays with it counts too.
    """
    value, error = time
    trace, single = second.trace, second.single
    limit = _DOUBTFUL if trace.x.size < measured.x.size else _HINT
    changes = [0.0]
    if second.hint <= limit:
        change = min(abs(float(second.shift[single.coefficients.size])), _MOST)
        if second.hint <= _HINT and single.theta.size == 1:
            change = max(change, min(_compute_excess(second.both, trace.span, value), _FARTHEST))
        changes.append(change * (1 - second.hint / limit))
    if measured.x[0] < trace.x[0]:
        whole = _restore_first(measured, trace)
        both = _fit_two_decays(whole, single)
        excess = min(abs(_compute_excess(both, whole.span, value)), _FARTHEST)
        changes.append(excess * max(1 - _compare_with_bad_point(both, single) / limit, 0.0))
    return value, float(np.hypot(error, value * max(changes)))


def _fit_two_decays(trace: Trace, single: Solution) -> Solution:
    """Fit two decays; the longer time starts at that of a `single` decay or above, the other at a tenth of a step or above."""
    basis = _TwoDecays(float(trace.x[0]), trace.span)
    fast = np.linspace(np.log(0.1 * trace.step / trace.span), np.log(2.0), 2 * _TIMES)
    grid = np.stack(np.meshgrid(single.theta[0] + _LONGER, fast), axis=-1).reshape(-1, 2)
    return solve(basis, trace, grid[scan(basis, trace, grid).argmin()])


def require_single_decay(second: SecondDecay) -> None:
    """Raise `NoEffect` if two decays explain the trace significantly better and describe it, and neither is small."""
    trace, known = second.trace, second.trace.sigma_known
    if second.chance > (FALSE_ALARM if known else FALSE_ALARM / _UNEQUAL):
        return
    both = second.both
    try:
        require_description(compute_mean_chi2(trace), both, sigma_known=known)
    except NoEffect:
        return
    (slow, slow_height), (fast, fast_height) = sorted(
        zip(np.exp(both.theta) * trace.span, both.coefficients[:2], strict=True), reverse=True
    )
    share = abs(fast_height) / (abs(slow_height) + abs(fast_height))
    if min(share, 1 - share) < _SHARE:
        return
    if slow_height * fast_height < 0:
        raise NoEffect(
            f"the first points do not belong to the decay: the signal rises to it within about {format_rounded(3 * fast, 2)}\N{NO-BREAK SPACE}µs. "
            "Leakage to |2>, heating, an incomplete reset or a readout that is not settled can cause this",
            traits={"decay": "rising start"},
        )
    raise NoEffect(
        f"the decay has two times, about {format_rounded(fast, 2)} and {format_rounded(slow, 2)}\N{NO-BREAK SPACE}µs "
        f"({format_rounded(100 * share, 2)} and {format_rounded(100 * (1 - share), 2)}\N{NO-BREAK SPACE}% of the signal): neither is that of a single decay",
        traits={"decay": "two times"},
    )

"""Second decays, and first points that do not belong to the decay: a second model that only diagnoses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import (
    FALSE_ALARM,
    compute_false_alarm,
    compute_mean_chi2,
    require_description,
)
from qdash_analysis.leastsq import solve
from qdash_analysis.residuals import compute_inflation
from qdash_analysis.result import NoEffect, format_rounded

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.solution import Solution

_TIMES = 12
_TRIALS = 6.0
"""Number of independent times of a second decay."""
TWO_TIMES, FIRST_POINTS = "the decay has two times", "the first points do not belong to the decay"
"""Begin of the reason for a refusal."""
_UNEQUAL = 6.0
"""Factor on the chance if the noise is unknown: it may be larger at the start, as that of counted shots."""
_MOST = 0.3
"""Largest relative change to first order."""
_FARTHEST = 0.5
"""Largest relative change to the longer of two times."""
_HINT = 0.05
"""Chance below which a second decay widens the error."""
_DOUBTFUL = 0.9
"""The same if points were left out, which may belong to it."""
_FAINT = 2.0
"""Gain in chi², in units of the noise, below which the chance is certain."""
_UNSEEN = 1e-4
_SHARE = 0.03
"""Least share of a second decay in the signal that refuses the trace; a smaller one only widens the error."""
_LONGEST = 12.0


@dataclass(frozen=True, slots=True)
class SecondDecay:
    """Best second decay beside a fitted one, to first order.

    Attributes
    ----------
    chance
        Probability that noise alone improves chi² as much.
    log_time
        Logarithm of its time over the window.
    shift
        Change of the fitted parameters by it, shape ``(k + m,)``, in the order of the design.
    """

    chance: float
    log_time: float
    shift: Floats


def find_second_decay(trace: Trace, solution: Solution) -> SecondDecay:
    """Return the best second decay beside `solution`, by the score test (Rao 1948).

    The residuals are projected onto decays of a grid of times, each orthogonal to the changes that the parameters of
    `solution` can make.
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
    log_time, shift = float(log_times[best]), -heights[best] * changes[best]
    if gains[best] < _FAINT * solution.variance:
        return SecondDecay(1.0, log_time, shift)
    residuals = solution.residuals - heights[best] * rest[best]
    better = replace(
        solution, chi2=float(residuals @ residuals), residuals=residuals, dof=max(solution.dof - 1, 1)
    )
    chance = compute_false_alarm(
        solution.chi2,
        better,
        extra=1,
        trials=_TRIALS,
        sigma_known=trace.sigma_known,
        correlated=compute_inflation(residuals),
    )
    return SecondDecay(chance, log_time, shift)


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


def widen_error(
    time: tuple[float, float], trace: Trace, solution: Solution, second: SecondDecay, *, doubtful: bool
) -> tuple[float, float]:
    """Return a time with an error that includes its change by a second decay, unless noise explains that.

    The change of an exponential is that to the longer of two times; otherwise, and for a `doubtful` trace, whose
    outliers were left out, it is that to first order. It fades out towards the largest chance that counts.
    """
    value, error = time
    limit = _DOUBTFUL if doubtful else _HINT
    if second.chance > limit:
        return time
    change = min(abs(float(second.shift[solution.coefficients.size])), _MOST)
    if second.chance <= _HINT and solution.theta.size == 1:
        slow = float(np.exp(_fit_two_decays(trace, solution, second).theta.max())) * trace.span
        change = max(change, min(slow / value - 1, _FARTHEST))
    return value, float(np.hypot(error, value * change * (1 - second.chance / limit)))


def _fit_two_decays(trace: Trace, solution: Solution, second: SecondDecay) -> Solution:
    start = np.array([solution.theta[0], second.log_time])
    return solve(_TwoDecays(float(trace.x[0]), trace.span), trace, start)


def require_single_decay(trace: Trace, solution: Solution, second: SecondDecay) -> None:
    """Raise `NoEffect` if a second decay explains the trace significantly better, describes it, and is not small."""
    known = trace.sigma_known
    if second.chance > (FALSE_ALARM if known else FALSE_ALARM / _UNEQUAL):
        return
    both = _fit_two_decays(trace, solution, second)
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
            f"{FIRST_POINTS}: the signal rises to it within about {format_rounded(3 * fast, 2)}\N{NO-BREAK SPACE}µs. "
            "Leakage to |2>, heating, an incomplete reset or a readout that is not settled can cause this"
        )
    raise NoEffect(
        f"{TWO_TIMES}, about {format_rounded(fast, 2)} and {format_rounded(slow, 2)}\N{NO-BREAK SPACE}µs "
        f"({format_rounded(100 * share, 2)} and {format_rounded(100 * (1 - share), 2)}\N{NO-BREAK SPACE}% of the signal): neither is reported as the time of a single decay"
    )

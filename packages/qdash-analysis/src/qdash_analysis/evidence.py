"""Tests whether a trace shows an effect and matches the model, before any value is reported."""

from __future__ import annotations

from math import inf, isinf
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_analysis.linear import fit_linear
from qdash_analysis.residuals import are_structured, compute_correlation
from qdash_analysis.result import NoEffect, NoSignal, format_signed
from qdash_analysis.solution import Solution

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats, Trace

FALSE_ALARM = 2e-3
"""Accepted false alarm rate on pure noise; the specified one is 5e-3, the rest is margin for the
approximations.
"""

UNDERESTIMATED = 1.5
"""Factor by which the noise may exceed the stated one in a test that relies on it."""
FEW = 10
"""Degrees of freedom up to which the stated noise says more than the scatter about the fit."""
_CREDIBLE = 0.01

_NO_NOISE = 4.5
"""Largest residual of noise, in its standard deviations."""

LEVERAGE_LIMIT = 0.99
"""Leverage beyond which a fit follows a point wherever it lies."""
_ROUNDING = 1e-12

# Shares of the explained variance from which a significant misfit is rejected and no longer only widens the
# errors. Good measured traces leave up to 5.0 % to structure (qibocal-resonator-01, at 30 sigma; the Rabi
# traces 2.5 %, at 7 sigma), and up to 19 % to scatter beyond the stated noise (qibocal-ramsey-13, whose sigma
# is four times too small and whose residuals are white, at 1.5 sigma).
_STRUCTURE = 0.06
_SCATTER = 0.2
_SURPRISE = 1e-6
_HINT = 2.0


def build_constant_basis(x: Floats) -> Floats:
    """Return the basis of a trace without any effect."""
    return np.ones((x.size, 1))


def build_sloped_basis(x: Floats) -> Floats:
    """Return the basis of a trace with only a drifting offset."""
    return np.column_stack([np.ones(x.size), (x - x.mean()) / (x[-1] - x[0])])


class ChiSquare(NamedTuple):
    """Chi² of a model that is not fitted, and its degrees of freedom."""

    chi2: float
    dof: int


class NoiseVariance(NamedTuple):
    """Variance of the noise in units of sigma², and the degrees of freedom that determine it."""

    value: float
    freedom: float


def compute_false_alarm(
    null_chi2: float,
    solution: Solution | ChiSquare,
    *,
    extra: int,
    trials: float,
    sigma_known: bool,
    correlated: float = 1.0,
    repeats: NoiseVariance | None = None,
    certain: bool = False,
) -> float:
    """Return the probability that noise alone improves chi² as much as `solution` does.

    Fisher's F test of two nested models, against the variance of `choose_variance`; with a stated variance the
    chi-square test. The chance is multiplied by the number of independent values that non-linear parameters can choose
    from (Bonferroni).

    Parameters
    ----------
    extra
        Number of additional parameters of `solution`.
    trials
        Number of independent places at which the effect was searched.
    sigma_known
        Whether chi² is in units of the known noise: the variance is then at least one.
    correlated
        Factor on the variance, `qdash_analysis.residuals.compute_inflation` of the residuals. One for the residuals of a
        preliminary model: a line that it lacks is not noise.
    repeats
        Variance from repeated points (the pure error), or None if there are none.
    certain
        Whether the variance counts as known, however few points determine it.
    """
    from scipy.special import chdtrc, fdtrc

    variance, freedom = choose_variance(solution, sigma_known=sigma_known, repeats=repeats)
    gain = max(null_chi2 - solution.chi2, 0.0)
    if variance <= 0:
        return 0.0 if gain > 0 else 1.0
    relative = gain / (variance * correlated)
    chance = chdtrc(extra, relative) if certain or isinf(freedom) else fdtrc(extra, freedom, relative / extra)
    return float(min(1.0, trials * chance))


def may_pass(simple: Solution, gain: float, *, extra: int, trials: float, accepted: float) -> bool:
    """Return whether a richer model may improve chi² so much that noise does it only with the probability `accepted`.

    `gain` is the most by which its `extra` parameters may improve chi², estimated from their linear terms (the score
    test: Rao, Proc. Camb. Phil. Soc. 44, 50 (1948)). Beside a point that is no noise, linear terms say nothing.
    """
    if np.abs(simple.residuals).max() > _NO_NOISE * simple.variance**0.5:
        return True
    best = ChiSquare(max(simple.chi2 - gain, 0.0), max(simple.dof - extra, 1))
    known = simple.sigma_known
    return compute_false_alarm(simple.chi2, best, extra=extra, trials=trials, sigma_known=known) <= accepted


def choose_variance(
    solution: Solution | ChiSquare, *, sigma_known: bool, repeats: NoiseVariance | None = None
) -> NoiseVariance:
    """Return the variance of the noise from its best determined source.

    Repeated points determine it without a model (Draper and Smith, Applied Regression Analysis, 3rd ed., chapter 2
    (1998)). The scatter about the fit has no power with few degrees of freedom: there 1.5 times the stated noise
    counts, unless the scatter contradicts it. This guards against false alarms; a test whose failure accepts a wrong
    value must not rely on it.
    """
    from scipy.special import chdtrc

    reduced, least = solution.chi2 / solution.dof, 1.0 if sigma_known else 0.0
    if repeats is not None and repeats.freedom > solution.dof:
        return NoiseVariance(max(repeats.value, least), repeats.freedom)
    stated = UNDERESTIMATED**2
    if sigma_known and solution.dof <= FEW and chdtrc(solution.dof, solution.chi2 / stated) > _CREDIBLE:
        return NoiseVariance(max(reduced, stated), inf)
    return NoiseVariance(max(reduced, least), solution.dof)


def compute_evidence_unit(solution: Solution, *, sigma_known: bool) -> float:
    """Return the gain in chi² by one more parameter under noise: its variance, more if it is correlated."""
    variance = solution.chi2 / solution.dof
    return (max(variance, 1.0) if sigma_known else variance) * solution.inflation


def explains(
    trace: Trace,
    null: Solution | Floats,
    solution: Solution,
    *,
    trials: float,
    repeats: NoiseVariance | None = None,
    certain: bool = False,
) -> bool:
    """Return whether `solution` explains the trace significantly better than `null`, a fit or a linear basis.

    Parameters as in `compute_false_alarm`.
    """
    if isinstance(null, Solution):
        null_chi2, parameters = null.chi2, null.parameters
    else:
        null_chi2, parameters = compute_basis_chi2(null, trace), null.shape[1]
    doubt = compute_false_alarm(
        null_chi2,
        solution,
        extra=solution.parameters - parameters,
        trials=trials,
        sigma_known=trace.sigma_known,
        correlated=solution.inflation,
        repeats=repeats,
        certain=certain,
    )
    return doubt <= FALSE_ALARM


def describe_few_points(
    trace: Trace, null: Solution | Floats, solution: Solution, *, trials: float, effect: str
) -> str | None:
    """Return the text of a refusal that few points and noise of unknown size alone cause, else None."""
    if trace.sigma_known or not explains(trace, null, solution, trials=trials, certain=True):
        return None
    return f"{trace.x.size} points do not tell {effect} from noise of unknown size: measure more points, or state sigma"


def require_effect(trace: Trace, solution: Solution, *, trials: float, effect: str) -> None:
    """Raise `NoSignal` if noise explains the trace, `NoEffect` if a single point does or the model does not fit."""
    null_chi2 = compute_mean_chi2(trace)
    known, extra = trace.sigma_known, solution.parameters - 1
    if compute_false_alarm(null_chi2, solution, extra=extra, trials=trials, sigma_known=known) > FALSE_ALARM:
        few = describe_few_points(
            trace, build_constant_basis(trace.x), solution, trials=trials, effect=_add_article(effect)
        )
        raise NoEffect(few) if few else NoSignal(f"no {effect} above the noise")
    place = _find_only_point(trace, solution, trials=trials)
    if place is not None:
        raise NoEffect(
            f"only the single point at x = {trace.x[place]:g} shows {_add_article(effect)}: measure more points around it"
        )
    require_description(null_chi2, solution, sigma_known=known)
    correlated = solution.inflation
    if correlated > 1 and not explains(trace, build_constant_basis(trace.x), solution, trials=trials):
        raise NoSignal(f"no {effect} above the correlated noise")


def _add_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _find_only_point(trace: Trace, solution: Solution, *, trials: float) -> int | None:
    """Return the index of the point without which noise explains the trace, or None.

    Such a point has a leverage near one: the fit follows it, so the others have the same chi² and one parameter fewer.
    So does a point that calibrates the contrast, but there the others show the effect.
    """
    for place in np.flatnonzero(solution.leverage > LEVERAGE_LIMIT).tolist():
        others = trace.select(np.arange(trace.x.size) != place)
        doubt = compute_false_alarm(
            compute_mean_chi2(others),
            solution,
            extra=max(solution.parameters - 2, 1),
            trials=trials,
            sigma_known=trace.sigma_known,
        )
        if doubt > FALSE_ALARM:
            return int(place)
    return None


def require_description(null_chi2: float, solution: Solution, *, sigma_known: bool) -> None:
    """Raise `NoEffect` if much of the trace is neither model nor noise.

    Signs of it are correlated neighbouring residuals, and a chi² beyond the known noise, if significant and not small
    compared with the explained part, `null_chi2` minus chi². White scatter may only mean that sigma is too small, so
    more of it is allowed, but none that is larger than the explained part.
    """
    from scipy.special import chdtrc

    explained = null_chi2 - solution.chi2
    alike = compute_correlation(solution.residuals)
    if alike * solution.chi2 > _STRUCTURE * explained and are_structured(solution.residuals):
        raise NoEffect(
            f"the model does not describe the data: neighbouring residuals are alike (correlation {alike:.2f})"
        )
    excess = solution.chi2 - solution.dof
    if not sigma_known or excess <= _STRUCTURE * explained:
        return
    if chdtrc(solution.dof, solution.chi2) > (_CREDIBLE if excess > explained else _SURPRISE):
        return
    if excess > _SCATTER * explained or are_structured(solution.residuals, errors=_HINT):
        raise NoEffect(
            f"the model does not describe the data: reduced chi² is {solution.chi2 / solution.dof:.3g}"
        )


def require_signal(trace: Trace, *, effect: str) -> None:
    """Raise `NoSignal` if the signal varies by no more than rounding."""
    if float(np.ptp(trace.y)) <= _ROUNDING * float(np.abs(trace.y).max()):
        raise NoSignal(f"no {effect}: the trace is flat")


def require_inside(x: Floats, place: float, error: float, *, effect: str, unit: str) -> None:
    """Raise `NoEffect` unless an optimum lies inside the sweep `x`, three errors and half a step from both ends."""
    margin = max(3 * error, float(np.median(np.diff(x))) / 2)
    if x[0] + margin <= place <= x[-1] - margin:
        return
    where = "at the edge of" if x[0] <= place <= x[-1] else "outside"
    raise NoEffect(
        f"the {effect} lies {where} the window, near {format_signed(place, '.3g')}\N{NO-BREAK SPACE}{unit}: "
        "centre the window there, or widen it"
    )


def compute_r_squared(trace: Trace, solution: Solution) -> float:
    """Return the share of the weighted variance of `trace` that `solution` explains."""
    total = compute_mean_chi2(trace)
    return 1.0 - solution.chi2 / total if total > 0 else 0.0


def compute_reduced_chi2(trace: Trace, solution: Solution) -> float | None:
    """Return chi² per degree of freedom, or None if the noise is unknown."""
    return solution.chi2 / solution.dof if trace.sigma_known else None


def compute_mean_chi2(trace: Trace) -> float:
    """Return chi² of a trace about its weighted mean."""
    weight = trace.sigma**-2.0
    deviation = trace.y - (weight @ trace.y) / weight.sum()
    return float(weight @ deviation**2)


def compute_basis_chi2(basis: Floats, trace: Trace) -> float:
    """Return chi² of the best coefficients of a linear `basis`, shape ``(n, k)``."""
    residuals = fit_linear(basis, trace)[1]
    return float(residuals @ residuals)

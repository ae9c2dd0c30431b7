"""Decay of random gate sequences, whose scatter grows with length, and the error of the decay."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import (
    FALSE_ALARM,
    NoiseVariance,
    build_sloped_basis,
    compute_basis_chi2,
    compute_false_alarm,
    compute_mean_chi2,
    require_description,
    require_signal,
)
from qdash_analysis.inputs import Floats, Trace
from qdash_analysis.leastsq import solve
from qdash_analysis.linear import scan
from qdash_analysis.result import NoEffect, NoSignal
from qdash_analysis.scatter import Scatter, find_stray_sequences
from qdash_analysis.solution import Solution, compute_noise_scale

if TYPE_CHECKING:
    from qdash_analysis.result import Model

_TRIALS = 2.0
_UNDETERMINED = 0.35
_SMALLEST = 1e-12
_OVER = 5.0
_SEEN = 5.0


@dataclass(frozen=True, slots=True)
class _Power:
    """Basis (alpha^x) or (alpha^x, 1), theta the logarithm of -log(alpha)."""

    offset: bool

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; see `qdash_analysis.solution.Basis`."""
        decay = np.exp(-np.exp(np.clip(theta[..., :1], -50.0, 3.0)) * x)
        return np.stack([decay, np.ones_like(decay)] if self.offset else [decay], axis=-1)


@dataclass(frozen=True, slots=True)
class SequenceDecay:
    """Decay of random gate sequences.

    asymptote
        Known asymptote, which the means of each length lack, otherwise 0.
    coherent_share
        Share of the loss that is coherent, 0 if none is significant.
    stray
        Length of each sequence that contradicts the others (`find_stray_sequences`), and widens the error.
    """

    means: Trace
    solution: Solution
    asymptote: float
    theta_error: float
    sigma_known: bool
    coherent_share: float
    stray: tuple[float, ...]

    @property
    def alpha(self) -> tuple[float, float]:
        """Alpha and its error."""
        rate = float(np.exp(self.solution.theta[0]))
        # To second order, as for any rate that is fitted as its logarithm.
        spread = rate * self.theta_error * (1 + self.theta_error**2 / 2)
        return float(np.exp(-rate)), float(np.exp(-rate)) * spread

    @property
    def stray_note(self) -> str:
        """Note on the sequences that contradict the others, for a message."""
        if not self.stray:
            return ""
        lengths = ", ".join(f"{length:g}" for length in self.stray)
        which = "a sequence that contradicts" if len(self.stray) == 1 else "sequences that contradict"
        return f"; error widened by {which} the others ({lengths} Cliffords)"

    @property
    def coherent_loss(self) -> float:
        """Loss of one Clifford by coherent errors, as a part of 1 - alpha."""
        return self.coherent_share * (1 - self.alpha[0])

    @property
    def reduced_chi2(self) -> float | None:
        """Reduced chi² of the means about the curve, or None if the noise is unknown."""
        return self.solution.chi2 / self.solution.dof if self.sigma_known else None

    @property
    def model(self) -> Model:
        """Fitted curve."""
        return lambda x: self.solution.predict(x) + self.asymptote


def fit_sequence_decay(points: Trace, *, asymptote: float | None) -> SequenceDecay:
    """Fit ``A alpha^x + B`` to one point per sequence, with several sequences of each length.

    A first fit gives the growth of the scatter with the length, which weights the means of the second one. A sequence
    that contradicts the others is kept: it widens the error of the mean of its length by its distance.

    `points` have at least four ascending lengths; `asymptote` is B if known, or None to fit it.

    Raises `NoEffect` without a decay, or with one that the model does not describe or a slope does as well.
    """
    require_signal(points, effect="decay")
    known = 0.0 if asymptote is None else asymptote
    points = Trace(points.x, points.y - known, points.sigma, points.sigma_known)
    basis = _Power(offset=asymptote is None)
    distances = find_stray_sequences(points, basis, _list_starts(points))
    usual = points.select(distances == 0) if distances.any() else points
    first = _fit_means(basis, _average_lengths(usual, usual.sigma**2), None)
    # Scatter by coherent errors: as wide as the loss, of which incoherent errors leave the survival.
    kept = np.clip(basis(usual.x, first.theta)[:, 0], _SMALLEST, 1.0)
    scatter = Scatter.from_fit(first, usual, growing=np.stack([(1 - kept) ** 2, (kept * np.log(kept)) ** 2]))
    if usual is not points:
        scatter = scatter.include(distances, points)
    variance = scatter.variance
    means = _average_lengths(points, variance)
    fitted = _fit_means(basis, means, first)
    repeats = _compute_pure_error(points, means, variance)
    _require_decay(means, fitted, free=asymptote is None, sigma_known=points.sigma_known, repeats=repeats)
    covariance = scatter.covariance(fitted, points)
    widened = compute_noise_scale(fitted.chi2, fitted.dof, sigma_known=True)
    error = float(np.sqrt(widened * covariance[-1, -1]))
    if not error < _UNDETERMINED:
        raise NoEffect(
            f"decay not seen within {means.x[-1]:g} Cliffords: an error of {np.exp(fitted.theta[0]):.2g} ± "
            f"{100 * error:.0f}\N{NO-BREAK SPACE}% each"
        )
    share = _estimate_coherent_share(points, fitted, basis, variance) if points.sigma_known else 0.0
    return SequenceDecay(
        means, fitted, known, error, points.sigma_known, share, tuple(points.x[distances != 0])
    )


def _estimate_coherent_share(points: Trace, fitted: Solution, basis: _Power, variance: Floats) -> float:
    """Estimate the coherent share of the loss; 0 unless the scatter shows it beyond two sigma.

    Coherent errors take the qubit on a random walk over the sphere: their loss has an exponential distribution, as wide
    as its mean. The result is to first order in the share; a large one is overestimated.
    """
    survival = basis(points.x, fitted.theta)[:, 0]
    lost = -survival * np.log(np.maximum(survival, _SMALLEST)) * fitted.coefficients[0]
    excess = (points.y - fitted.predict(points.x)) ** 2 - points.sigma**2
    weight = variance**-2.0
    total = float(weight @ lost**4)
    square = float(weight @ (lost**2 * excess)) / total
    return math.sqrt(min(square, 1.0)) if square > 2 * math.sqrt(2 / total) else 0.0


def _average_lengths(points: Trace, variance: Floats) -> Trace:
    """Return the weighted mean of each length, with the error implied by `variance` of the points."""
    lengths, start = np.unique(points.x, return_index=True)
    weight = np.add.reduceat(1 / variance, start)
    mean = np.add.reduceat(points.y / variance, start) / weight
    return Trace(lengths, mean, np.sqrt(1 / weight), sigma_known=True)


def _fit_means(basis: _Power, means: Trace, last: Solution | None) -> Solution:
    if last is not None:
        return solve(basis, means, last.theta)
    grid = _list_starts(means)
    return solve(basis, means, grid[scan(basis, means, grid).argmin()])


def _list_starts(points: Trace) -> Floats:
    """Return start values of theta, from decays far beyond the longest sequences to those over in the shortest."""
    shortest = points.x[points.x > 0][0]
    return np.linspace(np.log(0.05 / points.x[-1]), np.log(3 / shortest), 32)[:, None]


def _compute_pure_error(points: Trace, means: Trace, variance: Floats) -> NoiseVariance | None:
    """Return the scatter of the sequences about the means of their lengths, relative to `variance`."""
    freedom = points.x.size - means.x.size
    if not freedom:
        return None
    deviation = points.y - means.y[np.searchsorted(means.x, points.x)]
    return NoiseVariance(float(np.sum(deviation**2 / variance)) / freedom, freedom)


def _is_above_asymptote(means: Trace) -> bool:
    """Return whether the mean of all points is beyond its noise: sequences that hardly lose anything do not decay either."""
    weights = means.sigma**-2.0
    return bool(abs(weights @ means.y) > _SEEN * np.sqrt(weights.sum()))


def _require_decay(
    means: Trace, solution: Solution, *, free: bool, sigma_known: bool, repeats: NoiseVariance | None
) -> None:
    """Raise `NoSignal` if noise explains the means, `NoEffect` unless they decay and, with a free asymptote, are curved."""
    null_chi2 = compute_mean_chi2(means)
    extra = solution.parameters - 1

    def is_chance(chi2: float, extra: int, correlated: float = 1.0) -> bool:
        doubt = compute_false_alarm(
            chi2,
            solution,
            extra=extra,
            trials=_TRIALS,
            sigma_known=sigma_known,
            correlated=correlated,
            repeats=repeats,
        )
        return doubt > FALSE_ALARM

    if is_chance(null_chi2, extra):
        survives = not free and _is_above_asymptote(means)
        raise (NoEffect if survives else NoSignal)("no decay above the noise")
    if np.exp(solution.theta[0]) * means.x[1] > _OVER:
        raise NoEffect(f"the decay is over within {means.x[1]:g} Cliffords: measure shorter sequences")
    require_description(null_chi2, solution, sigma_known=True)
    if free and is_chance(compute_basis_chi2(build_sloped_basis(means.x), means), 1, solution.inflation):
        raise NoEffect(
            f"decay not seen within {means.x[-1]:g} Cliffords: a straight line describes the trace as well"
        )

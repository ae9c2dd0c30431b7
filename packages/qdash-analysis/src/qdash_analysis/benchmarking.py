"""Randomized benchmarking: how fast random sequences of gates lose what they should give back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import (
    FALSE_ALARM,
    chi2_of_mean,
    explains,
    false_alarm,
    r_squared,
    require_description,
    require_signal,
    sloped,
)
from qdash_analysis.inputs import Floats, Trace, checked_sigma, real_array, same_length
from qdash_analysis.leastsq import solve
from qdash_analysis.linear import scan
from qdash_analysis.result import Estimate, FitResult, NoEffect, refusing
from qdash_analysis.scatter import Scatter, variances
from qdash_analysis.solution import Solution, noise_scale

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from qdash_analysis.result import Model

FEWEST_LENGTHS = 4
"""Different lengths from which a decay can be told."""

_AT_LEAST = 6
_TRIALS = 2.0
_UNDETERMINED = 0.35
_SMALLEST = 1e-12
_OVER = 5.0


@refusing
def fit_rb(
    x: ArrayLike,
    y: ArrayLike,
    *,
    n_qubits: int = 1,
    sigma: ArrayLike | None = None,
    asymptote: float | None = None,
) -> FitResult:
    """Fit the decay of randomized benchmarking.

    Model: ``y = A alpha^x + B``, A of either sign (Magesan, Gambetta and Emerson, PRL 106, 180504 (2011)).

    Parameters
    ----------
    x
        Number of Cliffords of each sequence, shape ``(n,)``, ascending, at least 6 points of at least 4 lengths. Give one
        point a sequence: sequences of one length differ by more than the noise when errors are coherent, and this
        scatter, which grows with the length, is seen only among them.
    y
        Survival or any signal that is linear in it, shape ``(n,)``.
    n_qubits
        Qubits on which the Cliffords act; d is 2 to this power.
    sigma
        Known 1-sigma noise of each `y`, scalar or shape ``(n,)``. Without it the scatter gives the errors.
    asymptote
        B, where it is known: half of the sequences ending in each state make it the middle of both. None: fitted, which
        needs sequences long enough to show it.

    Returns
    -------
    FitResult
        With `alpha`, `error_per_clifford` = (1 - alpha)(d - 1)/d and `average_gate_fidelity` = 1 - that. Errors are those
        of weighted least squares whose variance is taken from the points themselves (the sandwich of White, Econometrica
        48, 817 (1980)), so they hold for scatter of any size that grows with the length, and never fall below what
        `sigma` says; scaled by the root of the reduced chi² of the means where that is significantly above one. Refused:
        flat or pure noise, a decay that is not seen within the lengths or is over before the second one, a trace that the
        model does not describe.

    Raises
    ------
    ValueError
        If an array is not 1-D, finite, of equal length and long enough, `x` is negative or descends, or `sigma` or
        `n_qubits` is not positive.
    """
    half = _share_lost(n_qubits)
    decay = _decay_of("x", x, y, sigma, asymptote)
    alpha, error = decay.alpha
    lost = half * (1 - alpha)
    return FitResult(
        success=True,
        message="exponential decay",
        parameters={
            "alpha": Estimate(alpha, error, ""),
            "error_per_clifford": Estimate(lost, half * error, ""),
            "average_gate_fidelity": Estimate(1 - lost, half * error, ""),
        },
        r2=r_squared(decay.means, decay.solution),
        reduced_chi2=decay.reduced_chi2,
        model=decay.model,
    )


@refusing
def fit_interleaved_rb(
    x: ArrayLike,
    y: ArrayLike,
    *,
    x_interleaved: ArrayLike,
    y_interleaved: ArrayLike,
    n_qubits: int = 1,
    sigma: ArrayLike | None = None,
    sigma_interleaved: ArrayLike | None = None,
    asymptote: float | None = None,
) -> FitResult:
    """Fit interleaved randomized benchmarking: the fidelity of one gate.

    Both traces are fitted as by `fit_rb`, each with its own A: with errors of some percent the interleaved gate changes A
    by as much as the statistical error. Then ``gate_fidelity = 1 - (1 - p_interleaved / p_reference)(d - 1)/d`` (Magesan
    et al., PRL 109, 080505 (2012), eq. 4). It may exceed one within its error.

    Parameters
    ----------
    x, y, sigma
        The reference, as in `fit_rb`.
    x_interleaved, y_interleaved, sigma_interleaved
        Sequences with the gate after each Clifford, as many points or not; lengths count the Cliffords only.
    n_qubits, asymptote
        As in `fit_rb`, common to both traces.

    Returns
    -------
    FitResult
        With `alpha` of the reference, `alpha_interleaved`, `gate_fidelity`, `coherent_shift` and `systematic_bound`.
        Coherent errors of the gate and of the Cliffords add up or cancel, which shifts the fidelity and which the decays
        do not show. But they make sequences of one length differ: from the loss that scatters beyond `sigma` follows
        `coherent_shift`, the size of that interference for an unknown phase (0 without known `sigma`). `systematic_bound`
        is how far any error at all may shift it (eq. 5 of that paper). Neither is in the error, which is statistical. `r2`
        and `reduced_chi2` are those of the worse trace, the model is that of the reference. Errors and refusals as in
        `fit_rb`.

    Raises
    ------
    ValueError
        As in `fit_rb`, for either trace.
    """
    half = _share_lost(n_qubits)
    reference = _decay_of("x", x, y, sigma, asymptote)
    interleaved = _decay_of("x_interleaved", x_interleaved, y_interleaved, sigma_interleaved, asymptote)
    (p, p_error), (q, q_error) = reference.alpha, interleaved.alpha
    ratio = q / p
    # Losses r and s interfere by 2 sqrt(r s) cos(phase), which is sqrt(2 r s) for an unknown phase. That of the gate is
    # half of what its sequences lose, or where the two cancel about that of a Clifford.
    of_gate = max(interleaved.coherent_loss / 2, reference.coherent_loss)
    shift = half * math.sqrt(2 * reference.coherent_loss * of_gate)
    error = half * ratio * float(np.hypot(p_error / p, q_error / q))
    bound = _systematic_bound(p, q, 2**n_qubits)
    chi2 = [d.reduced_chi2 for d in (reference, interleaved) if d.reduced_chi2 is not None]
    return FitResult(
        success=True,
        message=f"coherent errors may shift the gate fidelity by up to {bound:.2g} (Magesan's bound)",
        parameters={
            "alpha": Estimate(p, p_error, ""),
            "alpha_interleaved": Estimate(q, q_error, ""),
            "gate_fidelity": Estimate(1 - half * (1 - ratio), error, ""),
            "coherent_shift": Estimate(shift, None, ""),
            "systematic_bound": Estimate(bound, None, ""),
        },
        r2=min(r_squared(decay.means, decay.solution) for decay in (reference, interleaved)),
        reduced_chi2=max(chi2, default=None),
        model=reference.model,
    )


def _share_lost(n_qubits: int) -> float:
    """(d - 1) / d."""
    if isinstance(n_qubits, bool) or not isinstance(n_qubits, (int, np.integer)) or n_qubits < 1:
        raise ValueError(f"n_qubits must be a positive whole number, got {n_qubits!r}")
    return 1 - 0.5 ** int(n_qubits)


def _systematic_bound(p: float, q: float, d: int) -> float:
    """Eq. 5 of Magesan et al., PRL 109, 080505 (2012)."""
    first = (d - 1) / d * (abs(p - q / p) + (1 - p))
    second = 2 * (d**2 - 1) * (1 - p) / (p * d**2) + 4 * np.sqrt((1 - p) * (d**2 - 1)) / p
    return float(min(first, second))


@dataclass(frozen=True, slots=True)
class _Power:
    """Basis (alpha^x) or (alpha^x, 1), theta the logarithm of -log(alpha)."""

    offset: bool

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; see `qdash_analysis.solution.Basis`."""
        decay = np.exp(-np.exp(np.clip(theta[..., :1], -50.0, 3.0)) * x)
        return np.stack([decay, np.ones_like(decay)] if self.offset else [decay], axis=-1)


@dataclass(frozen=True, slots=True)
class _Decay:
    """One fitted decay: the mean of each length, the fit of the means, and the error of theta."""

    means: Trace
    solution: Solution
    asymptote: float
    theta_error: float
    sigma_known: bool
    coherent_share: float

    @property
    def alpha(self) -> tuple[float, float]:
        """Alpha and its error."""
        rate = float(np.exp(self.solution.theta[0]))
        # To second order, as for any rate that is fitted as its logarithm.
        spread = rate * self.theta_error * (1 + self.theta_error**2 / 2)
        return float(np.exp(-rate)), float(np.exp(-rate)) * spread

    @property
    def coherent_loss(self) -> float:
        """What one Clifford loses to coherent errors, of 1 - alpha."""
        return self.coherent_share * (1 - self.alpha[0])

    @property
    def reduced_chi2(self) -> float | None:
        """Of the means about the curve, if the noise is known."""
        return self.solution.chi2 / self.solution.dof if self.sigma_known else None

    @property
    def model(self) -> Model:
        """The curve."""
        return lambda x: self.solution.predict(x) + self.asymptote


def _decay_of(
    name: str, x: ArrayLike, y: ArrayLike, sigma: ArrayLike | None, asymptote: float | None
) -> _Decay:
    points = _checked(name, x, y, sigma)
    require_signal(points, effect="decay")
    known = 0.0 if asymptote is None else asymptote
    points = Trace(points.x, points.y - known, points.sigma, points.sigma_known)
    basis = _Power(offset=asymptote is None)
    first = _fitted(basis, _means(points, points.sigma**2), None)
    variance = _variance(points, first, basis)
    means = _means(points, variance)
    fitted = _fitted(basis, means, first)
    _require_decay(means, fitted, free=asymptote is None)
    covariance = Scatter.of(fitted, points, variance).covariance(points, variance)
    widened = noise_scale(fitted.chi2, fitted.dof, sigma_known=True)
    error = float(np.sqrt(widened * covariance[-1, -1]))
    if not error < _UNDETERMINED:
        raise NoEffect(
            f"decay not seen within {means.x[-1]:g} Cliffords: an error of {np.exp(fitted.theta[0]):.2g} +- "
            f"{100 * error:.0f} % each"
        )
    share = _coherent_share(points, fitted, basis, variance) if points.sigma_known else 0.0
    return _Decay(means, fitted, known, error, points.sigma_known, share)


def _checked(name: str, x: ArrayLike, y: ArrayLike, sigma: ArrayLike | None) -> Trace:
    lengths, signal = real_array(name, x), real_array(name.replace("x", "y"), y)
    same_length(lengths, signal)
    if lengths.size < _AT_LEAST:
        raise ValueError(f"{name} is too short: {lengths.size} points, at least {_AT_LEAST} are needed")
    if (np.diff(lengths) < 0).any() or lengths[0] < 0:
        raise ValueError(f"{name} must be sorted, repeats allowed, and not negative")
    if (different := np.unique(lengths).size) < FEWEST_LENGTHS:
        raise ValueError(f"{name} holds {different} lengths, at least {FEWEST_LENGTHS} are needed")
    return Trace(lengths, signal, checked_sigma(sigma, lengths.size), sigma is not None)


def _variance(points: Trace, fitted: Solution, basis: _Power) -> Floats:
    """Variance of each point about a first fit: coherent errors make it grow as the survival falls."""
    size, parameters = points.x.size, fitted.parameters
    squares = (points.y - fitted.predict(points.x)) ** 2 * size / (size - parameters)
    survival = basis(points.x, fitted.theta)[:, 0]
    return variances(squares, points, growing=(1 - survival) ** 2)


def _coherent_share(points: Trace, fitted: Solution, basis: _Power, variance: Floats) -> float:
    """Share of the loss that is coherent, 0 where the scatter shows none beyond chance at two sigma.

    Coherent errors take the qubit on a random walk over the sphere: what they take has an exponential distribution, as
    wide as its mean, of which incoherent errors, the same for every sequence, leave the survival. To first order in the
    share; a large one comes out larger.
    """
    survival = basis(points.x, fitted.theta)[:, 0]
    lost = -survival * np.log(np.maximum(survival, _SMALLEST)) * fitted.coefficients[0]
    excess = (points.y - fitted.predict(points.x)) ** 2 - points.sigma**2
    weight = variance**-2.0
    total = float(weight @ lost**4)
    square = float(weight @ (lost**2 * excess)) / total
    return math.sqrt(min(square, 1.0)) if square > 2 * math.sqrt(2 / total) else 0.0


def _means(points: Trace, variance: Floats) -> Trace:
    """Weighted mean of each length, with the error that `variance` of the points implies."""
    lengths, start = np.unique(points.x, return_index=True)
    weight = np.add.reduceat(1 / variance, start)
    mean = np.add.reduceat(points.y / variance, start) / weight
    return Trace(lengths, mean, np.sqrt(1 / weight), sigma_known=True)


def _fitted(basis: _Power, means: Trace, last: Solution | None) -> Solution:
    if last is not None:
        return solve(basis, means, last.theta)
    steps = means.x[means.x > 0]
    grid = np.linspace(np.log(0.05 / means.x[-1]), np.log(3 / steps[0]), 32)[:, None]
    return solve(basis, means, grid[scan(basis, means, grid).argmin()])


def _require_decay(means: Trace, solution: Solution, *, free: bool) -> None:
    """Raise `NoEffect` unless the means decay, and bend where the asymptote is to be told from the slope."""
    null_chi2 = chi2_of_mean(means)
    extra = solution.parameters - 1
    if false_alarm(null_chi2, solution, extra=extra, trials=_TRIALS, sigma_known=True) > FALSE_ALARM:
        raise NoEffect("no decay above the noise")
    if np.exp(solution.theta[0]) * means.x[1] > _OVER:
        raise NoEffect(f"the decay is over within {means.x[1]:g} Cliffords: measure shorter sequences")
    require_description(null_chi2, solution, sigma_known=True)
    if free and not explains(means, sloped(means.x), solution, trials=_TRIALS):
        raise NoEffect(
            f"decay not seen within {means.x[-1]:g} Cliffords: a straight line describes the trace as well"
        )

"""Scatter of random sequences, which is unknown and grows along the trace: its law, its errors, and stray sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.leastsq import solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.solution import Basis, Solution

    Places = NDArray[np.intp]

_GROSS = 6.0
"""Least distance of a stray sequence from the others, in units of their scatter. Coherent errors scatter with long
tails.
"""
_FEWEST = 4
"""Sequences of a length that show a stray one among them."""
_NEAREST = 3
"""Neighbouring lengths whose scatter is compared."""
_NEIGHBOURS = 6
_ONE_OF = 5
"""Sequences per stray one, at least, in lengths of fewer."""
_NORMAL = 1.4826
"""Standard deviation over the median of the absolute deviation."""
_ONE_SIGMA = 0.8413447460685429
_SMALLEST = 1e-12
_MOST_LEVERAGE = 0.9
_LEAST_FREEDOM = 2.0
_ROUNDS = 3
_BY_CHANCE = 0.7
"""Relative scatter of variances estimated from five sequences each."""
_GROWTH = np.geomspace(1.0, 1e4, 13)
"""Largest variance that grows along the trace, in units of the mean steady one: equally probable a priori on
each scale.
"""
_STEADY = 4.0
"""Prior probability of noise that does not grow, relative to all noise that does."""


@dataclass(frozen=True, slots=True)
class Scatter:
    """Growth of the scatter along the trace: variance = a sigma² + c growing.

    A law with two parameters replaces the scatter of each point or length: a weight must not follow its own noise. All
    laws are kept, weighted by the likelihood of the points (restricted likelihood, Patterson and Thompson, Biometrika
    58, 545 (1971)).

    Attributes
    ----------
    laws
        Variance of each point for each law, shape ``(g, n)``; the first does not grow.
    weights
        Probability of each law, shape ``(g,)``.
    repeated
        Whether there are several points at most places, whose scatter is then known without a model of the curve.
    """

    laws: Floats
    weights: Floats
    repeated: bool

    @classmethod
    def from_fit(cls, solution: Solution, points: Trace, *, growing: Floats) -> Scatter:
        """Estimate the scatter about a first fit; a is one if the noise is known, `growing` holds shapes ``(s, n)``."""
        sigma2 = _smooth_variances(points.sigma**2, growing)
        shapes = growing / np.maximum(growing.max(axis=1, keepdims=True), _SMALLEST) * sigma2.mean()
        grown = (_GROWTH[:, None, None] * shapes).reshape(-1, sigma2.size)
        laws = sigma2 + np.concatenate([np.zeros((1, sigma2.size)), grown])
        prior = np.append(_STEADY, np.full(grown.shape[0], 1 / grown.shape[0]))
        design, norms = _build_design(solution, points)
        residuals = points.y - solution.predict(points.x)
        curvature, shift = _evaluate_laws(laws, design / norms, residuals)
        freedom = residuals.size - design.shape[1]
        moved = residuals - shift @ (design / norms).T
        chi2 = np.sum(moved**2 / laws, axis=1)
        cost = np.log(laws).sum(axis=1) + np.log(_compute_spectrum(curvature)).sum(axis=1)
        if points.sigma_known:
            cost += chi2
        else:
            chi2 = np.maximum(chi2, np.finfo(float).tiny)
            laws = laws * (chi2 / freedom)[:, None]
            cost += freedom * np.log(chi2)
        weights = prior * np.exp(-(cost - cost.min()) / 2)
        repeated = residuals.size >= 2 * np.unique(points.x).size
        return cls(laws, weights / weights.sum(), repeated)

    def include(self, distances: Floats, points: Trace) -> Scatter:
        """Return the scatter of all `points`, where those with a distance are not part of this one.

        Each of these raises the variance of its place to its distance over the number of points: by this the mean is
        off if the point is bad.
        """
        _, place, count = np.unique(points.x, return_inverse=True, return_counts=True)
        used = np.flatnonzero(distances == 0)
        # A point that was left out has no law: it takes that of another one of its place, or of the next one.
        nearest = np.minimum(np.searchsorted(place[used], place), used.size - 1)
        source = np.where(distances == 0, np.arange(place.size), used[nearest])
        extra = np.bincount(place, distances**2) / count
        return Scatter(
            self.laws[:, np.searchsorted(used, source)] + extra[place], self.weights, self.repeated
        )

    @property
    def variance(self) -> Floats:
        """Expected variance of each point, shape ``(n,)``."""
        return np.asarray(self.weights @ self.laws)

    def covariance(self, solution: Solution, points: Trace) -> Floats:
        """Return the covariance of ``(*coefficients, *theta)`` of a fit weighted by one over `variance`.

        Each law gives its own errors and shift of the fit, combined as a mixture. If points repeat, half of it comes
        from their squares (White 1980, with the leverages of MacKinnon and White 1985), which need no law. Student's
        factor widens estimates from the points only, not known noise.
        """
        design, norms = _build_design(solution, points)
        unit = design / norms
        residuals = points.y - solution.predict(points.x)
        curvature, shift = _evaluate_laws(self.laws, unit, residuals)
        inverse = np.linalg.pinv(curvature, rcond=_SMALLEST, hermitian=True)
        found = np.einsum("g,gij->ij", self.weights, inverse + shift[:, :, None] * shift[:, None, :])
        told = points.sigma_known and (self.weights.argmax() == 0 or not self.repeated)
        if not told:
            found = self._widen_covariance(found, unit, residuals)
        return np.asarray(found / norms[:, None] / norms)

    def _widen_covariance(self, by_law: Floats, design: Floats, residuals: Floats) -> Floats:
        """Return the covariance from the law and from the points, widened for few that determine the last parameter."""
        if not self.repeated:
            return np.asarray(by_law * _compute_student_factor(residuals.size - design.shape[1]))
        weighed = design / self.variance[:, None]
        influence = np.linalg.pinv(weighed.T @ design, rcond=_SMALLEST, hermitian=True) @ weighed.T
        leverage = np.clip(np.sum(design * influence.T, axis=1), 0.0, _MOST_LEVERAGE)
        by_points = (influence * (residuals / (1 - leverage)) ** 2) @ influence.T
        shares = influence[-1] ** 2 * self.variance
        deciding = float(shares.sum() ** 2 / np.sum(shares**2))
        return np.asarray((by_law + by_points) / 2 * _compute_student_factor(deciding - design.shape[1]))


def find_stray_sequences(points: Trace, basis: Basis, grid: Floats) -> Floats:
    """Return the distance of each stray sequence from the others, shape ``(n,)``, zero for those that are not stray.

    At most one sequence of each length is stray: far from the mean of the others or, where these are fewer than three,
    far from the curve of all lengths.

    There is one point per sequence, sorted by length; start values of theta have the shape ``(g, m)``.
    """
    distances = np.zeros(points.x.size)
    _, place, count = np.unique(points.x, return_inverse=True, return_counts=True)
    enough = (count >= _FEWEST)[place]
    if np.sum(count >= _FEWEST) < _NEAREST:
        enough[:] = False
    if enough.any():
        distances[enough] = _find_beside_others(points.select(enough))
    if not enough.all():
        distances = _find_beside_curve(points, distances, ~enough, basis, grid)
    return distances


def _find_beside_others(points: Trace) -> Floats:
    """Return the distance of each stray sequence from the mean of the others of its length, shape ``(n,)``.

    It is compared with the largest of the known noise, the scatter of the others, and the median scatter of this length
    and the two nearest.
    """
    distances = np.zeros(points.x.size)
    start = np.flatnonzero(np.diff(points.x, prepend=-1.0))
    count = np.diff(start, append=points.x.size)
    suspect, distance, scatter = _examine_lengths(points.y, start, count)
    nearest = np.clip(np.arange(start.size), 1, start.size - 2)[:, None] + np.array([-1, 0, 1])
    typical = np.maximum(np.median(scatter[nearest], axis=1), scatter)
    if points.sigma_known:
        typical = np.maximum(typical, points.sigma[suspect])
    stray = np.abs(distance) > _GROSS * typical
    distances[suspect[stray]] = distance[stray]
    return distances


def _find_beside_curve(
    points: Trace, distances: Floats, suspects: NDArray[np.bool_], basis: Basis, grid: Floats
) -> Floats:
    """Return `distances` with those of stray `suspects` from the curve of the others; the worst is judged first.

    Each is compared with the known noise and the larger of the median scatter of all others and of the nearest.
    """
    found, suspects = distances.copy(), suspects.copy()
    for _ in range(max(points.x.size // _ONE_OF, 1)):
        here = np.flatnonzero(found == 0)
        worst, theta = _find_worst(points.select(found == 0), suspects[here], basis, grid)
        left = here[worst]
        others = points.select((found == 0) & (np.arange(found.size) != left))
        fit = solve(basis, others, theta)
        if fit.dof < _LEAST_FREEDOM:
            break
        off = np.abs(others.y - fit.predict(others.x))
        near = off[np.argsort(np.abs(np.arange(off.size) - worst + 0.5))[:_NEIGHBOURS]]
        scatter = max(np.median(off), np.median(near)) * _NORMAL * np.sqrt(off.size / fit.dof)
        if points.sigma_known:
            scatter = max(scatter, points.sigma[left])
        place = points.x[left : left + 1]
        distance = float(points.y[left] - fit.predict(place)[0])
        if abs(distance) <= _GROSS * np.hypot(scatter, fit.error(fit.gradient(place)[0])):
            break
        found[left] = distance
        suspects &= points.x != place
    return found


def _find_worst(points: Trace, suspects: NDArray[np.bool_], basis: Basis, grid: Floats) -> tuple[int, Floats]:
    """Return the suspect without which a curve of the `grid` fits best, and theta of that curve."""
    q = np.linalg.qr(basis(points.x, grid) / points.sigma[:, None])[0]
    target = points.y / points.sigma
    residuals = target - np.einsum("gnk,gk->gn", q, np.einsum("gnk,n->gk", q, target))
    free = np.maximum(1 - np.einsum("gnk,gnk->gn", q, q), _SMALLEST)
    without = np.sum(residuals**2, axis=1)[:, None] - residuals**2 / free
    curve, worst = np.unravel_index(int(np.where(suspects, without, np.inf).argmin()), without.shape)
    return int(worst), grid[curve]


def _examine_lengths(y: Floats, start: Places, count: Places) -> tuple[Places, Floats, Floats]:
    """Return the most distant sequence of each length, its distance from the others, and their scatter."""
    place = np.repeat(np.arange(start.size), count)
    deviation = y - (np.add.reduceat(y, start) / count)[place]
    suspect = np.lexsort((np.abs(deviation), place))[start + count - 1]
    distance = deviation[suspect] * count / (count - 1)
    squares = np.add.reduceat(deviation**2, start) - deviation[suspect] * distance
    return suspect, distance, np.sqrt(np.maximum(squares, 0.0) / (count - 2))


def _smooth_variances(sigma2: Floats, growing: Floats) -> Floats:
    """Remove chance fluctuations from stated variances, which follow those of the points if few sequences gave them."""
    from scipy.optimize import nnls

    parts = np.vstack([np.ones_like(sigma2), growing]).T
    law = np.full_like(sigma2, sigma2.mean())
    for _ in range(_ROUNDS):
        law = parts @ nnls(parts / law[:, None], sigma2 / law)[0]
    return law if float(np.std(sigma2 / law)) < _BY_CHANCE else sigma2


def _compute_student_factor(freedom: float) -> float:
    """Return the factor on a variance with few degrees of freedom, so that errors mean 68 %."""
    from scipy.special import stdtrit

    return float(stdtrit(max(freedom, _LEAST_FREEDOM), _ONE_SIGMA) ** 2)


def _compute_spectrum(curvature: Floats) -> Floats:
    """Return eigenvalues, shape ``(g, k)``, above zero also in undetermined directions."""
    values = np.linalg.eigvalsh(curvature)
    return np.asarray(np.maximum(values, _SMALLEST * values[:, -1:]))


def _build_design(solution: Solution, points: Trace) -> tuple[Floats, Floats]:
    """Return the derivative of the model by ``(*coefficients, *theta)``, shape ``(n, k)``, and its columns' norms."""
    design = solution.gradient(points.x)
    return design, np.maximum(np.linalg.norm(design, axis=0), _SMALLEST)


def _evaluate_laws(laws: Floats, design: Floats, residuals: Floats) -> tuple[Floats, Floats]:
    """Return the curvature of chi² ``(g, k, k)``, and the shift of the fit ``(g, k)``, for each law."""
    weighed = design / laws[:, :, None]
    curvature = weighed.swapaxes(-1, -2) @ design
    gradient = weighed.swapaxes(-1, -2) @ residuals
    shift = np.linalg.pinv(curvature, rcond=_SMALLEST, hermitian=True) @ gradient[..., None]
    return curvature, shift[..., 0]

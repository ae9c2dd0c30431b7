"""Projection of points in the IQ plane onto a real signal along one axis, with its noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.iq_points import Points, Reference

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

UNCHANGED = (
    "the signal does not change beyond the scatter of its shots: the readout does not tell 0 from 1, "
    "the drive does not reach the qubit, or the shots are too few"
)
_AT_LEAST = 3
_SIGNIFICANT = 5.0
_BLOCKS = (1, 4)
_BY_CHANCE = 0.005


@dataclass(frozen=True, slots=True)
class Projection:
    """Real signal, and its position in the IQ plane.

    Attributes
    ----------
    success
        Whether the points show a signal along the axis; with references, whether these differ. If false, `y`
        is still present, but a fit of it is rejected.
    message
        Origin of the axis, and whether the points leave it; or the reason for the lack of a signal.
    y
        Signal, shape ``(n,)``.
    sigma
        1-sigma noise of each `y`, shape ``(n,)``; ``None`` if it is unknown.
    axis
        Direction in which `y` grows, a complex number of length 1.
    origin
        Point at which `y` is 0, in the unit of the points.
    """

    success: bool
    message: str
    y: Floats
    sigma: Floats | None
    axis: complex
    origin: complex


def project(
    iq: ArrayLike,
    *,
    sigma: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
    zero: ArrayLike | None = None,
    one: ArrayLike | None = None,
) -> Projection:
    """Return the real signal of the complex points of one sweep.

    With references the axis goes from |0> to |1>: `y` is 0 at the readout of |0> and 1 at that of |1>. Without them it
    is the principal axis of the points' variation; `y` is then in the unit of the points, 0 at their mean, and grows
    with I (with Q if I does not change; near that case the sign is random). Fits take a signal of either sign.

    The IQ plane may rotate between two calls to an instrument. Project sweeps of one call together, with
    references of the same call; project sweeps of different calls separately.

    Parameters
    ----------
    iq
        Mean complex points of a sweep, shape ``(n,)``, at least 3 (1 with references), or all shots of each, shape
        ``(n, shots)``, any unit.
    sigma
        Known 1-sigma noise of each mean: real for equal quadratures, or complex with that of I in the real
        and that of Q in the imaginary part; scalar or shape ``(n,)``. For shots it is estimated.
    covariance
        Covariance of the means of I and Q, scalar or shape ``(n,)``; default 0. Needs `sigma`.
    zero, one
        Readings of |0> and of |1>, both or none: a complex number, or an array whose mean is taken.

    Returns
    -------
    Projection
        With `y`, and `sigma` along the axis: the given one, or for shots a parabola of the signal, as for a mixture of
        two states. Errors are those of the points alone: that of the references is common to all of them and stretches
        or shifts `y`, which does not affect a fit with a free amplitude and offset; that of the axis shrinks `y` in
        second order. Rejected: points that vary no more than their noise, or equally in all directions if the noise is
        unknown; references whose distance is within their noise. If the points lie off the axis by more than their
        noise (if that is unknown: than the differences of neighbours), the message says so: the plane rotated during
        the measurement, or there is a third state. (A slow rotation under a monotonic signal makes almost a line again,
        which only references reveal.)

    Raises
    ------
    ValueError
        If an array has the wrong shape, is too short or not finite, `sigma` is not positive or given with shots,
        `covariance` is larger than its errors allow, or only one reference is given or both are equal.

    Notes
    -----
    Without known noise the points are tested against isotropic scatter by Mauchly's test (Ann. Math. Stat.
    11, 204 (1940)), one by one and in means of four.
    """
    if (zero is None) != (one is None):
        raise ValueError("give both references, zero and one, or none")
    points = Points.from_iq(iq, sigma, covariance, at_least=_AT_LEAST if zero is None else 1)
    if zero is None or one is None:
        origin, step, known_to = complex(points.iq.mean()), find_main_axis(points.iq), None
        y, noise = points.project_along(origin, step)
        message, problem = "along the principal axis", _explain_missing_signal(points.iq, y, noise)
    else:
        ends = Reference.from_readings("zero", zero), Reference.from_readings("one", one)
        origin, step = ends[0].mean, ends[1].mean - ends[0].mean
        if not step:
            raise ValueError(f"zero and one are equal ({origin}): they tell no axis")
        y, noise = points.project_along(origin, step)
        message, problem = "between the references", _compare_references(*ends)
        known_to = max(end.compute_error(1j * step) for end in ends)
    axis = step / abs(step)
    if problem is None and _leave_axis(points, axis, origin, known_to=known_to):
        message += _BESIDE
    return Projection(problem is None, problem or message, y, noise, axis, origin)


_BESIDE = (
    "; the points lie beside it beyond their noise: the plane turned meanwhile, or there is a third state"
)
_NO_AXIS = (
    "no direction of the IQ plane stands out: the points scatter alike in all of them; "
    "give sigma, references, or measure with more shots"
)


def find_main_axis(iq: Complexes) -> complex:
    """Return the unit vector of the largest variance, from half the phase of the mean squared deviation."""
    squared = np.mean((iq - iq.mean()) ** 2)
    return complex(np.exp(0.5j * np.angle(squared)))


def varies(*found: tuple[Floats, Floats]) -> bool:
    """Return whether traces vary more than their noise.

    Each is (y, sigma) of shapes (n,). The test is point by point, which shows fast oscillations, and in means of a few
    neighbours, which show slow decays. Under noise alone chi² is n - 1 with a standard deviation of sqrt(2 (n - 1));
    the choice of the axis adds about as much, so five of these are beyond chance.
    """
    return any(_differ_beyond_chance(found, size) for size in _BLOCKS)


def _differ_beyond_chance(found: tuple[tuple[Floats, Floats], ...], size: int) -> bool:
    """Return whether means of `size` neighbours differ beyond chance."""
    starts = [np.arange(0, y.size, size) for y, _ in found]
    weights = [sigma**-2 for _, sigma in found]
    pairs = list(zip((y for y, _ in found), weights, starts, strict=True))
    summed = np.concatenate([np.add.reduceat(weight, start) for _, weight, start in pairs])
    means = np.concatenate([np.add.reduceat(weight * y, start) for y, weight, start in pairs]) / summed
    chi2 = float(summed @ (means - (summed @ means) / summed.sum()) ** 2)
    freedom = max(means.size - 1, 1)
    return bool(chi2 > freedom + 1.5 * _SIGNIFICANT * np.sqrt(2 * freedom))


def _explain_missing_signal(iq: Complexes, y: Floats, sigma: Floats | None) -> str | None:
    """Explain why the principal axis shows no signal, or return None if it does."""
    if sigma is not None:
        return None if varies((y, sigma)) else UNCHANGED
    blocks = (iq[: iq.size - iq.size % size].reshape(-1, size).mean(axis=1) for size in _BLOCKS)
    seen = any(_stands_out(block) for block in blocks if block.size >= _AT_LEAST)
    return None if seen else _NO_AXIS


def _stands_out(iq: Complexes) -> bool:
    """Return whether points vary along one axis significantly more than isotropic scatter."""
    off = iq - iq.mean()
    total = float(np.mean(np.abs(off) ** 2))
    if not total > (1e-12 * float(np.abs(iq).max())) ** 2:
        return False
    roundness = 1 - (abs(np.mean(off**2)) / total) ** 2
    return bool(max(roundness, 0.0) ** ((iq.size - 2) / 2) < _BY_CHANCE)


def _leave_axis(points: Points, axis: complex, origin: complex, *, known_to: float | None) -> bool:
    """Return whether the points leave the axis by more than their noise and the error `known_to` of its position.

    It is None if the points define the axis.
    """
    if points.iq.size < _AT_LEAST:
        return False
    across = ((points.iq - origin) * np.conj(axis)).imag
    variance = points.compute_variance_across(axis, across)
    if varies((across, np.sqrt(variance))):
        return True
    if known_to is None:
        return False
    mean = float(np.average(across, weights=1 / variance))
    return bool(abs(mean) > _SIGNIFICANT * np.hypot(known_to, np.sum(1 / variance) ** -0.5))


def _compare_references(zero: Reference, one: Reference) -> str | None:
    """Describe references whose distance is within their noise, or return None."""
    step = one.mean - zero.mean
    error = float(np.hypot(zero.compute_error(step), one.compute_error(step)))
    if abs(step) > _SIGNIFICANT * error:
        return None
    return (
        f"the references are {abs(step):.3g} apart, and their difference is known to {error:.2g} only: the readout "
        "does not tell 0 from 1, or the shots are too few"
    )

"""From points in the IQ plane to a real signal along one axis, with its noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.inputs import checked_sigma, complex_array, real_array
from qdash_analysis.iq_noise import Noise, along, covariance_fault, covariance_of_mean, never_zero

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
    """A real signal, and where it lies in the IQ plane.

    Attributes
    ----------
    success
        Whether the points show a signal along the axis; with references, whether these differ. Without it `y` is there, too:
        a fit of it refuses.
    message
        How the axis was found, and whether the points leave it; or why there is no signal.
    y
        Signal, shape ``(n,)``.
    sigma
        1-sigma noise of each `y`, shape ``(n,)``; ``None`` if it is not known.
    axis
        Direction in which `y` grows, a complex number of length 1.
    origin
        Where `y` is 0, in the unit of the points.
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
    """Turn complex points of one sweep into a real signal.

    With references the axis goes from |0> to |1>: `y` is 0 where the readout has |0> and 1 where it has |1>. Without them it
    is the principal axis, along which the points vary most; `y` is then in the unit of the points, 0 at their mean, and grows
    with I (with Q, where I does not change; near there chance decides the sign). Fits take a signal of either sign.

    The IQ plane may turn between two calls to an instrument. Project what was measured in one call together, and with
    references of the same call; sweeps of several calls each on its own.

    Parameters
    ----------
    iq
        Mean complex points of a sweep, shape ``(n,)``, at least 3 (1 with references), or all shots of each, shape
        ``(n, shots)``, any unit.
    sigma
        Known 1-sigma noise of each mean: real for both quadratures alike, or complex with that of I in the real and that of Q in
        the imaginary part; scalar or shape ``(n,)``. Of shots it is found.
    covariance
        Of the means of I and Q, scalar or shape ``(n,)``; 0 unless given. Needs `sigma`.
    zero, one
        Readings of |0> and of |1>, both or none: a complex number, or an array of which the mean is taken.

    Returns
    -------
    Projection
        With `y`, and `sigma` along the axis: that which was given, or for shots a parabola of the signal, as of a mixture of two
        states. Errors are those of the points alone: that of the references is common to all of them and stretches or shifts
        `y`, which a fit with a free amplitude and offset does not notice; that of the axis shrinks `y` in second order.
        Refused: points that vary no more than they scatter, or alike in all directions where the noise is not known;
        references that are no further apart than they scatter. Where the noise is known and the points lie beside the axis by
        more than that, the message says so: the plane turned meanwhile, or there is a third state. (A slow turn under a signal
        that only falls or only rises makes almost a line again: this shows against references only.)

    Raises
    ------
    ValueError
        If an array has the wrong shape, is too short or not finite, `sigma` is not positive or given with shots, `covariance`
        is larger than its errors allow, or only one reference is given or both are equal.

    Notes
    -----
    Without known noise the points are held against equal scatter in all directions by Mauchly's test (Ann. Math. Stat. 11, 204
    (1940)), one by one and in means of four.
    """
    if (zero is None) != (one is None):
        raise ValueError("give both references, zero and one, or none")
    points = _Points.of(iq, sigma, covariance, at_least=_AT_LEAST if zero is None else 1)
    if zero is None or one is None:
        origin, step, known_to = complex(points.iq.mean()), main_axis(points.iq), None
        y, noise = points.along(origin, step)
        message, problem = "along the principal axis", _without_signal(points.iq, y, noise)
    else:
        ends = _Reference.of("zero", zero), _Reference.of("one", one)
        origin, step = ends[0].mean, ends[1].mean - ends[0].mean
        if not step:
            raise ValueError(f"zero and one are equal ({origin}): they tell no axis")
        y, noise = points.along(origin, step)
        message, problem = "between the references", _indistinct(*ends)
        known_to = max(end.error(1j * step) for end in ends)
    axis = step / abs(step)
    if problem is None and points.lie_beside(axis, origin, known_to=known_to):
        message += _BESIDE
    return Projection(problem is None, problem or message, y, noise, axis, origin)


_BESIDE = (
    "; the points lie beside it beyond their noise: the plane turned meanwhile, or there is a third state"
)
_NO_AXIS = (
    "no direction of the IQ plane stands out: the points scatter alike in all of them; "
    "give sigma, references, or measure with more shots"
)


def main_axis(iq: Complexes) -> complex:
    """Unit vector of the largest variance: half the phase of the mean squared deviation."""
    squared = np.mean((iq - iq.mean()) ** 2)
    return complex(np.exp(0.5j * np.angle(squared)))


def varies(*found: tuple[Floats, Floats]) -> bool:
    """Whether traces, each (y, sigma) of shapes (n,), vary more than their noise.

    Point by point, which shows fast oscillations, and in means of a few neighbours, which show a slow decay in few shots.
    Under noise alone chi² about the mean is n - 1 with a standard deviation of sqrt(2 (n - 1)); the choice of the axis
    adds about as much again, so five of these are beyond chance.
    """
    return any(_beyond_chance(found, size) for size in _BLOCKS)


def _beyond_chance(found: tuple[tuple[Floats, Floats], ...], size: int) -> bool:
    """Whether means of `size` neighbours differ beyond chance."""
    starts = [np.arange(0, y.size, size) for y, _ in found]
    weights = [sigma**-2 for _, sigma in found]
    pairs = list(zip((y for y, _ in found), weights, starts, strict=True))
    summed = np.concatenate([np.add.reduceat(weight, start) for _, weight, start in pairs])
    means = np.concatenate([np.add.reduceat(weight * y, start) for y, weight, start in pairs]) / summed
    chi2 = float(summed @ (means - (summed @ means) / summed.sum()) ** 2)
    freedom = max(means.size - 1, 1)
    return bool(chi2 > freedom + 1.5 * _SIGNIFICANT * np.sqrt(2 * freedom))


def _without_signal(iq: Complexes, y: Floats, sigma: Floats | None) -> str | None:
    """Return why there is no signal along the principal axis; None: there is one."""
    if sigma is not None:
        return None if varies((y, sigma)) else UNCHANGED
    blocks = (iq[: iq.size - iq.size % size].reshape(-1, size).mean(axis=1) for size in _BLOCKS)
    seen = any(_stands_out(block) for block in blocks if block.size >= _AT_LEAST)
    return None if seen else _NO_AXIS


def _stands_out(iq: Complexes) -> bool:
    """Whether points vary more along one axis than chance makes of equal scatter in all directions."""
    off = iq - iq.mean()
    total = float(np.mean(np.abs(off) ** 2))
    if not total > (1e-12 * float(np.abs(iq).max())) ** 2:
        return False
    roundness = 1 - (abs(np.mean(off**2)) / total) ** 2
    return bool(max(roundness, 0.0) ** ((iq.size - 2) / 2) < _BY_CHANCE)


@dataclass(frozen=True, slots=True)
class _Points:
    """Checked points; of each the standard errors of I and Q (`Trace` of the tasks keeps them so) and their covariance."""

    iq: Complexes
    sigma: Complexes | None
    covariance: Floats
    from_shots: bool

    @classmethod
    def of(
        cls, iq: ArrayLike, sigma: ArrayLike | None, covariance: ArrayLike | None, *, at_least: int
    ) -> _Points:
        shots = np.asarray(iq)
        if shots.ndim == 2:
            if sigma is not None or covariance is not None:
                raise ValueError(
                    "iq holds shots, whose scatter tells the noise: leave out sigma and covariance"
                )
            if shots.shape[1] < 2:
                raise ValueError(f"iq holds {shots.shape[1]} shots of each point, at least 2 are needed")
            points = _long_enough(complex_array("iq", shots.ravel()), shots.shape[0], at_least)
            shots = points.reshape(shots.shape)
            spread = never_zero(covariance_of_mean(shots), shots.shape[1])
            errors = np.sqrt(spread[:, 0, 0]) + 1j * np.sqrt(spread[:, 1, 1])
            return cls(shots.mean(axis=1), errors, spread[:, 0, 1], from_shots=True)
        points = complex_array("iq", iq)
        _long_enough(points, points.size, at_least)
        if sigma is None:
            if covariance is not None:
                raise ValueError("covariance is of no use without sigma: give both")
            return cls(points, None, np.zeros(points.size), from_shots=False)
        return cls(points, *_checked_noise(sigma, covariance, points.size), from_shots=False)

    def along(self, origin: complex, step: complex) -> tuple[Floats, Floats | None]:
        """Return the signal from `origin` in units of `step`, and its 1-sigma noise."""
        y = np.asarray(((self.iq - origin) / step).real)
        if self.sigma is None:
            return y, None
        variance = along(step / abs(step), self.sigma, self.covariance) / abs(step) ** 2
        return y, Noise.seen_in(y, variance).sigma_near(y) if self.from_shots else np.sqrt(variance)

    def lie_beside(self, axis: complex, origin: complex, *, known_to: float | None) -> bool:
        """Whether the points leave the axis by more than their noise; `known_to`: how well its place is known, None: by them."""
        if self.sigma is None or self.iq.size < _AT_LEAST:
            return False
        across = ((self.iq - origin) * np.conj(axis)).imag
        variance = along(1j * axis, self.sigma, self.covariance)
        if self.from_shots:  # That of a single point is not well known; across the axis all have the same.
            variance = np.full_like(variance, variance.mean())
        if varies((across, np.sqrt(variance))):
            return True
        if known_to is None:
            return False
        mean = float(np.average(across, weights=1 / variance))
        return abs(mean) > _SIGNIFICANT * np.hypot(known_to, np.sum(1 / variance) ** -0.5)


@dataclass(frozen=True, slots=True)
class _Reference:
    """Where the readout has a state: its mean, and the covariance of that, shape (2, 2); 0 of a single reading."""

    mean: complex
    covariance: Floats

    @classmethod
    def of(cls, name: str, readings: ArrayLike) -> _Reference:
        values = complex_array(name, np.ravel(readings))
        if not values.size:
            raise ValueError(f"{name} is empty: give a reading, or several")
        return cls(
            complex(values.mean()), covariance_of_mean(values) if values.size > 1 else np.zeros((2, 2))
        )

    def error(self, direction: complex) -> float:
        """Standard error of the mean along a direction of any length."""
        unit = np.array([direction.real, direction.imag]) / abs(direction)
        return float(np.sqrt(unit @ self.covariance @ unit))


def _indistinct(zero: _Reference, one: _Reference) -> str | None:
    """Return what is wrong with references that are no further apart than they scatter."""
    step = one.mean - zero.mean
    error = float(np.hypot(zero.error(step), one.error(step)))
    if abs(step) > _SIGNIFICANT * error:
        return None
    return (
        f"the references are {abs(step):.3g} apart, and their difference is known to {error:.2g} only: the readout "
        "does not tell 0 from 1, or the shots are too few"
    )


def _long_enough(points: Complexes, size: int, at_least: int) -> Complexes:
    if size < at_least:
        raise ValueError(f"iq is too short: {size} points, at least {at_least} are needed")
    return points


def _checked_noise(sigma: ArrayLike, covariance: ArrayLike | None, size: int) -> tuple[Complexes, Floats]:
    """Return the standard errors of I and Q, in one complex number each, and their covariance."""
    given = np.asarray(sigma)
    if np.iscomplexobj(given):
        quadratures = np.broadcast_to(given, size) if given.ndim == 0 else complex_array("sigma", given)
        i_sigma, q_sigma = (checked_sigma(part, size) for part in (quadratures.real, quadratures.imag))
    else:
        i_sigma = q_sigma = checked_sigma(given, size)
    shared = np.zeros(size) if covariance is None else np.broadcast_to(np.asarray(covariance), size)
    checked = real_array("covariance", shared)
    if fault := covariance_fault(i_sigma, q_sigma, checked):
        raise ValueError(fault)
    return i_sigma + 1j * q_sigma, checked

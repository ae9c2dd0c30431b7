"""How well means are known: covariances of I and Q as values scatter, and whether one that is given can be one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

_ROUNDING = 1e-9


def covariance_of_mean(values: Complexes) -> Floats:
    """Return the covariance of I and Q of the mean of values (..., n) as these scatter, shape (..., 2, 2).

    Of equal values it is exactly zero.
    """
    # Of the differences: a mean of equal values differs from them by rounding, which looks like noise.
    off = values - values[..., :1]
    off = off - off.mean(axis=-1, keepdims=True)
    both = np.stack([off.real, off.imag], axis=-1)
    count = values.shape[-1]
    return np.asarray(np.einsum("...ni,...nj->...ij", both, both) / (count * (count - 1)))


def never_zero(covariances: Floats, count: int) -> Floats:
    """Return covariances of the points of a sweep (..., 2, 2), each from so many values, without those that are exactly zero.

    Where a signal has few levels, all values of a point can be equal; its error is not zero for that. It is taken as if
    one of the values were off by as much as values of the sweep are in the mean.

    Raises
    ------
    InvalidInputError
        If the values of every point are equal.
    """
    variances = np.diagonal(covariances, axis1=-2, axis2=-1)
    floor = variances.sum(axis=-1).mean() / count
    if not floor:
        raise InvalidInputError(
            f"all {count} shots (or blocks) of every point are equal, and nothing tells the noise: is the readout discriminated, "
            "or rounded to coarse steps?"
        )
    return np.asarray(covariances + np.where(variances == 0, floor, 0.0)[..., None] * np.eye(2))


def covariance_fault(i_sigma: Floats, q_sigma: Floats, covariance: Floats) -> str | None:
    """Return what is wrong with a covariance of I and Q beside their standard errors, all of one shape; None: nothing."""
    if np.any(np.abs(covariance) > (1 + _ROUNDING) * i_sigma * q_sigma):
        return "covariance is larger than that of two quadratures with such errors can be"
    return None

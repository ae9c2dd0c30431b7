"""Noise of IQ points: from the scatter of shots, along an axis, and as a function of the signal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

_ROUNDING = 1e-9
_NEIGHBOURS = 5


def compute_covariance_of_mean(values: Complexes) -> Floats:
    """Return the covariance (..., 2, 2) of I and Q of the mean of values (..., n); exactly zero for equal values."""
    # Of the differences: a mean of equal values differs from them by rounding, which looks like noise.
    off = values - values[..., :1]
    off = off - off.mean(axis=-1, keepdims=True)
    both = np.stack([off.real, off.imag], axis=-1)
    count = values.shape[-1]
    return np.asarray(np.einsum("...ni,...nj->...ij", both, both) / (count * (count - 1)))


def replace_zeros(covariances: Floats, count: int) -> Floats:
    """Replace exact zeros in the covariances of the points of a sweep (..., 2, 2), each from `count` values.

    All values of a point can be equal if a signal has few levels. The replacement assumes that one of them deviates by
    the mean deviation of the sweep.

    Raises `ValueError` if the values of every point are equal.
    """
    variances = np.diagonal(covariances, axis1=-2, axis2=-1)
    floor = variances.sum(axis=-1).mean() / count
    if not floor:
        raise ValueError(
            f"all {count} shots (or blocks) of every point are equal, and nothing tells the noise: is the readout discriminated, "
            "or rounded to coarse steps?"
        )
    return np.asarray(covariances + np.where(variances == 0, floor, 0.0)[..., None] * np.eye(2))


def find_covariance_fault(i_sigma: Floats, q_sigma: Floats, covariance: Floats) -> str | None:
    """Describe an impossible covariance of I and Q for their standard errors, or return None."""
    if np.any(np.abs(covariance) > (1 + _ROUNDING) * i_sigma * q_sigma):
        return "covariance is larger than that of two quadratures with such errors can be"
    return None


def compute_variance_along(axis: complex, sigma: Complexes, covariance: Floats) -> Floats:
    """Return the variance of means along the unit vector `axis`, from the errors of I and Q and their covariance."""
    c, s = axis.real, axis.imag
    variance = (c * sigma.real) ** 2 + (s * sigma.imag) ** 2 + 2 * c * s * covariance
    return np.asarray(np.maximum(variance, 1e-30))


@dataclass(frozen=True, slots=True)
class ReadoutNoise:
    """Variance of a point as a function of its signal: ``a y^2 + b y + c``.

    Shots of a mixture of two states have a variance that is quadratic in their mean. A point's own shots give no valid
    weight: a low point scatters little by chance, and biases the fit (16 shots: T1 7 % short).

    a, b and c are for y in units of `scale`; the smallest and the largest observed variance limit the result.
    """

    coefficients: Floats
    scale: float
    lowest: float
    highest: float

    @classmethod
    def from_points(cls, y: Floats, variance: Floats) -> ReadoutNoise:
        """Fit the variance to the points of all traces of one readout, each of shape (n,)."""
        scale = float(np.ptp(y)) or 1.0
        coefficients = np.linalg.lstsq(np.vander(y / scale, 3), variance, rcond=None)[0]
        return cls(
            np.asarray(coefficients, dtype=np.float64), scale, float(variance.min()), float(variance.max())
        )

    def sigma(self, y: Floats) -> Floats:
        """Return the standard error of points whose true signal is `y`."""
        a, b, c = self.coefficients
        scaled = np.asarray(y) / self.scale
        variance = (a * scaled + b) * scaled + c
        return np.asarray(np.sqrt(np.minimum(np.maximum(variance, self.lowest), self.highest)))

    def sigma_near(self, y: Floats) -> Floats:
        """Return the standard error of points `y`, (n,), at the mean of a few neighbours, which averages out chance."""
        window = np.ones(min(_NEIGHBOURS, y.size))
        return self.sigma(np.convolve(y, window, "same") / np.convolve(np.ones_like(y), window, "same"))

"""Signal-to-noise ratio of single shots against readout amplitude."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.inputs import (
    require_same_length,
    validate_ascending,
    validate_complex,
    validate_real,
)
from qdash_analysis.result import Estimate, FitResult, NoEffect, NoSignal, return_rejection
from qdash_analysis.solution import compute_noise_scale

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qdash_analysis.inputs import Floats

_AT_LEAST = 6
_SIGNIFICANT = 5.0
_SURPRISE, _EXCESS = 1e-6, 0.06
_BENT, _ROUNDING, _LEAST_VARIANCE = 9.0, 1e-12, 0.2
_GRID = 2001
_UNDETERMINED = 0.5
"""Largest relative error of a determined amplitude."""
_STEP = 1e-3


@return_rejection
def fit_readout_snr(
    x: ArrayLike, y: ArrayLike, *, sigma: ArrayLike, shots: int, ratio: float = 1.0
) -> FitResult:
    """Fit the readout amplitude at which single shots have a given signal-to-noise ratio.

    Model of the mean point: ``b + c x + e x^3``, with an offset b of the receiver, which is no signal, and transitions
    that the readout induces in proportion to its photon number (e). Model of the variance of a shot, both quadratures
    together: ``v + w x^2 + u x^4``, noise of the receiver and scatter of the qubit, which induced transitions increase
    (u, if the data show it). The ratio is ``|c x + e x^3|`` divided by the root of the variance.

    Parameters
    ----------
    x
        Readout amplitude, shape ``(n,)``, ascending, positive, at least 6.
    y
        Mean complex point, shape ``(n,)``, any unit.
    sigma
        Standard errors of the mean, I in the real and Q in the imaginary part, shape ``(n,)``, or one error of both.
    shots
        Shots of each mean.
    ratio
        Signal divided by the standard deviation of a shot.

    Returns
    -------
    FitResult
        With `amplitude` (unit of `x`), at which the ratio is reached, `noise` (standard deviation of a shot
        there) and `signal_per_amplitude`. `predict` gives the ratio. Errors contain those of the means and,
        from the scatter of the variances, of the noise. Rejected: no signal, a ratio that is not reached
        within the amplitudes or only just, means that the model does not describe.

    Raises
    ------
    ValueError
        If an array is not 1-D, finite, of equal length and long enough, `x` does not ascend from above 0,
        `sigma` is not positive, or `shots` or `ratio` is too small.
    """
    amplitude, points, errors = _validate(x, y, sigma)
    if shots < 2 or not ratio > 0:
        raise ValueError("shots must be at least 2, and ratio above 0")
    curve, covariance, quality = _fit(amplitude, points, errors, shots)
    place = _find_crossing(curve, amplitude, ratio)

    def crossing(parameters: Floats) -> float:
        there = _Ratio(parameters)
        # One step of Newton's method from the known crossing: exact to first order in the change.
        slope = (there(place * (1 + _STEP)) - there(place * (1 - _STEP))) / (2 * _STEP * place)
        return float(place - (there(place) - ratio) / slope)

    def noise(parameters: Floats) -> float:
        return float(np.sqrt(_Ratio(parameters).variance(place)))

    def slope(parameters: Floats) -> float:
        return float(np.hypot(parameters[0], parameters[1]))

    found = {
        name: Estimate(quantity(curve.parameters), _propagate(quantity, curve.parameters, covariance), "a.u.")
        for name, quantity in (("amplitude", crossing), ("noise", noise), ("signal_per_amplitude", slope))
    }
    if (found["amplitude"].error or 0.0) > _UNDETERMINED * place:
        raise NoEffect(
            f"the ratio of {ratio:g} is only just reached, so its amplitude is not determined: take more shots, or a lower ratio"
        )
    return FitResult(
        success=True,
        message=f"signal of {ratio:g} times the noise at amplitude {place:.4g}",
        parameters=found,
        r2=quality[0],
        reduced_chi2=quality[1],
        model=curve,
    )


@dataclass(frozen=True, slots=True)
class _Ratio:
    """Signal-to-noise ratio; parameters (Re c, Im c, Re e, Im e, v, w, u) of `fit_readout_snr`."""

    parameters: Floats

    def variance(self, x: Floats | float) -> Floats:
        v, w, u = self.parameters[4:]
        return np.asarray(np.maximum(v + w * np.square(x) + u * np.power(x, 4), 1e-300))

    def __call__(self, x: Floats | float) -> Floats:
        c, e = complex(*self.parameters[:2]), complex(*self.parameters[2:4])
        return np.asarray(np.abs(c * x + e * np.power(x, 3)) / np.sqrt(self.variance(x)))


def _validate(
    x: ArrayLike, y: ArrayLike, sigma: ArrayLike
) -> tuple[Floats, NDArray[np.complex128], NDArray[np.complex128]]:
    amplitude, points = validate_ascending("x", x, at_least=_AT_LEAST), validate_complex("y", y)
    require_same_length(amplitude, points)
    given = np.asarray(sigma)
    both = given if np.iscomplexobj(given) else given * (1 + 1j)
    quadratures = [np.broadcast_to(part, amplitude.shape) for part in (both.real, both.imag)]
    for part in quadratures:
        if not (validate_real("sigma", part) > 0).all():
            raise ValueError("sigma must be positive")
    if amplitude[0] <= 0:
        raise ValueError("x must be above 0")
    return amplitude, points, quadratures[0] + 1j * quadratures[1]


def _fit(
    x: Floats, points: NDArray[np.complex128], errors: NDArray[np.complex128], shots: int
) -> tuple[_Ratio, Floats, tuple[float, float]]:
    """Return the ratio, the covariance of its parameters, and r2 and reduced chi²."""
    mean_basis = np.stack([np.ones_like(x), x, x**3], axis=1)
    sigma = np.abs(errors) / np.sqrt(2)
    means, of_means, chi2 = _fit_weighted(mean_basis, points, sigma)
    dof = 2 * (x.size - mean_basis.shape[1])
    nothing = float(np.sum(np.abs((points - np.average(points, weights=sigma**-2)) / sigma) ** 2))
    _require_description(nothing, chi2, dof)
    of_means *= compute_noise_scale(chi2, dof, sigma_known=True)
    _require_signal(means, of_means, x)
    noises, of_noises = _fit_noise(x, shots * np.abs(errors) ** 2)
    covariance = np.zeros((7, 7))
    covariance[:4, :4] = np.kron(of_means[1:, 1:], np.eye(2))
    covariance[4:, 4:] = of_noises
    parameters = np.array([means[1].real, means[1].imag, means[2].real, means[2].imag, *noises])
    return _Ratio(parameters), covariance, (1 - chi2 / nothing, chi2 / dof)


def _fit_noise(x: Floats, variances: Floats) -> tuple[Floats, Floats]:
    """Return (v, w, u) of the variance of a shot and their covariance; u is 0 unless the data show it."""
    powers = np.stack([np.ones_like(x), x**2, x**4], axis=1)
    fits = [_fit_weighted(powers[:, :count], variances, None) for count in (2, 3)]
    gain = fits[0][2] - fits[1][2]
    bent = gain * (x.size - 3) > _BENT * fits[1][2] and gain > _ROUNDING * float(variances @ variances)
    coefficients, covariance, scatter = fits[1] if bent else fits[0]
    count = coefficients.size
    found, of_found = np.zeros(3), np.zeros((3, 3))
    found[:count] = np.real(coefficients)
    of_found[:count, :count] = covariance * compute_noise_scale(scatter, x.size - count, sigma_known=False)
    if (powers @ found < _LEAST_VARIANCE * variances.min()).any():
        raise NoEffect("the noise does not follow the amplitude: measure more amplitudes or shots")
    return found, of_found


def _fit_weighted(
    basis: Floats, values: NDArray[np.complex128] | Floats, sigma: Floats | None
) -> tuple[NDArray[np.complex128], Floats, float]:
    """Return coefficients, their covariance for unit noise in each quadrature, and chi²."""
    weight = np.ones(values.size) if sigma is None else 1 / sigma
    design, target = basis * weight[:, None], values * weight
    norms = np.linalg.norm(design, axis=0)
    inverse = np.linalg.pinv(design / norms) / norms[:, None]
    coefficients = inverse @ target
    return coefficients, inverse @ inverse.T, float(np.sum(np.abs(target - design @ coefficients) ** 2))


def _require_description(nothing: float, chi2: float, dof: int) -> None:
    from scipy.special import chdtrc

    if chi2 - dof > _EXCESS * (nothing - chi2) and chdtrc(dof, chi2) < _SURPRISE:
        raise NoEffect(
            f"the model does not describe the data: the signal does not follow the amplitude (reduced chi² {chi2 / dof:.3g})"
        )


def _require_signal(means: NDArray[np.complex128], covariance: Floats, x: Floats) -> None:
    """Raise `NoSignal` unless the signal at the largest amplitude is beyond its error."""
    powers = np.array([0.0, x[-1], x[-1] ** 3])
    error = np.sqrt(powers @ covariance @ powers)
    if abs(powers @ means) < _SIGNIFICANT * error:
        raise NoSignal("no signal above the noise at any amplitude")


def _find_crossing(curve: _Ratio, x: Floats, ratio: float) -> float:
    """Return the smallest measured amplitude at which the ratio is reached."""
    from scipy.optimize import brentq

    grid = np.linspace(x[0], x[-1], _GRID)
    values = curve(grid) - ratio
    if values[0] >= 0:
        raise NoEffect(
            f"the smallest amplitude, {x[0]:.3g}, already has {values[0] + ratio:.3g} times the noise: sweep lower"
        )
    if not (values >= 0).any():
        raise NoEffect(
            f"the signal reaches only {values.max() + ratio:.3g} times the noise, at amplitude {grid[values.argmax()]:.3g}: sweep higher"
        )
    after = int(np.flatnonzero(values >= 0)[0])
    return float(brentq(lambda one: float(curve(one)) - ratio, grid[after - 1], grid[after]))


def _propagate(quantity: object, parameters: Floats, covariance: Floats) -> float:
    """Return the 1-sigma error of a quantity of the parameters."""
    assert callable(quantity)
    steps = 1e-3 * np.sqrt(np.diag(covariance)) + 1e-9 * np.abs(parameters) + 1e-300
    change = np.array([(quantity(parameters + d) - quantity(parameters - d)) for d in np.diag(steps)]) / (
        2 * steps
    )
    return float(np.sqrt(max(float(change @ covariance @ change), 0.0)))

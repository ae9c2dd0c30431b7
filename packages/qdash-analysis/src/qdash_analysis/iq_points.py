"""Input points in the IQ plane, averages or shots, and readout references of a state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis.inputs import validate_complex, validate_real, validate_sigma
from qdash_analysis.iq_noise import (
    ReadoutNoise,
    compute_covariance_of_mean,
    compute_variance_along,
    find_covariance_fault,
    replace_zeros,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Points:
    """Validated points with the standard errors of I and Q, as in the tasks' `Trace`, and their covariance."""

    iq: Complexes
    sigma: Complexes | None
    covariance: Floats
    from_shots: bool

    @classmethod
    def from_iq(
        cls, iq: ArrayLike, sigma: ArrayLike | None, covariance: ArrayLike | None, *, at_least: int
    ) -> Points:
        if np.ndim(iq) == 2:
            if sigma is not None or covariance is not None:
                raise ValueError(
                    "iq holds shots, whose scatter tells the noise: leave out sigma and covariance"
                )
            return cls._from_shots(np.asarray(iq), at_least)
        points = validate_complex("iq", iq)
        _require_length(points.size, at_least)
        if sigma is None:
            if covariance is not None:
                raise ValueError("covariance is of no use without sigma: give both")
            return cls(points, None, np.zeros(points.size), from_shots=False)
        return cls(points, *_validate_noise(sigma, covariance, points.size), from_shots=False)

    @classmethod
    def _from_shots(cls, iq: NDArray[Any], at_least: int) -> Points:
        """Return the means of shots (n, shots)."""
        size, count = iq.shape
        if count < 2:
            raise ValueError(f"iq holds {count} shots of each point, at least 2 are needed")
        _require_length(size, at_least)
        shots = validate_complex("iq", iq.ravel()).reshape(size, count)
        spread = replace_zeros(compute_covariance_of_mean(shots), count)
        errors = np.sqrt(spread[:, 0, 0]) + 1j * np.sqrt(spread[:, 1, 1])
        return cls(shots.mean(axis=1), errors, spread[:, 0, 1], from_shots=True)

    def project_along(self, origin: complex, step: complex) -> tuple[Floats, Floats | None]:
        """Return the signal from `origin` in units of `step`, and its 1-sigma noise."""
        y = np.asarray(((self.iq - origin) / step).real)
        if self.sigma is None:
            return y, None
        variance = compute_variance_along(step / abs(step), self.sigma, self.covariance) / abs(step) ** 2
        return y, ReadoutNoise.from_points(y, variance).sigma_near(y) if self.from_shots else np.sqrt(
            variance
        )

    def compute_variance_across(self, axis: complex, across: Floats) -> Floats:
        """Return the variance of points `across` the axis; if unknown, from the differences of neighbours."""
        if self.sigma is None:
            rounding = 1e-9 * float(np.abs(self.iq).max())
            return np.full(
                across.size, np.mean(np.diff(across) ** 2) / 2 + rounding**2 + np.finfo(float).tiny
            )
        variance = compute_variance_along(1j * axis, self.sigma, self.covariance)
        # That of a single point is uncertain with few shots; across the axis it is the same for all.
        return np.full_like(variance, variance.mean()) if self.from_shots else variance


@dataclass(frozen=True, slots=True)
class Reference:
    """Readout reference of a state: mean, and its covariance, shape (2, 2), 0 for a single reading."""

    mean: complex
    covariance: Floats

    @classmethod
    def from_readings(cls, name: str, readings: ArrayLike) -> Reference:
        values = validate_complex(name, np.ravel(readings))
        if not values.size:
            raise ValueError(f"{name} is empty: give a reading, or several")
        return cls(
            complex(values.mean()),
            compute_covariance_of_mean(values) if values.size > 1 else np.zeros((2, 2)),
        )

    def compute_error(self, direction: complex) -> float:
        """Return the standard error of the mean along a direction of any length."""
        unit = np.array([direction.real, direction.imag]) / abs(direction)
        return float(np.sqrt(unit @ self.covariance @ unit))


def _require_length(size: int, at_least: int) -> None:
    if size < at_least:
        raise ValueError(f"iq is too short: {size} points, at least {at_least} are needed")


def _validate_noise(sigma: ArrayLike, covariance: ArrayLike | None, size: int) -> tuple[Complexes, Floats]:
    """Return the standard errors of I and Q as one complex number each, and their covariance."""
    given = np.asarray(sigma)
    if np.iscomplexobj(given):
        quadratures = np.broadcast_to(given, size) if given.ndim == 0 else validate_complex("sigma", given)
        i_sigma, q_sigma = (validate_sigma(part, size) for part in (quadratures.real, quadratures.imag))
    else:
        i_sigma = q_sigma = validate_sigma(given, size)
    shared = np.zeros(size) if covariance is None else np.broadcast_to(np.asarray(covariance), size)
    checked = validate_real("covariance", shared)
    if fault := find_covariance_fault(i_sigma, q_sigma, checked):
        raise ValueError(fault)
    return i_sigma + 1j * q_sigma, checked

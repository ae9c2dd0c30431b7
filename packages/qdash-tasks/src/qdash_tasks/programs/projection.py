"""From points in the IQ plane to a real signal, its noise, and a fit whose weights do not follow that noise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.trace import Trace

    Floats = NDArray[np.float64]

CALLS = "calls"
"""Attribute of raw data: how many calls to the laboratory they took."""

_SIGNIFICANT = 5.0
_SMOOTHED = 5
_BLOCKS = (1, 4)


@dataclass(frozen=True, slots=True)
class Noise:
    """How the variance of a point depends on its signal: ``a y^2 + b y + c``.

    Shots of a mixture of two states have a variance that is quadratic in their mean, whatever the states are. The
    variance that a single point shows of itself is no weight: with few shots a point that came out low by chance also
    scatters little, weighs more, and pulls the fit (16 shots: T1 7 % short).

    Attributes
    ----------
    coefficients
        a, b, c for y in units of `scale`.
    lowest, highest
        Smallest and largest variance that was seen; the law is not trusted beyond.
    """

    coefficients: Floats
    scale: float
    lowest: float
    highest: float

    @classmethod
    def seen_in(cls, y: Floats, variance: Floats) -> Noise:
        """Fit the law to the points of all traces of one readout, each of shape (n,)."""
        scale = float(np.ptp(y)) or 1.0
        coefficients = np.linalg.lstsq(np.vander(y / scale, 3), variance, rcond=None)[0]
        return cls(
            np.asarray(coefficients, dtype=np.float64), scale, float(variance.min()), float(variance.max())
        )

    def sigma(self, y: Floats) -> Floats:
        """Standard error of points whose true signal is `y`."""
        a, b, c = self.coefficients
        scaled = np.asarray(y) / self.scale
        variance = (a * scaled + b) * scaled + c
        return np.asarray(np.sqrt(np.minimum(np.maximum(variance, self.lowest), self.highest)))


@dataclass(frozen=True)
class Signal:
    """A real trace: sweep and signal, each of shape (n,), and the noise of a point.

    `sigma` is the noise at the mean of a few neighbouring points: a first guess, good enough to search with and to draw.
    `fit_signal` takes the noise at the fitted curve.
    """

    x: Floats
    y: Floats
    noise: Noise

    @cached_property
    def sigma(self) -> Floats:
        """1-sigma noise of each point, shape (n,)."""
        window = np.ones(min(_SMOOTHED, self.y.size))
        near = np.convolve(self.y, window, "same") / np.convolve(np.ones_like(self.y), window, "same")
        return self.noise.sigma(near)


def fit_signal(fit: Callable[..., FitResult], signal: Signal) -> FitResult:
    """Fit, then fit again with the noise that the first curve implies: iteratively reweighted least squares, one step."""
    first = fit(signal.x, signal.y, sigma=signal.sigma)
    if not first.success:
        return first
    again = fit(signal.x, signal.y, sigma=signal.noise.sigma(first.predict(signal.x)))
    return again if again.success else first


def signals(raw: RawData, names: tuple[str, ...], *, x_name: str) -> tuple[Signal, ...]:
    """Project the named sweeps of `raw`, all of one call, onto the one axis along which they vary most.

    Raises
    ------
    AnalysisError
        If they vary no more than their shots scatter: see `require_contrast`.
    """
    iq = [np.asarray(raw[f"{name}_iq"], dtype=np.complex128) for name in names]
    axis = main_axis(np.concatenate(iq))
    centre = np.concatenate(iq).mean()
    ys = [((points - centre) * np.conj(axis)).real for points in iq]
    variances = [along(axis, raw[f"{name}_sigma"], raw[f"{name}_covariance"]) for name in names]
    noise = Noise.seen_in(np.concatenate(ys), np.concatenate(variances))
    found = tuple(
        Signal(np.asarray(raw[f"{name}_{x_name}"], dtype=np.float64), y, noise)
        for name, y in zip(names, ys, strict=True)
    )
    require_contrast(*found)
    return found


def signals_apart(raw: RawData, names: tuple[str, ...], *, x_name: str) -> tuple[Signal, ...]:
    """Project the named sweeps, of several calls, each onto its own axis: the IQ plane may have turned between two calls.

    Which way a signal points is another matter of chance for each. Raw data of before the number of calls was kept were
    projected onto one axis, and are still. Raises as `signals`, where none varies.
    """
    if CALLS not in raw.attributes:
        return signals(raw, names, x_name=x_name)
    found = tuple(_projected(raw, name, x_name) for name in names)
    require_contrast(*found)
    return found


def _projected(raw: RawData, name: str, x_name: str) -> Signal:
    iq = np.asarray(raw[f"{name}_iq"], dtype=np.complex128)
    axis = main_axis(iq)
    y = ((iq - iq.mean()) * np.conj(axis)).real
    variance = along(axis, raw[f"{name}_sigma"], raw[f"{name}_covariance"])
    return Signal(np.asarray(raw[f"{name}_{x_name}"], dtype=np.float64), y, Noise.seen_in(y, variance))


def signal_of(trace: Trace) -> Signal:
    """Project one trace onto the axis along which it varies most. Raises as `signals`."""
    axis = main_axis(trace.iq)
    y = ((trace.iq - trace.iq.mean()) * np.conj(axis)).real
    found = Signal(trace.x, y, Noise.seen_in(y, along(axis, trace.sigma, trace.covariance)))
    require_contrast(found)
    return found


def found_in(trace: Trace, fit: Callable[..., FitResult]) -> FitResult | None:
    """Fit one trace as it was measured, to choose the next sweep by it; None: it does not show the effect."""
    try:
        signal = signal_of(trace)
    except AnalysisError:
        return None
    found = fit(signal.x, signal.y, sigma=signal.sigma)
    return found if found.success else None


def require_contrast(*found: Signal) -> None:
    """Raise `AnalysisError` unless the signal varies more than the shots scatter.

    Point by point, which shows fast oscillations, and in means of a few neighbours, which show a slow decay in few shots.
    """
    if not any(_varies(found, size) for size in _BLOCKS):
        raise AnalysisError(
            "the signal does not change beyond the scatter of its shots: the readout does not tell 0 from 1, "
            "the drive does not reach the qubit, or the shots are too few"
        )


def _varies(found: tuple[Signal, ...], size: int) -> bool:
    """Whether means of `size` neighbours differ beyond chance.

    Under noise alone chi² about the mean is n - 1 with a standard deviation of sqrt(2 (n - 1)); the choice of the axis
    adds about as much again, so five of these are beyond chance.
    """
    starts = [np.arange(0, signal.y.size, size) for signal in found]
    weights = [signal.sigma**-2 for signal in found]
    pairs = list(zip(found, weights, starts, strict=True))
    summed = np.concatenate([np.add.reduceat(weight, start) for _, weight, start in pairs])
    means = np.concatenate([np.add.reduceat(weight * s.y, start) for s, weight, start in pairs]) / summed
    chi2 = float(summed @ (means - (summed @ means) / summed.sum()) ** 2)
    freedom = max(means.size - 1, 1)
    return bool(chi2 > freedom + 1.5 * _SIGNIFICANT * np.sqrt(2 * freedom))


def per_quadrature(sigma: NDArray[np.complex128]) -> Floats:
    """Return the noise of one quadrature where both are taken alike: the root mean square of those of I and Q."""
    return np.asarray(np.abs(sigma) / np.sqrt(2))


def main_axis(iq: NDArray[np.complex128]) -> complex:
    """Unit vector of the largest variance: half the phase of the mean squared deviation."""
    squared = np.mean((iq - iq.mean()) ** 2)
    return complex(np.exp(0.5j * np.angle(squared)))


def along(axis: complex, sigma: NDArray[np.complex128], covariance: Floats) -> Floats:
    """Variance of the means along `axis`, from the standard errors of I and Q and their covariance."""
    c, s = axis.real, axis.imag
    variance = (c * sigma.real) ** 2 + (s * sigma.imag) ** 2 + 2 * c * s * covariance
    return np.asarray(np.maximum(variance, 1e-30))

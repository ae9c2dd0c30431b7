"""From points in the IQ plane to a real signal with its noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_core.tasks.base import RawData
    from qdash_fake.trace import Trace

    Floats = NDArray[np.float64]

_SIGNIFICANT = 5.0


@dataclass(frozen=True, slots=True)
class Signal:
    """A real trace: sweep, signal and its 1-sigma noise, each of shape (n,)."""

    x: Floats
    y: Floats
    sigma: Floats


def signals(raw: RawData, names: tuple[str, ...], *, x_name: str) -> tuple[Signal, ...]:
    """Project the named sweeps of `raw` onto the one axis along which they vary most.

    Raises
    ------
    AnalysisError
        If they vary no more than their shots scatter: see `require_contrast`.
    """
    iq = [np.asarray(raw[f"{name}_iq"], dtype=np.complex128) for name in names]
    axis = _main_axis(np.concatenate(iq))
    centre = np.concatenate(iq).mean()
    found = tuple(
        Signal(
            np.asarray(raw[f"{name}_{x_name}"], dtype=np.float64),
            ((points - centre) * np.conj(axis)).real,
            _along(axis, raw[f"{name}_sigma"], raw[f"{name}_covariance"]),
        )
        for name, points in zip(names, iq, strict=True)
    )
    require_contrast(*found)
    return found


def signal_of(trace: Trace) -> Signal:
    """Project one trace onto the axis along which it varies most. Raises as `signals`."""
    axis = _main_axis(trace.iq)
    centred = (trace.iq - trace.iq.mean()) * np.conj(axis)
    found = Signal(trace.x, centred.real, _along(axis, trace.sigma, trace.covariance))
    require_contrast(found)
    return found


def require_contrast(*found: Signal) -> None:
    """Raise `AnalysisError` unless the signal varies more than the shots scatter.

    Under noise alone chi² about the mean is n - 1 with a standard deviation of sqrt(2 (n - 1)); the choice of the axis
    adds about as much again, so five of these are beyond chance.
    """
    y, sigma = np.concatenate([s.y for s in found]), np.concatenate([s.sigma for s in found])
    weights = sigma**-2
    chi2 = float(np.sum(((y - np.average(y, weights=weights)) / sigma) ** 2))
    freedom = max(y.size - 1, 1)
    if chi2 < freedom + 1.5 * _SIGNIFICANT * np.sqrt(2 * freedom):
        raise AnalysisError(
            "the signal does not change beyond the scatter of its shots: the readout does not tell 0 from 1, "
            "or the drive does not reach the qubit"
        )


def _main_axis(iq: NDArray[np.complex128]) -> complex:
    """Unit vector of the largest variance: half the phase of the mean squared deviation."""
    squared = np.mean((iq - iq.mean()) ** 2)
    return complex(np.exp(0.5j * np.angle(squared)))


def _along(axis: complex, sigma: NDArray[np.complex128], covariance: Floats) -> Floats:
    """Standard error along `axis`, from those of I and Q and their covariance."""
    c, s = axis.real, axis.imag
    variance = (c * sigma.real) ** 2 + (s * sigma.imag) ** 2 + 2 * c * s * covariance
    return np.asarray(np.sqrt(np.maximum(variance, 1e-30)))

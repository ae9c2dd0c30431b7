"""Projection of IQ points onto a real signal with its noise, and fits with smoothed weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import project
from qdash_analysis.iq_noise import ReadoutNoise
from qdash_analysis.projection import UNCHANGED, varies
from qdash_core.errors import AnalysisError, NoSignalError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.trace import Trace

    Floats = NDArray[np.float64]

CALLS = "calls"
"""Attribute of raw data: number of laboratory calls."""

_PARTS = ("iq", "sigma", "covariance")


@dataclass(frozen=True)
class Signal:
    """Real-valued trace: sweep and signal, each of shape (n,), and the noise of a point.

    `sigma`, the noise at the mean of a few neighbours, suits searches and figures; `fit_signal` uses that at the fitted
    curve.
    """

    x: Floats
    y: Floats
    noise: ReadoutNoise

    @cached_property
    def sigma(self) -> Floats:
        """1-sigma noise of each point, shape (n,)."""
        return self.noise.sigma_near(self.y)


def fit_signal(fit: Callable[..., FitResult], signal: Signal) -> FitResult:
    """Fit, then fit again with the noise at the first curve (iteratively reweighted least squares)."""
    first = fit(signal.x, signal.y, sigma=signal.sigma)
    if not first.success:
        return first
    again = fit(signal.x, signal.y, sigma=signal.noise.sigma(first.predict(signal.x)))
    return again if again.success else first


def project_signals(raw: RawData, names: tuple[str, ...], *, x_name: str) -> tuple[Signal, ...]:
    """Project the named sweeps of one call onto their common axis of largest variation; raise as `require_contrast`."""
    sizes = [raw[f"{name}_iq"].size for name in names]
    y, noise = _project_points(
        *(np.concatenate([raw[f"{name}_{part}"] for name in names]) for part in _PARTS)
    )
    ys = np.split(y, np.cumsum(sizes)[:-1])
    found = tuple(_make_signal(raw, name, x_name, one, noise) for name, one in zip(names, ys, strict=True))
    require_contrast(*found)
    return found


def project_signals_separately(raw: RawData, names: tuple[str, ...], *, x_name: str) -> tuple[Signal, ...]:
    """Project the named sweeps of several calls, each onto its own axis.

    The IQ plane may rotate between calls; each sign is arbitrary. Older raw data without the number of calls are
    projected onto one axis. Raises as `project_signals` if none varies.
    """
    if CALLS not in raw.attributes:
        return project_signals(raw, names, x_name=x_name)
    found = tuple(
        _make_signal(raw, name, x_name, *_project_points(*(raw[f"{name}_{part}"] for part in _PARTS)))
        for name in names
    )
    require_contrast(*found)
    return found


def project_trace(trace: Trace) -> Signal:
    """Project one trace onto its axis of largest variation. Raises as `project_signals`."""
    found = Signal(trace.x, *_project_points(trace.iq, trace.sigma, trace.covariance))
    require_contrast(found)
    return found


def _project_points(
    iq: NDArray[Any], sigma: NDArray[Any], covariance: NDArray[Any]
) -> tuple[Floats, ReadoutNoise]:
    """Return the projected signal, (n,), and its noise model."""
    found = project(iq, sigma=sigma, covariance=covariance)
    assert found.sigma is not None
    return found.y, ReadoutNoise.from_points(found.y, found.sigma**2)


def _make_signal(raw: RawData, name: str, x_name: str, y: Floats, noise: ReadoutNoise) -> Signal:
    return Signal(np.asarray(raw[f"{name}_{x_name}"], dtype=np.float64), y, noise)


def fit_trace(trace: Trace, fit: Callable[..., FitResult]) -> FitResult | None:
    """Fit one trace to choose the next sweep; return None if it does not show the effect."""
    try:
        signal = project_trace(trace)
    except AnalysisError:
        return None
    found = fit(signal.x, signal.y, sigma=signal.sigma)
    return found if found.success else None


def require_contrast(*found: Signal) -> None:
    """Raise `NoSignalError` unless the signal varies by more than its noise (`qdash_analysis.projection.varies`)."""
    if not varies(*((signal.y, signal.sigma) for signal in found)):
        raise NoSignalError(UNCHANGED)


def average_quadratures(sigma: NDArray[np.complex128]) -> Floats:
    """Return the noise of one quadrature: the root mean square of those of I and Q."""
    return np.asarray(np.abs(sigma) / np.sqrt(2))

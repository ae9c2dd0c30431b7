"""Finds an oscillation in a trace: the common ground of Rabi and Ramsey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.envelope import Envelope
from qdash_analysis.leastsq import Solution, scan, solve
from qdash_analysis.result import NoEffect

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats, Trace

AT_LEAST = 8
_FEWEST_PERIODS = 0.75
_FREQUENCY_UNDETERMINED = 0.25
_TAU = 2 * np.pi
_DECAYS = np.log([0.1, 0.3, 1.0, 5.0])


@dataclass(frozen=True, slots=True)
class OscillationBasis:
    """Basis (envelope cos, envelope sin, 1) for theta = (periods in the window, *envelope's).

    Without an envelope the oscillation is steady.
    """

    start: float
    span: float
    envelope: Envelope | None

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; see `qdash_analysis.leastsq.Basis`."""
        wave = np.exp((1j * _TAU) * theta[..., :1] * ((x - self.start) / self.span))
        if self.envelope is not None:
            wave = wave * self.envelope(x, theta)
        return np.stack([wave.real, wave.imag, np.ones(wave.shape)], axis=-1)


def decaying(envelope: Envelope) -> OscillationBasis:
    """Oscillation within `envelope`."""
    return OscillationBasis(envelope.start, envelope.span, envelope)


def fit_decaying(trace: Trace) -> Solution:
    """Fit an exponentially decaying oscillation from a blind start; theta = (periods, log(T / span))."""
    basis = decaying(Envelope(float(trace.x[0]), trace.span))
    periods = np.concatenate([np.array([0.5, 0.75, 1.0, 1.4, 2.0]), _spectral_peaks(trace)])
    grid = np.stack([np.repeat(periods, _DECAYS.size), np.tile(_DECAYS, periods.size)], axis=1)
    return solve(basis, trace, grid[scan(basis, trace, grid).argmin()])


def fit_steady(trace: Trace, periods: float) -> Solution:
    """Fit an oscillation that does not decay, from a known number of `periods`; theta = (periods,)."""
    return solve(OscillationBasis(float(trace.x[0]), trace.span, None), trace, np.array([periods]))


def _spectral_peaks(trace: Trace) -> Floats:
    """Periods in the window at the three highest peaks of the periodogram, up to the Nyquist frequency."""
    signal = (trace.y - trace.y.mean()) / trace.sigma
    highest = 0.5 * trace.span / trace.step
    periods = np.arange(0.5, highest, 0.25)
    if np.allclose(np.diff(trace.x), trace.step, rtol=1e-3):
        length = 4 * (trace.x.size - 1)
        power = np.abs(np.fft.rfft(signal, length))[2 : 2 + periods.size]
    else:
        phases = np.outer(periods, (trace.x - trace.x[0]) / trace.span)
        power = np.abs(np.exp((1j * _TAU) * phases) @ signal)
    peak = np.ones(power.size, dtype=bool)
    peak[1:] &= power[1:] >= power[:-1]
    peak[:-1] &= power[:-1] > power[1:]
    found = np.flatnonzero(peak)
    return periods[found[np.argsort(power[found])[-3:]]]


def require_periods(trace: Trace, periods: float, error: float, *, effect: str) -> None:
    """Raise `NoEffect` unless the window holds enough of the oscillation, and not too much, to know its frequency."""
    if periods < _FEWEST_PERIODS:
        raise NoEffect(
            f"less than the needed part of a period: {effect} needs {_FEWEST_PERIODS}, the window holds {periods:.2f}"
        )
    if error > _FREQUENCY_UNDETERMINED * periods:
        raise NoEffect(
            f"{effect} frequency not determined: {periods:.2g} +- {error:.2g} periods in the window"
        )
    if periods >= 0.5 * trace.span / trace.step:
        raise NoEffect(f"{effect} faster than the sampling: fewer than two points in a period")


def trials(trace: Trace) -> float:
    """Independent frequencies and decays at which an oscillation is looked for."""
    return trace.x.size

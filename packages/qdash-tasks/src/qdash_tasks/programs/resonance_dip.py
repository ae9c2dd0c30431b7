"""Detection of a resonance in the transmission of a feed line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.trace import Trace

    Floats = NDArray[np.float64]
    Points = NDArray[np.complex128]

_SIGNIFICANT = 6.0
_LEAST_SHARE, _SURELY = 0.2, 8.0
_VALLEY_SHARE, _SURE_VALLEY = 0.1, 5.0
"""Drop of the depth between two resonances: share of the transmission, and in units of the noise."""
_EXCESS = 1.25
"""Least scatter of neighbours, in units of the stated noise, that replaces it."""
_RAYLEIGH = 1.1774
"""Median of the magnitude of complex noise, in units of the standard deviation of a quadrature."""
_BASELINE_POINTS = 61
_SLOW_POINTS = 11
"""Points in time over which an offset of the IQ plane is taken to change little."""
_SIZES = (3, 5, 9, 15, 25, 41)


def include_scatter(iq: Points, sigma: Floats) -> Floats:
    """Return the noise of each quadrature of a scan: as stated, or the scatter of neighbouring points if that is larger."""
    return np.maximum(sigma, _measure_excess_scatter(iq, sigma))


def _measure_excess_scatter(iq: Points, sigma: Floats) -> float:
    """Return the scatter of neighbouring points in each quadrature; 0 if it does not exceed the stated noise.

    In a random order a signal that changes with time scatters the points. A line bends few second differences much, or
    many little, so their median is the scatter.
    """
    straight = remove_delay(iq)
    bends = np.abs(straight[2:] - 2 * straight[1:-1] + straight[:-2])
    scatter = float(np.median(bends)) / (_RAYLEIGH * np.sqrt(6)) if bends.size else 0.0
    return scatter if scatter > _EXCESS * np.median(sigma) else 0.0


def find_dip(trace: Trace) -> tuple[float, float] | None:
    """Find the resonance in a wide scan; return its centre and rough width (GHz), or None.

    The mean rotation from point to point is that of the cable delay; a deviation from the median is then the resonance.
    """
    straight = remove_delay(trace.iq)
    line = np.median(straight.real) + 1j * np.median(straight.imag)
    noise = _measure_noise(trace)
    excess = np.abs(straight - line) ** 2 / noise**2 / 2 - 1
    scores = [np.convolve(excess, np.ones(size), mode="same") / np.sqrt(size) for size in _SIZES]
    best = int(np.argmax([score.max() for score in scores]))
    place, size = int(scores[best].argmax()), _SIZES[best]
    # A phase slope that is not quite removed leaves a low plateau; a resonance stands far above it.
    if scores[best][place] < _SIGNIFICANT + 5 * np.median(np.abs(scores[best])):
        return None
    step = float(trace.x[1] - trace.x[0])
    return float(trace.x[place]), size * step


def list_dips(trace: Trace) -> list[float]:
    """List the resonances (GHz) of a feed line in a wide scan.

    A resonance removes a fifth or more of the transmission around it, beyond the noise, and recovers before the next.
    """
    straight = remove_delay(trace.iq)
    baseline = _filter_median(straight)
    depth = np.abs(straight - baseline) / np.abs(baseline)
    noise = np.sqrt(2) * _measure_noise(trace) / np.abs(baseline)
    peaks = _find_peaks(
        depth,
        height=np.maximum(_LEAST_SHARE, _SURELY * noise),
        prominence=np.maximum(_VALLEY_SHARE, _SURE_VALLEY * noise),
    )
    return [float(trace.x[place]) for place in peaks]


def remove_slow_offset(trace: Trace) -> Trace:
    """Return a scan in random order without an offset of the IQ plane that changes slowly in time.

    Resonances must be a few points wide: neighbours in time are far apart in frequency, so the median of their
    distances from the transmission beside them is the offset, up to its mean. A scan that scatters no more than its
    noise stays.
    """
    if trace.order is None or not _measure_excess_scatter(trace.iq, _get_stated_noise(trace)):
        return trace
    turn = _compute_turn(trace.iq)
    off = trace.iq - _filter_median(trace.iq * turn.conj()) * turn
    slow = _filter_median(off[trace.order.argsort()], _SLOW_POINTS)
    return replace(trace, iq=trace.iq - slow[trace.order])


def _measure_noise(trace: Trace) -> Floats:
    """Return the noise of a quadrature of each point."""
    return include_scatter(trace.iq, _get_stated_noise(trace))


def _get_stated_noise(trace: Trace) -> Floats:
    """Return the stated noise of a quadrature of each point."""
    return np.asarray(np.abs(trace.sigma) / np.sqrt(2))


def _find_peaks(depth: Floats, *, height: Floats, prominence: Floats) -> list[int]:
    """Return the maxima of this height and prominence as `scipy.signal.find_peaks`, whose import takes long, does.

    A maximum at the border has no recovery on one side.
    """
    padded, found = np.pad(depth, 1), []
    for place in np.flatnonzero((depth > padded[:-2]) & (depth >= padded[2:]) & (depth >= height)):
        higher = np.flatnonzero(padded > depth[place])
        first = higher[higher < place + 1].max(initial=0)
        last = higher[higher > place + 1].min(initial=padded.size)
        valley = max(padded[first : place + 1].min(), padded[place + 1 : last].min())
        if depth[place] - valley >= prominence[place]:
            found.append(int(place))
    return found


def _filter_median(points: Points, most: int = _BASELINE_POINTS) -> Points:
    """Return the running median over so many points; over the usual number it follows standing waves and not resonances."""
    from scipy.ndimage import median_filter

    size = min(most, points.size)
    both = (median_filter(part, size=size, mode="nearest") for part in (points.real, points.imag))
    real, imaginary = both
    return np.asarray(real + 1j * imaginary)


def remove_delay(iq: Points) -> Points:
    """Return a scan without the rotation of the phase by the cable."""
    return np.asarray(iq * _compute_turn(iq).conj())


def _compute_turn(iq: Points) -> Points:
    """Return the rotation of the phase by the cable, as factors of magnitude one."""
    steps = _compute_phase_steps(iq)
    turn = np.angle(np.median(steps.real) + 1j * np.median(steps.imag))
    return np.asarray(np.exp(1j * turn * np.arange(iq.size)))


def _compute_phase_steps(iq: Points) -> Points:
    return np.asarray(iq[1:] * np.conj(iq[:-1]) / np.abs(iq[1:] * iq[:-1]))

"""Detection of a resonance in the transmission of a feed line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from qdash_tasks.laboratory.trace import Trace

_SIGNIFICANT = 6.0
_SIZES = (3, 5, 9, 15, 25, 41)


def find_dip(trace: Trace) -> tuple[float, float] | None:
    """Find the resonance in a wide scan; return its centre and rough width (GHz), or None.

    The cable delay rotates the phase along the sweep. The mean rotation from point to point measures it,
    because a resonance adds at most a whole circle; a deviation from the median is then the resonance.
    """
    count = trace.x.size
    turn = np.angle(
        np.median(_compute_phase_steps(trace.iq).real) + 1j * np.median(_compute_phase_steps(trace.iq).imag)
    )
    straight = trace.iq * np.exp(-1j * turn * np.arange(count))
    line = np.median(straight.real) + 1j * np.median(straight.imag)
    noise = np.abs(trace.sigma) / np.sqrt(2)
    excess = np.abs(straight - line) ** 2 / noise**2 / 2 - 1
    scores = [np.convolve(excess, np.ones(size), mode="same") / np.sqrt(size) for size in _SIZES]
    best = int(np.argmax([score.max() for score in scores]))
    place, size = int(scores[best].argmax()), _SIZES[best]
    # A phase slope that is not quite removed leaves a low plateau; a resonance stands far above it.
    if scores[best][place] < _SIGNIFICANT + 5 * np.median(np.abs(scores[best])):
        return None
    step = float(trace.x[1] - trace.x[0])
    return float(trace.x[place]), size * step


def _compute_phase_steps(
    iq: np.ndarray[tuple[int], np.dtype[np.complex128]],
) -> np.ndarray[tuple[int], np.dtype[np.complex128]]:
    return np.asarray(iq[1:] * np.conj(iq[:-1]) / np.abs(iq[1:] * iq[:-1]))

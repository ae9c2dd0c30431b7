"""Random sequences that contradict the others of their length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_analysis.inputs import Floats, Trace

    Places = NDArray[np.intp]

_GROSS = 6.0
"""Least distance from the other sequences in units of their scatter. Coherent errors scatter with long tails."""
_FEWEST = 4


def find_stray_sequences(points: Trace) -> Floats:
    """Return the distance of each stray sequence from the mean of the others of its length, shape ``(n,)``.

    It is zero for all others. At most one sequence of each length can be stray. The scatter of its length is the
    largest of the known noise, that of the other sequences, and the median of that with those of the two nearest
    lengths, since the scatter of few sequences may be small by chance. Lengths of fewer than four sequences show none.

    Parameters
    ----------
    points
        One point per sequence, sorted by length.
    """
    distances = np.zeros(points.x.size)
    start = np.flatnonzero(np.diff(points.x, prepend=-1.0))
    count = np.diff(start, append=points.x.size)
    if count.min() < _FEWEST or start.size < 3:
        return distances
    suspect, distance, scatter = _examine_lengths(points.y, start, count)
    nearest = np.clip(np.arange(start.size), 1, start.size - 2)[:, None] + np.array([-1, 0, 1])
    typical = np.maximum(np.median(scatter[nearest], axis=1), scatter)
    if points.sigma_known:
        typical = np.maximum(typical, points.sigma[suspect])
    stray = np.abs(distance) > _GROSS * typical
    distances[suspect[stray]] = distance[stray]
    return distances


def _examine_lengths(y: Floats, start: Places, count: Places) -> tuple[Places, Floats, Floats]:
    """Return the most distant sequence of each length, its distance from the others, and their scatter."""
    place = np.repeat(np.arange(start.size), count)
    deviation = y - (np.add.reduceat(y, start) / count)[place]
    suspect = np.lexsort((np.abs(deviation), place))[start + count - 1]
    distance = deviation[suspect] * count / (count - 1)
    squares = np.add.reduceat(deviation**2, start) - deviation[suspect] * distance
    return suspect, distance, np.sqrt(np.maximum(squares, 0.0) / (count - 2))

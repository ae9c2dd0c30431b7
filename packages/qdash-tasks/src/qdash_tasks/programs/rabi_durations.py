"""Pulse lengths of Rabi oscillations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.requests.drive import round_pulses_ns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.port import Laboratory

    Floats = NDArray[np.float64]

FEWEST_POINTS = 8

# Five periods at the standard Rabi frequency with ten points each: oscillations of up to 62 MHz are still
# sampled.
DURATIONS_NS = np.arange(0.0, 404.0, 8.0)
# The search must not mistake an alias for a slow oscillation, so its points lie off any grid: up to 3 ns,
# chosen at random.
_OFF_GRID_NS = np.array(
    [0, 1, -3, 2, 0, -2, 3, -1, 1, 3, -2, -3, 2, -1, 0, 3, -3, 1, -2, 2, 3, -1, -3, 0, 1, 2], dtype=float
)
SEARCH_NS = DURATIONS_NS + np.concatenate([_OFF_GRID_NS, -_OFF_GRID_NS[:0:-1]])


def round_durations(laboratory: Laboratory, qid: str, durations_ns: Floats) -> Floats:
    """Return distinct pulse lengths that the line can play, which include a requested zero."""
    return np.unique(round_pulses_ns(laboratory.limits, durations_ns, qid))

"""Dips of transmission."""

from __future__ import annotations

import numpy as np

from qdash_tasks.programs.resonance_dip import _find_peaks


def test_maxima_are_those_that_scipy_finds() -> None:
    from scipy.signal import find_peaks  # half a second

    drawing = np.random.default_rng(1)
    for _ in range(100):
        depth = drawing.normal(size=40).cumsum() ** 2
        height, prominence = (drawing.uniform(0, 8, size=40) for _ in range(2))
        found, _ = find_peaks(np.pad(depth, 1), height=np.pad(height, 1), prominence=np.pad(prominence, 1))
        assert _find_peaks(depth, height=height, prominence=prominence) == list(found - 1)

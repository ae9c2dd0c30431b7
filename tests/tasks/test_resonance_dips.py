"""Dips of transmission."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qdash_tasks.laboratory.trace import Trace
from qdash_tasks.programs.resonance_dip import _find_peaks, list_dips, remove_slow_offset

from ..case_tables import each_case


def test_maxima_are_those_that_scipy_finds() -> None:
    from scipy.signal import find_peaks  # half a second

    drawing = np.random.default_rng(1)
    for _ in range(100):
        depth = drawing.normal(size=40).cumsum() ** 2
        height, prominence = (drawing.uniform(0, 8, size=40) for _ in range(2))
        found, _ = find_peaks(np.pad(depth, 1), height=np.pad(height, 1), prominence=np.pad(prominence, 1))
        assert _find_peaks(depth, height=height, prominence=prominence) == list(found - 1)


def make_scan(cycles: float) -> Trace:
    """Return a shuffled scan of a line with a resonance at 6.07 GHz beside an offset that turns, and noise of 1 %."""
    drawing = np.random.default_rng(2)
    x = np.linspace(5.85, 6.15, 301)
    order = drawing.permutation(x.size)
    line = (1 - 0.8 / (1 + 2j * (x - 6.07) / 0.002)) * np.exp(-2j * np.pi * 40 * x)
    offset = 0.25 * np.exp(2j * np.pi * cycles * order / x.size)
    noise = 0.01 * drawing.normal(size=(2, x.size)).T @ [1, 1j]
    sigma = np.full(x.size, 0.01 * (1 + 1j))
    return Trace(x, line + offset + noise, sigma, np.zeros(x.size), order=order)


@each_case("cycles", [0.3, 1.0, 4.0])
def test_a_resonance_is_found_beside_an_offset_that_turns_during_a_shuffled_scan(cycles: float) -> None:
    (place,) = list_dips(remove_slow_offset(make_scan(cycles)))
    assert abs(place - 6.07) < 0.002


def test_without_the_order_in_time_such_an_offset_is_noise() -> None:
    assert list_dips(remove_slow_offset(replace(make_scan(1.0), order=None))) == []

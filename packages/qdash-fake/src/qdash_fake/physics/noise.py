"""Noise as a function of time, independent of the order of access."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.streams import stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_SLOWEST_HZ, _FASTEST_HZ, _WAVES = 1e-6, 1.4e-4, 16
_TURNS_PER_S = np.geomspace(_SLOWEST_HZ, _FASTEST_HZ, _WAVES)

_MOST_SLOTS = 64
"""Number of cached slots of a telegraph signal: successive accesses are close in time."""


class Wander:
    """Smooth drifts of unit variance, as sums of sinusoids with periods from two hours to eleven days.

    Equal sizes at a constant ratio of periods make a power that falls with the inverse frequency, as that of many
    fluctuators.

    Each generator draws the phases of one course; `slower` is a factor on all periods.
    """

    def __init__(self, generators: Sequence[np.random.Generator], *, slower: float = 1.0) -> None:
        self._phases = np.array([generator.random(_WAVES) for generator in generators]) * 2 * np.pi
        self._turns_per_s = _TURNS_PER_S / slower

    def at(self, clock_s: float) -> Floats:
        """Return every drift at that time, shape (courses,)."""
        waves = np.sin(2 * np.pi * self._turns_per_s * clock_s + self._phases)
        return np.asarray(math.sqrt(2 / _WAVES) * waves.sum(axis=1))


class Telegraph:
    """Telegraph noise of a single fluctuator: +1 or -1, with random switching times.

    Time is cut into slots, half of the mean `dwell_s` in a state. At a random time in each the state is drawn anew: any
    time can be looked up without those before it.
    """

    def __init__(self, seed: int, *labels: str | int, dwell_s: float) -> None:
        self._seed, self._labels, self._slot_s = seed, labels, dwell_s / 2
        self._known: dict[int, tuple[float, int]] = {}

    def at(self, clock_s: float) -> int:
        """Return the state at that time."""
        slot = math.floor(clock_s / self._slot_s)
        drawn_s, state = self._draw_slot(slot)
        return state if clock_s >= drawn_s else self._draw_slot(slot - 1)[1]

    def _draw_slot(self, slot: int) -> tuple[float, int]:
        """Draw the switching time of a slot, and its state."""
        known = self._known.get(slot)
        if known is None:
            generator = stream(self._seed, *self._labels, slot)
            known = (slot + generator.random()) * self._slot_s, 1 if generator.random() < 0.5 else -1
            if len(self._known) >= _MOST_SLOTS:
                self._known.clear()
            self._known[slot] = known
        return known

"""Axis of a drawing: its range, the places of values on it, and its ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_pictures.drawing_text import read_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_MARGIN = 0.05
"""Fraction of the range of the data that stays free at both ends of an axis."""
_LONGEST_LABEL = 12
_MOST_TICKS = 20
_LEAST_PLAIN, _MOST_PLAIN = 1e-4, 1e6
"""Range of numbers that ticks show without an exponent."""
_LEAST, _MOST, _LAST_POWER = 1e-300, 1e300, 300
"""Range of numbers with which an axis computes; greater ones are outside."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Axis of a drawing.

    Ends are values, powers of ten of a logarithmic axis, or positions of names. The title has the unit; a `backwards`
    axis rises to the left or downwards.
    """

    low: float
    high: float
    title: str = ""
    log: bool = False
    backwards: bool = False
    names: Sequence[str] = ()

    def place(self, positions: Floats) -> Floats:
        """Return positions on the axis as fractions of its length."""
        fractions = (positions - self.low) / (self.high - self.low)
        return 1.0 - fractions if self.backwards else fractions

    def list_ticks(self, wanted: int) -> list[tuple[float, str]]:
        """Return about as many ticks, each as its fraction of the length and its label."""
        if self.names:
            ticks = self._name_ticks(wanted)
        elif self.log:
            ticks = self._power_ticks(wanted)
        else:
            ticks = self._number_ticks(wanted)
        places = self.place(np.array([position for position, _ in ticks], dtype=np.float64))
        return [
            (place, label if self.names else label.replace("-", "\N{MINUS SIGN}"))
            for place, (_, label) in zip(places.tolist(), ticks, strict=True)
            if 0 <= place <= 1
        ]

    def _name_ticks(self, wanted: int) -> list[tuple[float, str]]:
        step = max(1, -(-len(self.names) // max(wanted, 4)))
        return [
            (float(number), name[:_LONGEST_LABEL])
            for number, name in enumerate(self.names)
            if number % step == 0
        ]

    def _power_ticks(self, wanted: int) -> list[tuple[float, str]]:
        first, last = max(math.floor(self.low), -_LAST_POWER), min(math.ceil(self.high), _LAST_POWER)
        step = max(1, -(-(last - first) // wanted))
        within = 1 if self.high - self.low > 1.5 else 3
        found = [
            (power + math.log10(factor), factor * 10.0**power)
            for power in range(first, last + 1, step)
            for factor in (1, 2, 5)[:within]
        ]
        return [(position, f"{value:.6g}") for position, value in found[: 3 * _MOST_TICKS]]

    def _number_ticks(self, wanted: int) -> list[tuple[float, str]]:
        step = find_step((self.high - self.low) / wanted)
        first = math.ceil(self.low / step - 1e-9)
        numbers = [(first + number) * step for number in range(_MOST_TICKS)]
        shown = [value for value in numbers if value <= self.high + 1e-9 * step]
        size = max(abs(self.low), abs(self.high))
        if not _LEAST_PLAIN <= size < _MOST_PLAIN:
            return [(value, f"{value:.6g}") for value in shown]
        digits = min(max(0, -math.floor(math.log10(step) + 1e-9)), 9)
        return [(value, f"{value:.{digits}f}") for value in shown]


def find_step(least: float) -> float:
    """Return the smallest step of 1, 2 or 5 times a power of ten that is not below a number between 1e-300 and 1e300."""
    least = min(max(_LEAST, least), _MOST)
    power = 10.0 ** math.floor(math.log10(least))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= least * (1 - 1e-9)), 10 * power)


def make_axis(
    layout: Mapping[str, Any], positions: Iterable[Floats], *, names: Sequence[str] = (), margin: bool = True
) -> Axis | None:
    """Return an axis that shows all positions, or the range of its layout; None if no position is finite.

    Parameters
    ----------
    Positions are values, or powers of ten of a logarithmic axis; those that are not finite are ignored. A `margin`
    stays free at its ends.
    """
    every = np.concatenate([np.empty(0), *positions])
    every = np.clip(every[np.isfinite(every)], -_MOST, _MOST)
    if not every.size:
        return None
    low, high, backwards = _read_range(layout)
    if low is None or high is None:
        low, high = float(every.min()), float(every.max())
        free = _MARGIN * (high - low) if margin else 0.0
        low, high = low - free, high + free
        backwards = layout.get("autorange") == "reversed"
    if not high - low > max(_LEAST, 1e-12 * max(abs(low), abs(high))):
        half = 0.05 * abs(low) if abs(low) > _LEAST else 0.5
        low, high = low - half, high + half
    return Axis(low, high, read_title(layout.get("title")), layout.get("type") == "log", backwards, names)


def _read_range(layout: Mapping[str, Any]) -> tuple[float | None, float | None, bool]:
    ends = layout.get("range")
    if not isinstance(ends, list | tuple) or len(ends) != 2:
        return None, None, False
    if not all(isinstance(one, int | float) and abs(one) <= _MOST for one in ends):
        return None, None, False
    first, last = map(float, ends)
    return min(first, last), max(first, last), first > last

"""Time left of an operation of many items, from the pace at which they have ended, once it is known."""

from __future__ import annotations

from typing import NamedTuple

_BURST_S = 0.5
"""Items that end within this time count as one moment, in seconds: they may have run together."""
_SHORTEST_S = 1.0
"""Shortest time in which a pace is measured, in seconds."""
_AGREEMENT = 2.0
"""Largest ratio between the paces of two times that follow each other."""


class _Moment(NamedTuple):
    time_s: float
    done: int


class Pace:
    """Pace of an operation of many items.

    It is measured from the first moment on at which items ended, since that one includes preparations. It is known once two times that
    follow each other, the second one at least as long as all before it, have the same pace within a factor of two.
    """

    def __init__(self) -> None:
        self._opened_s: float | None = None
        # The pace is compared before and after `_middle`; `_mark` becomes the next one.
        self._begin = self._middle = self._mark = self._first = self._last = _Moment(0.0, 0)

    def record(self, time_s: float, done: int) -> None:
        """Record the number of items that have ended at a time in seconds; neither decreases."""
        self._last = now = _Moment(time_s, done)
        if self._opened_s is None:
            self._opened_s = time_s
        if time_s - self._opened_s <= _BURST_S:
            if self._mark is self._first:
                self._begin = self._middle = self._first = now
            self._mark = now
        elif time_s - self._first.time_s >= max(_SHORTEST_S, 2 * (self._mark.time_s - self._first.time_s)):
            self._begin, self._middle, self._mark, self._opened_s = self._middle, self._mark, now, time_s

    def estimate_left_s(self, remaining: int, now_s: float) -> float | None:
        """Return the time that the remaining items take, in seconds; None if it is unknown or has passed already."""
        if not remaining:
            return 0.0
        before, after = (
            _measure(self._begin, self._middle),
            _measure(self._middle, self._last),
        )
        if before is None or after is None or not 1 / _AGREEMENT <= before / after <= _AGREEMENT:
            return None
        each_s = _measure(self._begin, self._last)
        assert each_s is not None
        left_s = each_s * remaining - (now_s - self._last.time_s)
        return left_s if left_s > 0 else None


def _measure(begin: _Moment, end: _Moment) -> float | None:
    """Return the time of one item between two moments, in seconds, or None if none ended."""
    items = end.done - begin.done
    return (end.time_s - begin.time_s) / items if items else None

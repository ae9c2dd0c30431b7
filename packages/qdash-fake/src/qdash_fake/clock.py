"""The laboratory's clock: how much time a twin has seen, whoever measured."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

CLOCK = "clock_s"
"""Attribute of raw data: what the laboratory's clock showed when the last sweep began."""

_KEEP_EVERY_S = 60.0


class LaboratoryTime:
    """Seconds since the twin was made, as one session counts them. Safe for threads.

    Parameters
    ----------
    begun_s
        What the clock showed when the session was opened.
    keep
        Writes down what the clock shows; called once a minute of laboratory time and at `close`, so that a session that
        is killed loses less than a minute and one measurement.
    """

    def __init__(self, begun_s: float = 0.0, keep: Callable[[float], None] | None = None) -> None:
        self._begun_s = begun_s
        self._passed_s = 0.0
        self._kept_s = begun_s
        self._keep = keep
        self._lock = threading.Lock()

    @property
    def passed_s(self) -> float:
        """Time since the session was opened."""
        return self._passed_s

    def now_s(self) -> float:
        """Return the time since the twin was made."""
        return self._begun_s + self._passed_s

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self._passed_s += seconds
            if self.now_s() - self._kept_s >= _KEEP_EVERY_S:
                self._write()

    def close(self) -> None:
        """Write down what has passed."""
        with self._lock:
            if self.now_s() > self._kept_s:
                self._write()

    def _write(self) -> None:
        self._kept_s = self.now_s()
        if self._keep is not None:
            self._keep(self._kept_s)

"""The time of a simulated laboratory, in which what is measured on different targets runs side by side."""

from __future__ import annotations

import threading


class LaboratoryTime:
    """A clock for every target, all in seconds since the backend was connected. Safe for threads.

    A backend whose measurements cost no real time keeps one as `BaseBackend.clock`: it advances the clock of a
    target by what measuring it takes in a laboratory. The engine puts a target's clock to the time at which what it
    needs is free; so a run has the timeline that it would have there, although here one measurement follows the other.

    Parameters
    ----------
    begun_s : float
        What every clock shows at first.
    """

    def __init__(self, begun_s: float = 0.0) -> None:
        self.begun_s = begun_s
        self._clocks: dict[str, float] = {}
        self._latest_s = begun_s
        self._lock = threading.Lock()

    def now_s(self, target: str) -> float:
        """Return what the clock of a target (qubit, coupling, or empty for the whole chip) shows."""
        return self._clocks.get(target, self.begun_s)

    def place(self, target: str, time_s: float) -> None:
        """Let what is measured next on a target begin at this time."""
        with self._lock:
            self._clocks[target] = time_s

    def advance(self, target: str, seconds: float) -> None:
        """Let time pass on a target that is being measured."""
        with self._lock:
            self._clocks[target] = self.now_s(target) + seconds
            self._latest_s = max(self._latest_s, self._clocks[target])

    @property
    def latest_s(self) -> float:
        """The end of the last measurement."""
        return self._latest_s

    @property
    def passed_s(self) -> float:
        """Laboratory time since the backend was connected: until the end of the last measurement."""
        return self._latest_s - self.begun_s

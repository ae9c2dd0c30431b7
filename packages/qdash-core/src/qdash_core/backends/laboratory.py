"""Time of a simulated laboratory, with simultaneous measurements on different targets."""

from __future__ import annotations

import threading


class LaboratoryTime:
    """Clocks of all targets, in seconds since the backend was connected. Thread-safe.

    A backend whose measurements take no real time has one as `BaseBackend.clock`. It advances the clock of a target
    by the duration of a measurement in a laboratory. The engine sets the clock of a target to the time at which its
    resources are free. So a run has the timeline of a laboratory although its measurements are sequential. `begun_s`
    is the initial time of every clock.
    """

    def __init__(self, begun_s: float = 0.0) -> None:
        self.begun_s = begun_s
        self._clocks: dict[str, float] = {}
        self._latest_s = begun_s
        self._lock = threading.Lock()

    def now_s(self, target: str) -> float:
        """Return the clock time of a target (qubit, coupling, or empty for the whole chip)."""
        return self._clocks.get(target, self.begun_s)

    def place(self, target: str, time_s: float) -> None:
        """Set the start time of the next measurement on a target."""
        with self._lock:
            self._clocks[target] = time_s

    def advance(self, target: str, seconds: float) -> None:
        """Advance the clock of a target that is being measured."""
        with self._lock:
            self._clocks[target] = self.now_s(target) + seconds
            self._latest_s = max(self._latest_s, self._clocks[target])

    @property
    def latest_s(self) -> float:
        """End of the last measurement."""
        return self._latest_s

    @property
    def passed_s(self) -> float:
        """Laboratory time from the connection of the backend to the end of the last measurement."""
        return self._latest_s - self.begun_s

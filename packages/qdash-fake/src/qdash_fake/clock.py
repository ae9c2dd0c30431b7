"""Laboratory clock of a twin: total duration of all measurements."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from qdash_core.backends.laboratory import LaboratoryTime

if TYPE_CHECKING:
    from collections.abc import Callable

_KEEP_EVERY_S = 60.0


class TwinTime(LaboratoryTime):
    """Laboratory time of each target, in seconds since the twin was created. Thread-safe.

    It belongs to one session of the twin.

    `begun_s` is the time at the start of the session. `keep` stores that of the latest measurement, at `close` and
    whenever `every_s` of laboratory time have passed: a killed session loses no more than that and one measurement.
    """

    def __init__(
        self,
        begun_s: float = 0.0,
        keep: Callable[[float], None] | None = None,
        *,
        every_s: float = _KEEP_EVERY_S,
    ) -> None:
        super().__init__(begun_s)
        self._kept_s, self._every_s = begun_s, every_s
        self._keep = keep
        self._keeping = threading.Lock()

    def advance(self, target: str, seconds: float) -> None:
        """Advance the clock of a target under measurement."""
        super().advance(target, seconds)
        with self._keeping:
            if self.latest_s - self._kept_s >= self._every_s:
                self._write()

    def close(self) -> None:
        """Store the elapsed time."""
        with self._keeping:
            if self.latest_s > self._kept_s:
                self._write()

    def _write(self) -> None:
        self._kept_s = self.latest_s
        if self._keep is not None:
            self._keep(self._kept_s)

"""The laboratory's clock: how much time a twin has seen, whoever measured."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from qdash_core.backends.laboratory import LaboratoryTime

if TYPE_CHECKING:
    from collections.abc import Callable

_KEEP_EVERY_S = 60.0


class TwinTime(LaboratoryTime):
    """Seconds since the twin was made, as one session counts them for every target. Safe for threads.

    Parameters
    ----------
    begun_s
        What every clock showed when the session was opened.
    keep
        Writes down the time of the latest measurement; called once a minute of laboratory time and at `close`, so that a
        session that is killed loses less than a minute and one measurement.
    """

    def __init__(self, begun_s: float = 0.0, keep: Callable[[float], None] | None = None) -> None:
        super().__init__(begun_s)
        self._kept_s = begun_s
        self._keep = keep
        self._keeping = threading.Lock()

    def advance(self, target: str, seconds: float) -> None:
        """Let time pass on a target that is being measured."""
        super().advance(target, seconds)
        with self._keeping:
            if self.latest_s - self._kept_s >= _KEEP_EVERY_S:
                self._write()

    def close(self) -> None:
        """Write down what has passed."""
        with self._keeping:
            if self.latest_s > self._kept_s:
                self._write()

    def _write(self) -> None:
        self._kept_s = self.latest_s
        if self._keep is not None:
            self._keep(self._kept_s)

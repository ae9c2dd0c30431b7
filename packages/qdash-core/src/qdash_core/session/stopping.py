"""Whether a run is to stop, and why: asked to by somebody, or because it may not go on."""

from __future__ import annotations

import threading

from qdash_core.errors import LockedError, QDashError
from qdash_core.interrupts import interrupt


class Stopping:
    """Set from any thread; looked at between tasks, and by tasks as `context.cancelled`.

    Attributes
    ----------
    event : threading.Event
        Set: what runs is to stop, for whatever reason.
    cancelled : str or None
        The message with which the run is cancelled; None: nobody has asked for that.
    """

    def __init__(self) -> None:
        self.event = threading.Event()
        self.cancelled: str | None = None
        self._error: QDashError | None = None

    def cancel(self, message: str = "cancelled") -> None:
        """Cancel the run. The first message counts."""
        self.cancelled = self.cancelled or message
        self.event.set()

    def break_in(self, message: str) -> None:
        """Cancel the run, and cut short what its main thread waits for."""
        self.cancel(message)
        interrupt()

    def stop(self, error: QDashError) -> None:
        """Stop the run because it may not go on. The first error counts."""
        self._error = self._error or error
        self.event.set()

    def lose(self, reason: str) -> None:
        """Stop the run because it may not write any more, and cut short what its main thread waits for."""
        self.stop(LockedError(reason))
        interrupt()

    def raise_if_set(self) -> None:
        """Raise what ends the run, if anything has been asked for.

        Raises
        ------
        QDashError
            If it may not go on: `LockedError` where it may not write any more.
        KeyboardInterrupt
            If it is being cancelled.
        """
        if self._error is not None:
            raise self._error
        if self.cancelled is not None:
            raise KeyboardInterrupt(self.cancelled)

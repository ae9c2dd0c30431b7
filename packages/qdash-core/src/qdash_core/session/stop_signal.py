"""Stop signal of a run."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from qdash_core.errors import LockedError
from qdash_core.process.interrupts import interrupt

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.errors import QDashError


class StopSignal:
    """Signal that stops a run; any thread may set it. Tasks read it as `context.cancelled`.

    `obey` is called with every request to cancel, after it is recorded here, in the thread that passes it on: it
    interrupts or ends the run. `event` is set if the run must stop, for any reason. `cancelled` is the message of the
    cancel, or None; `requested` is True if another process or thread has requested it.
    """

    def __init__(self, obey: Callable[[], None] = interrupt) -> None:
        self.event = threading.Event()
        self.cancelled: str | None = None
        self.requested = False
        self._obey = obey
        self._error: QDashError | None = None

    def cancel(self, message: str = "cancelled") -> None:
        """Cancel the run. The first message stays."""
        self.cancelled = self.cancelled or message
        self.event.set()

    def request_cancel(self, message: str) -> None:
        """Cancel the run at the request of another process, without waiting for the present task."""
        self.cancel(message)
        self.requested = True
        self._obey()

    def fail(self, error: QDashError) -> None:
        """Stop the run with an error. The first error stays."""
        self._error = self._error or error
        self.event.set()

    def lose_lock(self, reason: str) -> None:
        """Stop the run because its instrument lock is lost, and interrupt the main thread."""
        self.fail(LockedError(reason))
        interrupt()

    def raise_if_set(self) -> None:
        """Raise the reason if the run must stop.

        Raises
        ------
        QDashError
            If the run has failed: `LockedError` if its instrument lock is lost.
        KeyboardInterrupt
            If the run is being cancelled.
        """
        if self._error is not None:
            raise self._error
        if self.cancelled is not None:
            raise KeyboardInterrupt(self.cancelled)

"""Outbox of one notifier with its delivery thread, so that a slow notifier delays no other."""

from __future__ import annotations

import logging
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING

from qdash_core.errors import QDashError

if TYPE_CHECKING:
    from qdash_core.hooks.notice import Notice
    from qdash_core.hooks.protocols import Notifier

logger = logging.getLogger(__name__)

PAUSES_S = (1.0, 3.0)
"""Pauses in seconds before the retries after one of a notifier's `transient_errors`."""


class Outbox:
    """Queue of the notices for one notifier, whose errors are contained here."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._waiting: SimpleQueue[Notice | None] = SimpleQueue()
        self._given_up = threading.Event()
        self._undelivered = 0
        self.error = ""
        """Reason of the last notice that was not delivered, or empty."""
        self._thread = threading.Thread(target=self._run, name=f"qdash-{notifier.name}", daemon=True)
        self._thread.start()

    def put(self, notice: Notice) -> None:
        """Add a notice."""
        self._undelivered += 1
        self._waiting.put(notice)

    def close(self) -> None:
        """Accept no more notices; the thread ends after the last delivery."""
        self._waiting.put(None)

    def wait(self, seconds: float) -> None:
        """Wait for a closed outbox; give up the notices that are not delivered within the given time."""
        self._thread.join(max(0.0, seconds))
        if self._thread.is_alive():
            self._given_up.set()
            self.error = "not delivered in time"
            logger.warning(
                "notifier %s has not delivered %d of its notices in time: given up",
                self._notifier.name,
                self._undelivered,
            )

    def _run(self) -> None:
        while (notice := self._waiting.get()) is not None and not self._given_up.is_set():
            self._deliver(notice)
            self._undelivered -= 1

    def _deliver(self, notice: Notice) -> None:
        for pause_s in (*PAUSES_S, None):
            try:
                self._notifier.notify(notice)
            except BaseException as error:  # noqa: BLE001  a plugin's code, in a thread that nobody interrupts
                again = pause_s is not None and isinstance(error, _get_transient_errors(self._notifier))
                if not again or self._given_up.wait(pause_s):
                    self.error = (
                        str(error) if isinstance(error, QDashError) else f"{type(error).__name__}: {error}"
                    )
                    logger.warning(
                        "notifier %s did not deliver %r: %s", self._notifier.name, notice.title, self.error
                    )
                    return
            else:
                return


def _get_transient_errors(notifier: Notifier) -> tuple[type[BaseException], ...]:
    named = getattr(notifier, "transient_errors", ())
    return tuple(error for error in named if isinstance(error, type) and issubclass(error, BaseException))

"""Heartbeats of this process: its mark in the store, renewed by a thread."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from qdash_core.locks.liveness import get_process_start, identify_pid_space
from qdash_core.models.process_marks import ProcessMark

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

logger = logging.getLogger(__name__)

LOOK_S = 0.5
"""Time between reads of the store, in seconds: a cancelled run has to stop within two."""

MarkT = TypeVar("MarkT", bound=ProcessMark)


def make_process_mark(owner: str, *, ttl_s: float, now: datetime) -> ProcessMark:
    """Return a new mark of this process, with a lifetime of `ttl_s` seconds without renewal.

    `owner` is a new id every time. While it is not in `liveness.held_here`, this process regards the mark as left
    behind: add it before others can see the mark.
    """
    pid = os.getpid()
    return ProcessMark(
        owner=owner,
        host=socket.gethostname(),
        pid=pid,
        pid_space=identify_pid_space(),
        process_start=get_process_start(pid) or 0.0,
        acquired_at=now,
        expires_at=now + timedelta(seconds=ttl_s),
        ttl_s=ttl_s,
        created_at=now,
        updated_at=now,
    )


class ProcessHeartbeat(Generic[MarkT]):
    """Thread that renews a mark every third of its lifetime until it is stopped or the mark is lost.

    An unreachable store is retried: when it is back, the mark is renewed if no other process has taken it. `what` is
    the name of the mark in messages. `extend` writes the row again, and returns the reason if another process has
    taken it. `find_reason` is called every `LOOK_S` with the row, and returns the reason if renewals should end.
    `on_lost` is called once with the reason when the row was lost; then the thread ends.
    """

    def __init__(
        self,
        mark: MarkT,
        *,
        what: str,
        clock: Callable[[], datetime],
        extend: Callable[[MarkT], str | None],
        find_reason: Callable[[MarkT], str | None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._mark = mark
        self._what = what
        self._clock = clock
        self._extend, self._look, self._on_lost = extend, find_reason, on_lost
        self._away = False
        self._changing = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="qdash-lock", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread. A thread that waits for an unavailable store is abandoned: it renews no record
        that was released.
        """
        self._stopped.set()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=2 * LOOK_S)

    def renew(self, **changes: str) -> str | None:
        """Write the row with a new expiry and changed fields; return the reason if another process holds it."""
        with self._changing:
            now = self._clock()
            renewed = self._mark.model_copy(
                update={
                    **changes,
                    "updated_at": now,
                    "expires_at": now + timedelta(seconds=self._mark.ttl_s),
                    "renewals": self._mark.renewals + 1,
                }
            )
            lost = self._extend(renewed)
            if lost is None:
                self._mark = renewed
            return lost

    def _run(self) -> None:
        beat_s = self._mark.ttl_s / 3
        due = time.monotonic() + beat_s
        while not self._stopped.wait(min(LOOK_S, beat_s)):
            try:
                lost = None
                if time.monotonic() >= due:
                    lost = self.renew()
                    due = time.monotonic() + beat_s
                lost = lost or self._look(self._mark)
            except Exception as error:  # noqa: BLE001  whatever fails, the mark has to be renewed as soon as it can be
                self._note_absence(error)
                continue
            self._note_presence()
            if lost is not None and not self._stopped.is_set():
                logger.error("%s", lost)
                notify_listener(partial(self._on_lost, lost))
                return

    def _note_absence(self, error: Exception) -> None:
        if not self._away:
            logger.warning("%s cannot be renewed, which is tried again and again: %s", self._what, error)
        self._away = True

    def _note_presence(self) -> None:
        if self._away:
            logger.warning("the store is back")
        self._away = False


def notify_listener(listener: Callable[[], None]) -> None:
    """Call a listener; its exceptions must not end the renewals."""
    try:
        listener()
    except Exception:
        logger.exception("a listener of the lock failed")

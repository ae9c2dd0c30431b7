"""Event hub: one reader of the store's numbered events for all listeners of this process.

A thread polls the store for new events of every project while there are listeners. Each event is formatted
once and put into the queues of the listeners whose filter it passes. The hub never waits for a listener: it discards a
full queue, and that listener reads the missed events from the store when it has room again.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anyio import CapacityLimiter

from qdash_api.events.messages import format_message
from qdash_core.errors import QDashError, TooManyError
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_core.models.execution import EventModel
    from qdash_core.record.events import EventFilter
    from qdash_core.repositories.store import Store

logger = logging.getLogger(__name__)

POLL_S = 0.05
"""Interval between polls of the store, in seconds."""
RETRY_S = 1.0
"""Interval between polls while the store is unavailable, in seconds."""
QUEUE_SIZE = 1000
"""Maximum number of messages in the queue of a listener."""
MAX_LISTENERS_PER_USER = 50
MAX_LISTENERS = 500
_PAGE = 1000
_RETRY_AFTER_S = 30.0


_READERS = 4
"""Maximum number of listeners that read missed events at the same time."""
_ACCESS_CHECKERS = 2
"""Maximum number of listeners whose access is checked at the same time."""


@dataclass(frozen=True, slots=True)
class StreamTiming:
    """Timing of an event stream, in seconds.

    A heartbeat follows a silence of `heartbeat_s`; a listener may take `send_timeout_s` to receive one part.
    """

    heartbeat_s: float = 15.0
    access_check_s: float = 10.0
    send_timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class EventMessage:
    """Event with its formatted message."""

    event: EventModel
    message: bytes


class Listener:
    """Listener to the events of a project. Used in the event loop only.

    Attributes
    ----------
    behind
        True if the store has to be read because the queue does not hold all events.
    """

    def __init__(self, project_id: str, event_filter: EventFilter, *, username: str) -> None:
        self.project_id, self.event_filter, self.username = project_id, event_filter, username
        self.behind = True
        self.woken = asyncio.Event()
        self._queue: deque[EventMessage] = deque()

    def receive(self, message: EventMessage) -> None:
        """Queue an event if it passes the filter; discard the queue if it is full."""
        if message.event.project_id != self.project_id or not self.event_filter.matches(message.event):
            return
        if len(self._queue) >= QUEUE_SIZE:
            self._queue.clear()
            self.behind = True
        if not self.behind:
            self._queue.append(message)
        self.woken.set()

    def begin_to_queue(self) -> None:
        """Start queueing with an empty queue: earlier events are about to be read from the store."""
        self._queue.clear()
        self.behind = False

    def take(self) -> list[EventMessage]:
        """Return the queued events, and empty the queue."""
        taken = list(self._queue)
        self._queue.clear()
        self.woken.clear()
        return taken


class EventHub:
    """Reader that distributes events while there are listeners. Created in the event loop.

    Attributes
    ----------
    is_store_away
        True if the last attempt to read the store failed.
    """

    def __init__(self, store: Store, timing: StreamTiming | None = None) -> None:
        self._store = store
        self.timing = timing or StreamTiming()
        self.readers, self.access_checkers = CapacityLimiter(_READERS), CapacityLimiter(_ACCESS_CHECKERS)
        self._loop = asyncio.get_running_loop()
        self._guard = threading.Condition()
        self._listeners: list[Listener] = []
        self._seq = 0
        self._reader: threading.Thread | None = None
        self._stopped = threading.Event()
        self.is_store_away = False
        self.closed = False

    def __len__(self) -> int:
        """Return the number of listeners."""
        return len(self._listeners)

    def join(self, listener: Listener) -> None:
        """Send a listener every event that becomes visible from now on. Not for the event loop: it reads the store.

        Raises
        ------
        TooManyError
            If there are too many listeners, in total or of this user.
        StoreUnavailableError
            If the store is unavailable.
        """
        newest = Repositories(self._store).of(EventRepository).get_last_seq()
        with self._guard:  # never held while the store is read: the event loop waits for it
            self._require_free_place(listener.username)
            if not self._listeners:
                self._seq = newest
            self._listeners.append(listener)
            if self._reader is None:
                self._reader = threading.Thread(target=self._read, name="qdash-events", daemon=True)
                self._reader.start()
            self._guard.notify()

    def _require_free_place(self, username: str) -> None:
        of_user = Counter(listener.username for listener in self._listeners)[username]
        if of_user >= MAX_LISTENERS_PER_USER:
            raise TooManyError(
                f"this user has {of_user} event streams open, the maximum: close one",
                retry_after_s=_RETRY_AFTER_S,
            )
        if len(self._listeners) >= MAX_LISTENERS:
            raise TooManyError(
                f"this host process has {MAX_LISTENERS} event streams open, the maximum: try again later",
                retry_after_s=_RETRY_AFTER_S,
            )

    def leave(self, listener: Listener) -> None:
        """Send no more events to a listener. It does nothing if the listener has not joined."""
        with self._guard, suppress(ValueError):
            self._listeners.remove(listener)

    def end(self) -> None:
        """Make all listeners stop. Called in the event loop."""
        self.closed = True
        for listener in list(self._listeners):
            listener.woken.set()

    def close(self) -> None:
        """Stop the reader thread. Not for the event loop."""
        with self._guard:
            self._stopped.set()
            self._guard.notify()
        if self._reader is not None:
            self._reader.join()

    def _read(self) -> None:
        while not self._stopped.wait(RETRY_S if self.is_store_away else POLL_S):
            with self._guard:
                self._guard.wait_for(lambda: self._listeners or self._stopped.is_set())
                seq = self._seq
            try:
                self._distribute_after(seq)
            except Exception as error:  # noqa: BLE001  the boundary of the thread: if it ended, no listener would receive events
                self._record_outage(error)
            else:
                self.is_store_away = False

    def _record_outage(self, error: Exception) -> None:
        if not self.is_store_away:
            is_expected = isinstance(error, QDashError)
            level = logging.WARNING if is_expected else logging.ERROR
            logger.log(
                level,
                "cannot read events from the store, retrying: %s",
                error,
                exc_info=None if is_expected else error,
            )
        self.is_store_away = True

    def _distribute_after(self, seq: int) -> None:
        """Distribute the events after a sequence number."""
        found = Repositories(self._store).of(EventRepository).list_after(seq, limit=_PAGE)
        messages = [EventMessage(event, format_message(event)) for event in found]
        with self._guard:
            if not found or self._seq != seq:  # all listeners have left, and a new one has joined
                return
            self._seq = found[-1].seq
        self._loop.call_soon_threadsafe(self._deliver, messages)

    def _deliver(self, messages: list[EventMessage]) -> None:
        for listener in list(self._listeners):
            for message in messages:
                listener.receive(message)

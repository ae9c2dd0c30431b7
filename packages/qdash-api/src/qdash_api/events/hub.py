"""One reader of the store's numbered events for all who listen at this process.

A thread looks for events behind the last one that it has seen, of every project, as long as anybody listens. Each is
made a message once, and put into the queues of those who want it. Nobody is waited for: a queue that is full is given
up, and its listener reads from the store what it has missed, once it has room.
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

from qdash_api.events.messages import message_of
from qdash_core.errors import QDashError, TooManyError
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_core.models.execution import EventModel
    from qdash_core.record.events import Wanted
    from qdash_core.repositories.store import Store

logger = logging.getLogger(__name__)

LOOK_S = 0.05
"""So often the store is asked for events, in seconds."""
AWAY_S = 1.0
"""The same while it is away."""
QUEUE = 1000
"""So many messages are kept for a listener who does not take them."""
MOST_OF_A_USER = 50
MOST = 500
_PAGE = 1000
_FULL_S = 30.0


_READERS = 4
"""So many listeners read what they have missed at a time."""
_LOOKERS = 2
"""For so many listeners it is looked at a time whether they may still hear."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a stream does what, in seconds.

    Attributes
    ----------
    heartbeat_s
        After so long a silence it says that it lives.
    look_again_s
        So often it is looked whether the listener may still hear it.
    patience_s
        So long the listener may take for one piece.
    """

    heartbeat_s: float = 15.0
    look_again_s: float = 10.0
    patience_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Heard:
    """An event, and what is said of it."""

    event: EventModel
    message: bytes


class Listener:
    """Somebody who listens to a project. Used in the event loop only.

    Parameters
    ----------
    project_id : str
        Which.
    wanted : Wanted
        What of it.
    holder : str
        Whose it is: one has a limited number of them.

    Attributes
    ----------
    behind
        Whether the store has to be read: the queue does not hold everything.
    woken
        Set when there is something to be done.
    """

    def __init__(self, project_id: str, wanted: Wanted, *, holder: str) -> None:
        self.project_id, self.wanted, self.holder = project_id, wanted, holder
        self.behind = True
        self.woken = asyncio.Event()
        self._queue: deque[Heard] = deque()

    def hear(self, heard: Heard) -> None:
        """Keep an event, if it is wanted; give the queue up when it is full."""
        if heard.event.project_id != self.project_id or not self.wanted.takes(heard.event):
            return
        if len(self._queue) >= QUEUE:
            self._queue.clear()
            self.behind = True
        if not self.behind:
            self._queue.append(heard)
        self.woken.set()

    def begin_to_queue(self) -> None:
        """Keep what is heard from now on: what was before is about to be read from the store."""
        self._queue.clear()
        self.behind = False

    def take(self) -> list[Heard]:
        """Return what is in the queue, which is empty then."""
        taken = list(self._queue)
        self._queue.clear()
        self.woken.clear()
        return taken


class Hub:
    """Reads events as long as anybody listens, and hands them out. Made in the event loop.

    Parameters
    ----------
    store : Store
        Whose events.
    pace : Pace
        That of the streams.

    Attributes
    ----------
    readers, lookers
        Bound how many threads read for listeners, and how many look whether they may still hear.
    away
        Whether the store could not be read when it was tried last.
    closed
        Whether everybody is to stop listening: this process ends.
    """

    def __init__(self, store: Store, pace: Pace | None = None) -> None:
        self._store = store
        self.pace = pace or Pace()
        self.readers, self.lookers = CapacityLimiter(_READERS), CapacityLimiter(_LOOKERS)
        self._loop = asyncio.get_running_loop()
        self._guard = threading.Condition()
        self._listeners: list[Listener] = []
        self._seq = 0
        self._reader: threading.Thread | None = None
        self._stopped = threading.Event()
        self.away = False
        self.closed = False

    def __len__(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def join(self, listener: Listener) -> None:
        """Hand out to a listener whatever becomes visible in the store from now on. Not in the event loop: it reads the store.

        Raises
        ------
        TooManyError
            If too many listen, or too many of this holder.
        StoreUnavailableError
            If the store is away.
        """
        newest = Repositories(self._store).events.last_seq()
        with self._guard:  # never held while the store is asked: the event loop waits for it
            self._refuse_too_many(listener.holder)
            if not self._listeners:
                self._seq = newest
            self._listeners.append(listener)
            if self._reader is None:
                self._reader = threading.Thread(target=self._read, name="qdash-events", daemon=True)
                self._reader.start()
            self._guard.notify()

    def _refuse_too_many(self, holder: str) -> None:
        of_holder = Counter(listener.holder for listener in self._listeners)[holder]
        if of_holder >= MOST_OF_A_USER:
            raise TooManyError(
                f"{of_holder} streams of events are open by this user, and no more are possible: close one",
                retry_after_s=_FULL_S,
            )
        if len(self._listeners) >= MOST:
            raise TooManyError(
                f"{MOST} listen to events here, and no more are possible", retry_after_s=_FULL_S
            )

    def leave(self, listener: Listener) -> None:
        """Hand nothing out to a listener any more, if it ever joined."""
        with self._guard, suppress(ValueError):
            self._listeners.remove(listener)

    def end(self) -> None:
        """Have everybody stop listening. In the event loop."""
        self.closed = True
        for listener in list(self._listeners):
            listener.woken.set()

    def close(self) -> None:
        """Stop reading; not in the event loop."""
        with self._guard:
            self._stopped.set()
            self._guard.notify()
        if self._reader is not None:
            self._reader.join()

    def _read(self) -> None:
        while not self._stopped.wait(AWAY_S if self.away else LOOK_S):
            with self._guard:
                self._guard.wait_for(lambda: self._listeners or self._stopped.is_set())
                seq = self._seq
            try:
                self._hear_behind(seq)
            except Exception as error:  # noqa: BLE001  the boundary of the thread: without it nobody would hear any more
                self._note_away(error)
            else:
                self.away = False

    def _note_away(self, error: Exception) -> None:
        if not self.away:
            foreseen = isinstance(error, QDashError)
            level = logging.WARNING if foreseen else logging.ERROR
            logger.log(
                level,
                "events cannot be read, which is tried again: %s",
                error,
                exc_info=None if foreseen else error,
            )
        self.away = True

    def _hear_behind(self, seq: int) -> None:
        """Hand out what is new behind an event."""
        found = Repositories(self._store).events.after(seq, limit=_PAGE)
        messages = [Heard(event, message_of(event)) for event in found]
        with self._guard:
            if not found or self._seq != seq:  # everybody had left, and somebody has begun anew
                return
            self._seq = found[-1].seq
        self._loop.call_soon_threadsafe(self._hand_out, messages)

    def _hand_out(self, messages: list[Heard]) -> None:
        for listener in list(self._listeners):
            for heard in messages:
                listener.hear(heard)

"""Slots that limit the concurrent requests of one kind, shared fairly between users."""

from __future__ import annotations

import math
from collections import Counter, deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Self

from anyio import CapacityLimiter, Event, current_time, move_on_after

from qdash_core.errors import TooManyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.errors import QDashError


@dataclass(eq=False, slots=True)
class _Waiter:
    user: str
    number: int
    granted: Event = field(default_factory=Event)


class Slot:
    """Slot held by a request until `release` or the end of a `with` block; the first release calls `on_release`."""

    def __init__(self, on_release: Callable[[], None]) -> None:
        self._on_release: Callable[[], None] | None = on_release

    def release(self) -> None:
        """Release the slot. Further calls do nothing."""
        on_release, self._on_release = self._on_release, None
        if on_release is not None:
            on_release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _make_refusal() -> QDashError:
    return TooManyError("too many requests at the same time; try again later")


class Slots:
    """Limited number of slots with a thread for each. Not safe for threads: used in the event loop only.

    A free slot goes to the waiting user who holds the fewest, and among those to the oldest request: a hundred queued
    requests of one user delay another user by one request only.

    Parameters
    ----------
    queue : float
        Maximum number of requests of one user that wait for a slot.
    wait_s : float
        Longest wait for a slot, in seconds.
    """

    def __init__(
        self,
        total: int,
        *,
        per_user: int,
        queue: float = math.inf,
        wait_s: float = math.inf,
        refusal: Callable[[], QDashError] = _make_refusal,
        clock: Callable[[], float] = current_time,
    ) -> None:
        self.threads = CapacityLimiter(total)
        self._total, self._per_user, self._queue, self._wait_s = total, per_user, queue, wait_s
        self._refusal, self._clock = refusal, clock
        self._held: Counter[str] = Counter()
        self._waiters: dict[str, deque[_Waiter]] = {}
        """Waiting requests by user, the oldest first; users without any are absent."""
        self._numbers = count()
        self._changed_at = -math.inf

    @property
    def waiting(self) -> int:
        """Number of requests that wait for a slot."""
        return sum(map(len, self._waiters.values()))

    def acquire_free(self, user: str) -> Slot | None:
        """Acquire a slot for a request of a user, or return None if none is free."""
        if not self._has_room_for(user):
            return None
        self._grant(user)
        return Slot(lambda: self._release(user))

    async def acquire(self, user: str, *, unlimited_wait: bool = False) -> Slot:
        """Acquire a slot for a request of a user, waiting for one if necessary.

        `unlimited_wait`, for an answer that has already begun, ignores `wait_s` and the limit of the queue.

        Raises
        ------
        QDashError
            `refusal`: at once if the queue of the user is full, or if no slot has been granted or released for `wait_s`
            (as when the store is locked); otherwise after `wait_s`.
        """
        if (slot := self.acquire_free(user)) is not None:
            return slot
        await self._wait(user, unlimited_wait=unlimited_wait)
        return Slot(lambda: self._release(user))

    @contextmanager
    def _enqueue(self, waiter: _Waiter) -> Iterator[None]:
        """Keep a request in the queue for a block; release its slot if it is cancelled after the grant."""
        self._waiters.setdefault(waiter.user, deque()).append(waiter)
        try:
            yield
        except BaseException:
            if waiter.granted.is_set():
                self._release(waiter.user)
            raise
        finally:
            if not waiter.granted.is_set():
                self._remove(waiter)

    def _remove(self, waiter: _Waiter) -> None:
        waiters = self._waiters[waiter.user]
        waiters.remove(waiter)
        if not waiters:
            del self._waiters[waiter.user]

    async def _wait(self, user: str, *, unlimited_wait: bool) -> None:
        is_stuck = self._clock() - self._changed_at >= self._wait_s
        is_full = len(self._waiters.get(user, ())) >= self._queue
        if not unlimited_wait and (is_stuck or is_full):
            raise self._refusal()
        waiter = _Waiter(user, next(self._numbers))
        with self._enqueue(waiter), move_on_after(math.inf if unlimited_wait else self._wait_s):
            await waiter.granted.wait()
        if not waiter.granted.is_set():
            raise self._refusal()

    def _grant(self, user: str) -> None:
        self._held[user] += 1
        self._changed_at = self._clock()

    def _release(self, user: str) -> None:
        self._held[user] -= 1
        self._changed_at = self._clock()
        if not self._held[user]:
            del self._held[user]
        while eligible := [waiters[0] for user, waiters in self._waiters.items() if self._has_room_for(user)]:
            next_waiter = min(eligible, key=lambda waiter: (self._held[waiter.user], waiter.number))
            self._remove(next_waiter)
            self._grant(next_waiter.user)
            next_waiter.granted.set()

    def _has_room_for(self, user: str) -> bool:
        return self._held.total() < self._total and self._held[user] < self._per_user

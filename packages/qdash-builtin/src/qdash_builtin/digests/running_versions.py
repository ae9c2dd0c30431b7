"""Versions of digests while a run changes the chip all the time."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from qdash_core.process.clock import machine_now

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator


@dataclass(slots=True)
class _Version:
    """Version since the monotonic time `began_s`, at which the newest event other than those of tasks had the number `newest`."""

    newest: int
    began_s: float
    number: int


class RunningVersions:
    """Version numbers of digests: each holds for an interval. Safe for threads."""

    def __init__(self) -> None:
        self._known: dict[Hashable, _Version] = {}
        self._lock = Lock()

    @contextmanager
    def choose(self, place: Hashable, newest: int, *, every_s: float) -> Iterator[int]:
        """Yield the number of the version after the event `newest`.

        Until the block of the first caller of an interval has ended, others get the number of the interval before: that digest is not made
        by all of them at once.
        """
        now_s, number = time.monotonic(), newest * 10**16 + int(1e6 * machine_now().timestamp())
        with self._lock:
            known = self._known.get(place)
            if known is None or known.newest < newest:
                known = self._known[place] = _Version(newest, now_s, number)
            begins = now_s - known.began_s >= every_s
            if begins:
                known.began_s = now_s
        try:
            yield number if begins else known.number
        finally:
            if begins:
                known.number = number

"""Slots for the running answers of a process."""

from __future__ import annotations

import threading
from collections import Counter

from qdash_core.errors import TooManyError

_RETRY_S = 10.0


class AnswerSlots:
    """Limits the running answers of a process, in total and per user. Thread-safe."""

    def __init__(self, total: int, per_user: int) -> None:
        self._total, self._per_user = total, per_user
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, username: str) -> None:
        """Take a slot; raise TooManyError if none is free for the user."""
        with self._lock:
            if self._taken.total() >= self._total:
                raise TooManyError(
                    f"the limit of running answers of this process is reached ({self._total}): try again soon",
                    retry_after_s=_RETRY_S,
                )
            if self._taken[username] >= self._per_user:
                raise TooManyError(
                    f"your limit of running answers is reached ({self._per_user}): wait for one, or cancel it with `qdash ask cancel`",
                    retry_after_s=_RETRY_S,
                )
            self._taken[username] += 1

    def release(self, username: str) -> None:
        """Release a slot of a user."""
        with self._lock:
            self._taken[username] -= 1
            if not self._taken[username]:
                del self._taken[username]

    def count(self) -> int:
        """Return the number of running answers."""
        with self._lock:
            return self._taken.total()

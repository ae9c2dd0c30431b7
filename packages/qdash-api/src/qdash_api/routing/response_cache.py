"""Cache of large responses, since users of one chip request the same version repeatedly, and shared answers."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

LEAST = 16 * 1024
"""Size below which a response is made as quickly as it is looked up, in bytes."""
LARGEST = 2 * 2**20
KEPT = 8
"""Maximum number of cached responses: 16 MiB in total."""

Key = tuple[str, str, str]
"""Project, path with its query, ETag."""
T = TypeVar("T")


class ResponseCache:
    """Cache of the most recently requested large responses. Safe for threads."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[Key, bytes] = OrderedDict()
        self._lock = Lock()

    def find(self, key: Key) -> bytes | None:
        """Return the cached body of a response, or None."""
        with self._lock:
            if key in self._bodies:
                self._bodies.move_to_end(key)
            return self._bodies.get(key)

    def put(self, key: Key, body: bytes) -> None:
        """Cache the body of a large response, replacing older versions."""
        if not LEAST <= len(body) <= LARGEST:
            return
        with self._lock:
            for older in [one for one in self._bodies if one[:2] == key[:2]]:
                del self._bodies[older]
            self._bodies[key] = body
            while len(self._bodies) > KEPT:
                self._bodies.popitem(last=False)


@dataclass(slots=True)
class _Shared(Generic[T]):
    """Newest answer to a question, and the time when its computation began. Its lock is held meanwhile."""

    lock: Lock = field(default_factory=Lock)
    began_s: float = float("-inf")
    answer: T | None = None


class SharedAnswers(Generic[T]):
    """Answers to questions that several users ask at the same time. Safe for threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], _Shared[T]] = OrderedDict()
        self._lock = Lock()

    def read(self, question: tuple[str, str], arrived_s: float, compute: Callable[[], T]) -> T:
        """Return an answer whose computation began after the question arrived, so that it is never older than the question.

        One thread computes it, and others wait. An error concerns its own question alone.

        Parameters
        ----------
        question : tuple of (str, str)
            Project, and path with its query.
        arrived_s : float
            Time of the arrival by `time.monotonic`, in seconds.
        compute : callable
            Computes the answer.
        """
        with self._lock:
            shared = self._known.setdefault(question, _Shared())
            self._known.move_to_end(question)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        with shared.lock:
            if shared.answer is None or shared.began_s <= arrived_s:
                began_s = time.monotonic()
                shared.answer = compute()
                shared.began_s = began_s
            return shared.answer

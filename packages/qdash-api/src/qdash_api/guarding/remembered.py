"""Large answers, kept as long as they are the newest version: people who look at one chip ask for the same again and again."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

LEAST = 16 * 1024
"""What is smaller is made as quickly as it is found here, in bytes."""
LARGEST = 2 * 2**20
KEPT = 8
"""So many answers are kept: at most 16 MiB."""

Key = tuple[str, str, str]
"""Project, path with its query, ETag."""


class Remembered:
    """The large answers that were asked for last. Safe for threads."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[Key, bytes] = OrderedDict()
        self._lock = Lock()

    def find(self, key: Key) -> bytes | None:
        """Return the body of an answer, where it is kept."""
        with self._lock:
            if key in self._bodies:
                self._bodies.move_to_end(key)
            return self._bodies.get(key)

    def keep(self, key: Key, body: bytes) -> None:
        """Keep the body of an answer, if that is worth while, in the place of its older versions."""
        if not LEAST <= len(body) <= LARGEST:
            return
        with self._lock:
            for older in [one for one in self._bodies if one[:2] == key[:2]]:
                del self._bodies[older]
            self._bodies[key] = body
            while len(self._bodies) > KEPT:
                self._bodies.popitem(last=False)

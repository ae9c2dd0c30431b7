"""Cache of large responses, since users of one chip request the same version repeatedly."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

LEAST = 16 * 1024
"""Size below which a response is made as quickly as it is looked up, in bytes."""
LARGEST = 2 * 2**20
KEPT = 8
"""Maximum number of cached responses: 16 MiB in total."""

Key = tuple[str, str, str]
"""Project, path with its query, ETag."""


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

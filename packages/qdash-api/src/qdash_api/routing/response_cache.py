"""Cache of responses, since users of one chip request the same version repeatedly."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

LARGEST = 2 * 2**20
"""Size above which a response is not cached, in bytes."""
KEPT = 16 * 2**20
"""Maximum size of all cached responses, in bytes."""

Key = tuple[str, str, str]
"""Project, path with its query, ETag."""


class ResponseCache:
    """Cache of the most recently requested responses, the newest version of each. Safe for threads."""

    def __init__(self) -> None:
        self._responses: OrderedDict[tuple[str, str], tuple[str, bytes]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def find(self, key: Key) -> bytes | None:
        """Return the cached body of a response, or None."""
        with self._lock:
            version, body = self._responses.get(key[:2], ("", b""))
            if version != key[2]:
                return None
            self._responses.move_to_end(key[:2])
            return body

    def put(self, key: Key, body: bytes) -> None:
        """Cache the body of a response, replacing another version."""
        if len(body) > LARGEST:
            return
        with self._lock:
            _, replaced = self._responses.pop(key[:2], ("", b""))
            self._responses[key[:2]] = key[2], body
            self._size += len(body) - len(replaced)
            while self._size > KEPT:
                _, (_, oldest) = self._responses.popitem(last=False)
                self._size -= len(oldest)

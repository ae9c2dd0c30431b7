"""Cache of documents that outlives the transactions of a process.

Every transaction writes a unique mark into the register. If a process finds its own mark there, nothing has changed
since. Only the writing thread uses the cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.repositories.documents import Scalar

CacheKey = tuple[str, tuple["Scalar", ...]]
"""Collection and key."""

_MOST_BYTES = 2**24
"""Size of all documents: the scheduled results of a run of a thousand tasks, and what it writes with each, are a few megabytes."""
_LARGEST_BODY = 2**16
_ENTRY = 400
"""Size of a key with its place, whether or not there is a document."""


class DocumentCache:
    """Cache of the most recently used documents in BSON, with None for missing ones."""

    def __init__(self) -> None:
        self._mark: str | None = None
        self._bodies: dict[CacheKey, bytes | None] = {}
        self._size = 0

    def begin(self, found: str) -> None:
        """Empty the cache unless `found`, the mark in the register, is that of this process's last transaction."""
        if found != self._mark:
            self._bodies.clear()
            self._size = 0
        self._mark = None

    def end(self, mark: str) -> None:
        """Keep the cached documents after the commit of the transaction with this mark."""
        self._mark = mark

    def contains(self, key: CacheKey) -> bool:
        """Return whether a document, or its absence, is cached."""
        return key in self._bodies

    def get(self, key: CacheKey) -> bytes | None:
        """Return a cached document, or None if it is cached as missing; mark it as used."""
        body = self._bodies[key] = self._bodies.pop(key)
        return body

    def put(self, key: CacheKey, body: bytes | None) -> None:
        """Cache a document, or None for a missing one; a full cache discards the least recently used one."""
        self._remove(key)
        if body is not None and len(body) > _LARGEST_BODY:
            return
        self._bodies[key] = body
        self._size += _measure(body)
        while self._size > _MOST_BYTES:
            self._remove(next(iter(self._bodies)))

    def discard(self, collection: str) -> None:
        """Discard the cached documents of a collection."""
        for key in [key for key in self._bodies if key[0] == collection]:
            self._remove(key)

    def _remove(self, key: CacheKey) -> None:
        if key in self._bodies:
            self._size -= _measure(self._bodies.pop(key))


def _measure(body: bytes | None) -> int:
    return _ENTRY + len(body or b"")

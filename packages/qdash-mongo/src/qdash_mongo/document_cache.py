"""Documents that a process remembers from one transaction to the next.

Every transaction leaves a mark of its own in the register. When a process finds its own there, nothing has changed
since, and what it read and wrote then needs no trip to the server. Only who has the turn looks here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.repositories.documents import Scalar

Place = tuple[str, tuple["Scalar", ...]]
"""Collection and key."""

_MOST_DOCUMENTS = 500
_LARGEST_BODY = 2**16


class DocumentCache:
    """Cache of the last used documents in BSON, with None for missing ones."""

    def __init__(self) -> None:
        self._mark: str | None = None
        self._bodies: dict[Place, bytes | None] = {}

    def begin(self, found: str) -> None:
        """Forget everything unless the mark that was found is that of a transaction that ended here."""
        if found != self._mark:
            self._bodies.clear()
        self._mark = None

    def end(self, mark: str) -> None:
        """Keep what is remembered: the transaction that left this mark has been committed."""
        self._mark = mark

    def knows(self, place: Place) -> bool:
        """Return whether it is remembered what is at a place."""
        return place in self._bodies

    def body(self, place: Place) -> bytes | None:
        """Return what is at a place that is known, which is the one used last now."""
        body = self._bodies[place] = self._bodies.pop(place)
        return body

    def remember(self, place: Place, body: bytes | None) -> None:
        """Remember what is at a place, and forget what has not been used for long."""
        self._bodies.pop(place, None)
        if body is not None and len(body) > _LARGEST_BODY:
            return
        self._bodies[place] = body
        if len(self._bodies) > _MOST_DOCUMENTS:
            del self._bodies[next(iter(self._bodies))]

    def forget(self, collection: str) -> None:
        """Forget what is in a collection."""
        for place in [place for place in self._bodies if place[0] == collection]:
            del self._bodies[place]

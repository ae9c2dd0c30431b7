"""Reading collections from end to end: by key, a page at a time, so that memory does not grow with the store."""

from __future__ import annotations

import hashlib
import json
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.repositories.schema import key_of
from qdash_core.repositories.store import Snapshot, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.repositories.schema import Collection
    from qdash_core.repositories.store import Document

Rank = tuple[tuple[int, Any], ...]

PAGE_CHARACTERS = 4_000_000
"""About so much text a page holds; notes of a large chip are a thousand times as long as events."""

_FIRST_PAGE = 64
_LARGEST_PAGE = 4_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A document on its way.

    Parameters
    ----------
    rank : tuple
        Its key, see `rank_of`.
    text : str
        Its canonical JSON: equal for equal documents, whatever store they come from.
    document : dict
        The document.
    """

    rank: Rank
    text: str
    document: Document


def entries(
    scope: Store | Snapshot, collection: Collection, *, read: Callable[[], None] = lambda: None
) -> Iterator[Entry]:
    """Yield every document of a collection in the order of its key; `read` is called for each.

    Of a store, what is written meanwhile behind the page that is being read is seen; a snapshot stays as it is.
    """
    limit, after = _FIRST_PAGE, None
    while True:
        with scope.read() if isinstance(scope, Store) else nullcontext(scope) as snapshot:
            page = snapshot.find(collection.name, {}, limit=limit, after=after)
        characters = 1
        for document in page:
            text = canonical(document)
            characters += len(text)
            read()
            yield Entry(rank_of(collection, document), text, document)
        if len(page) < limit:
            return
        after = key_of(collection, page[-1])
        limit = max(1, min(_LARGEST_PAGE, limit * PAGE_CHARACTERS // characters))


def side_by_side(
    ours: Iterator[Entry], theirs: Iterator[Entry]
) -> Iterator[tuple[Entry | None, Entry | None]]:
    """Yield what two collections hold under each key; None where one of them has nothing."""
    our, their = next(ours, None), next(theirs, None)
    while our is not None or their is not None:
        if their is None or (our is not None and our.rank < their.rank):
            yield our, None
            our = next(ours, None)
        elif our is None or their.rank < our.rank:
            yield None, their
            their = next(theirs, None)
        else:
            yield our, their
            our, their = next(ours, None), next(theirs, None)


def checksum(entries: Iterator[Entry]) -> tuple[int, str]:
    """Return how many documents there are, and the SHA-256 of their canonical JSON, one line each."""
    count, digest = 0, hashlib.sha256()
    for entry in entries:
        digest.update(entry.text.encode())
        digest.update(b"\n")
        count += 1
    return count, digest.hexdigest()


def canonical(document: Document) -> str:
    """Return a document as JSON with its fields in the order of their names."""
    return _CANONICAL.encode(document)


_CANONICAL = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)


def rank_of(collection: Collection, document: Document) -> Rank:
    """Return the key of a document, comparable with that of any other document of its collection."""
    return tuple(_rank(value) for value in key_of(collection, document))


def _rank(value: str | float | None) -> tuple[int, Any]:
    """Return a value of a key such that None comes before numbers before text, as in every store."""
    if value is None:
        return (0, 0)
    return (2, value) if isinstance(value, str) else (1, value)

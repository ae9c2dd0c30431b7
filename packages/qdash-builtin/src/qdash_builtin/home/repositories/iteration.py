"""Iteration over whole collections in pages, with constant memory."""

from __future__ import annotations

import hashlib
import json
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.repositories.collection import extract_key
from qdash_core.repositories.store import Snapshot, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.repositories.collection import Collection
    from qdash_core.repositories.store import Document

Rank = tuple[tuple[int, Any], ...]

PAGE_CHARACTERS = 1_000_000
"""Approximate text size of a page. Calibration notes of a large chip are a thousand times as long as
events."""

_FIRST_PAGE = 64
_LARGEST_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class CollectionEntry:
    """A document with its sort key and canonical text.

    Parameters
    ----------
    rank : tuple
        Its key, see `sort_key`.
    text : str
        Its canonical JSON, which is equal for equal documents of all stores.
    """

    rank: Rank
    text: str
    document: Document


def iterate_entries(
    scope: Store | Snapshot, collection: Collection, *, read: Callable[[], None] = lambda: None
) -> Iterator[CollectionEntry]:
    """Yield every document of a collection in the order of its key; call `read` for each.

    With a store, documents written after the current page during the iteration are included; a snapshot is
    constant.
    """
    limit, after = _FIRST_PAGE, None
    while True:
        with scope.read() if isinstance(scope, Store) else nullcontext(scope) as snapshot:
            page = snapshot.find(collection.name, {}, limit=limit, after=after)
        characters = 1
        for document in page:
            text = encode_canonically(document)
            characters += len(text)
            read()
            yield CollectionEntry(sort_key(collection, document), text, document)
        if len(page) < limit:
            return
        after = extract_key(collection, page[-1])
        limit = max(1, min(_LARGEST_PAGE, limit * PAGE_CHARACTERS // characters))
        page.clear()  # before the next one is read


def pair_entries(
    ours: Iterator[CollectionEntry], theirs: Iterator[CollectionEntry]
) -> Iterator[tuple[CollectionEntry | None, CollectionEntry | None]]:
    """Yield the entries of two collections side by side by key, with None where one has no entry."""
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


def checksum_entries(entries: Iterator[CollectionEntry]) -> tuple[int, str]:
    """Return the number of documents, and the SHA-256 of their canonical JSON, one line each."""
    count, digest = 0, hashlib.sha256()
    for entry in entries:
        digest.update(entry.text.encode())
        digest.update(b"\n")
        count += 1
    return count, digest.hexdigest()


def encode_canonically(document: Document) -> str:
    """Return a document as JSON with its fields in the order of their names."""
    return _CANONICAL.encode(document)


_CANONICAL = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)


def sort_key(collection: Collection, document: Document) -> Rank:
    """Return the key of a document, comparable with that of any other document of its collection."""
    return tuple(_rank(value) for value in extract_key(collection, document))


def _rank(value: str | float | None) -> tuple[int, Any]:
    """Return a sort key that orders None before numbers before text, as every store does."""
    if value is None:
        return (0, 0)
    return (2, value) if isinstance(value, str) else (1, value)

"""Replacement of all documents of a store, such that no command works with a partial store.

If the store allows transactions of any size, one transaction replaces everything. Otherwise documents are
written in batches. The projects, without which no command opens a store, are deleted first and written last,
so that an interrupted replacement is detected and repeated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.home.repositories.iteration import iterate_entries
from qdash_core.repositories.store import OneOf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_builtin.home.repositories.iteration import CollectionEntry
    from qdash_core.repositories.collection import Collection
    from qdash_core.repositories.store import Snapshot, Store, Transaction

_FIRST_AND_LAST = "project"
_BATCH_DOCUMENTS = 1_000
_BATCH_CHARACTERS = 2_000_000


def replace_documents(
    store: Store,
    snapshot: Snapshot,
    *,
    begin: Callable[[Transaction], None],
    finish: Callable[[Transaction], None],
    progress: Callable[[str, int, int | None], None],
) -> int:
    """Replace all documents of a store by those of a snapshot, and return their number.

    Parameters
    ----------
    begin : callable
        Called within each transaction that begins a replacement, before any change; raises to refuse.
    finish : callable
        Called within the last transaction, after all documents are written.
    """
    source = _Source(snapshot, progress)
    with store.transaction() as transaction:
        begin(transaction)
        transaction.keep_collections(snapshot.collections.declarations)
    if store.any_size:
        with store.transaction() as transaction:
            begin(transaction)
            for name in transaction.collections:
                transaction.delete(name, {})
            for collection in source.list_copied():
                source.copy(collection, transaction)
            _end(source, transaction, finish)
        return source.read
    _clear(store, begin)
    for collection in source.list_copied():
        for batch in _make_batches(source.iter_entries(collection)):
            with store.transaction() as transaction:
                for entry in batch:
                    transaction.put(collection.name, entry.document)
    with store.transaction() as transaction:
        _end(source, transaction, finish)
    return source.read


def _end(source: _Source, transaction: Transaction, finish: Callable[[Transaction], None]) -> None:
    source.copy(transaction.get_collection(_FIRST_AND_LAST), transaction)
    finish(transaction)


class _Source:
    """Snapshot to copy, with the number of documents read."""

    def __init__(self, snapshot: Snapshot, progress: Callable[[str, int, int | None], None]) -> None:
        self._snapshot = snapshot
        self._progress = progress
        self._collections = [one for one in snapshot.collections.values() if not one.live]
        self._total = sum(snapshot.count(one.name, {}) for one in self._collections)
        self.read = 0

    def list_copied(self) -> list[Collection]:
        """Return the collections to copy before the last transaction."""
        return [one for one in self._collections if one.name != _FIRST_AND_LAST]

    def iter_entries(self, collection: Collection) -> Iterator[CollectionEntry]:
        for entry in iterate_entries(self._snapshot, collection):
            self.read += 1
            self._progress("documents", self.read, self._total)
            yield entry

    def copy(self, collection: Collection, transaction: Transaction) -> None:
        for entry in self.iter_entries(collection):
            transaction.insert(collection.name, entry.document)


def _clear(store: Store, begin: Callable[[Transaction], None]) -> None:
    with store.transaction() as transaction:
        begin(transaction)
        transaction.delete(_FIRST_AND_LAST, {})
    for name, collection in store.collections.items():
        field = collection.key[-1]
        while True:
            with store.transaction() as transaction:
                found = transaction.find(name, {}, limit=_BATCH_DOCUMENTS)
                if not found:
                    break
                # This may also delete other documents with the same value, which are to be deleted anyway.
                transaction.delete(name, {field: OneOf(tuple({document[field] for document in found}))})


def _make_batches(found: Iterator[CollectionEntry]) -> Iterator[list[CollectionEntry]]:
    batch: list[CollectionEntry] = []
    characters = 0
    for entry in found:
        batch.append(entry)
        characters += len(entry.text)
        if len(batch) >= _BATCH_DOCUMENTS or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch

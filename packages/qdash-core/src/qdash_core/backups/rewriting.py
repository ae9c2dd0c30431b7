"""Documents in the place of all that a store holds, such that nobody works with a part of them.

Where a transaction can be of any size it is one. Elsewhere documents come in batches, and the projects, without which no
command opens a store, go first and come last: a store that was left in between is noticed, and restored again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.backups.manifest import LEFT_OUT
from qdash_core.repositories.reading import entries
from qdash_core.repositories.schema import COLLECTIONS
from qdash_core.repositories.store import OneOf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.repositories.reading import Entry
    from qdash_core.repositories.schema import Collection
    from qdash_core.repositories.store import Snapshot, Store, Transaction

_FIRST_AND_LAST = "project"
_BATCH_DOCUMENTS = 1_000
_BATCH_CHARACTERS = 2_000_000

_COPIED = [COLLECTIONS[name] for name in COLLECTIONS if name not in (*LEFT_OUT, _FIRST_AND_LAST)]


def rewrite(
    store: Store,
    snapshot: Snapshot,
    *,
    begin: Callable[[Transaction], None],
    finish: Callable[[Transaction], None],
    progress: Callable[[str, int, int | None], None],
) -> int:
    """Write what a snapshot holds in the place of everything, and return how many documents.

    Parameters
    ----------
    begin : callable
        Called within the first transaction, before anything is changed; refuses by raising.
    finish : callable
        Called within the last transaction, when everything is there.
    """
    source = _Source(snapshot, progress)
    if store.any_size:
        with store.transaction() as transaction:
            begin(transaction)
            for name in COLLECTIONS:
                transaction.delete(name, {})
            for collection in _COPIED:
                source.copy(collection, transaction)
            _end(source, transaction, finish)
        return source.read
    _clear(store, begin)
    for collection in _COPIED:
        for batch in _batches(source.entries(collection)):
            with store.transaction() as transaction:
                for entry in batch:
                    transaction.put(collection.name, entry.document)
    with store.transaction() as transaction:
        _end(source, transaction, finish)
    return source.read


def _end(source: _Source, transaction: Transaction, finish: Callable[[Transaction], None]) -> None:
    source.copy(COLLECTIONS[_FIRST_AND_LAST], transaction)
    finish(transaction)


class _Source:
    """What is copied, and how much of it has been read."""

    def __init__(self, snapshot: Snapshot, progress: Callable[[str, int, int | None], None]) -> None:
        self._snapshot = snapshot
        self._progress = progress
        self._total = sum(snapshot.count(name, {}) for name in COLLECTIONS if name not in LEFT_OUT)
        self.read = 0

    def entries(self, collection: Collection) -> Iterator[Entry]:
        for entry in entries(self._snapshot, collection):
            self.read += 1
            self._progress("documents", self.read, self._total)
            yield entry

    def copy(self, collection: Collection, transaction: Transaction) -> None:
        for entry in self.entries(collection):
            transaction.insert(collection.name, entry.document)


def _clear(store: Store, begin: Callable[[Transaction], None]) -> None:
    with store.transaction() as transaction:
        begin(transaction)
        transaction.delete(_FIRST_AND_LAST, {})
    for name, collection in COLLECTIONS.items():
        field = collection.key[-1]
        while True:
            with store.transaction() as transaction:
                found = transaction.find(name, {}, limit=_BATCH_DOCUMENTS)
                if not found:
                    break
                # Others with the same value go with them: all are to go.
                transaction.delete(name, {field: OneOf(tuple({document[field] for document in found}))})


def _batches(found: Iterator[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    characters = 0
    for entry in found:
        batch.append(entry)
        characters += len(entry.text)
        if len(batch) >= _BATCH_DOCUMENTS or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch

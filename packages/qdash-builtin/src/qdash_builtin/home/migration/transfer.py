"""Resumable copy of all documents from one store into another.

The contents of the target are the only record of the progress. Documents are copied in batches, each in one
transaction, and equal documents in the target are skipped. So an interrupted migration continues when it is
run again, and a finished one is only verified.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from qdash_builtin.home.fresh_home import is_fresh_home
from qdash_builtin.home.live_processes import list_live_marks
from qdash_builtin.home.repositories.iteration import (
    checksum_entries,
    iterate_entries,
    pair_entries,
    sort_key,
)
from qdash_builtin.home.repositories.numbering import continue_numbers, get_last_number
from qdash_core.errors import ConflictError, InvalidInputError, LockedError
from qdash_core.repositories.collection import extract_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_builtin.home.repositories.iteration import CollectionEntry
    from qdash_core.repositories.collection import Collection
    from qdash_core.repositories.store import Document, Store

BATCH_CHARACTERS = 2_000_000
BATCH_DOCUMENTS = 1_000
"""Limits of a batch, in characters of text and in documents."""

_NAMED = 3
"""Maximum number of documents that a refusal names."""


@dataclass(frozen=True, slots=True)
class CollectionMigration:
    """Result of copying one collection.

    Parameters
    ----------
    copied, already_there : int
        Number of documents written, and of those that the target had already.
    checksum, target_checksum : str
        SHA-256 of the collection in the source and in the target.
    """

    copied: int
    already_there: int
    checksum: str
    target_checksum: str

    @property
    def verified(self) -> bool:
        """True if source and target are equal."""
        return self.checksum == self.target_checksum


@dataclass
class Migration:
    """Migration from one store to another.

    `progress` is called after each document with the current step, the number of finished documents and their total.
    """

    source: Store
    target: Store
    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None
    copied: int = field(default=0, init=False)
    """Number of documents written so far."""
    _total: int = field(default=0, init=False)
    _done: int = field(default=0, init=False)

    def run(self) -> dict[str, CollectionMigration]:
        """Copy the documents that the target lacks, and verify both sides.

        Returns
        -------
        dict of str to Moved
            By collection. If one is not `verified`, another process has written to a store in the meantime.

        Raises
        ------
        InvalidInputError
            If the source is empty, or the target has documents that the source lacks. Nothing was written.
        LockedError
            If a run or a worker uses a store. Nothing was written.
        StoreError
            If a store fails. Copied documents stay, and the next run continues from there.
        """
        there, here = _count_documents(self.source), _count_documents(self.target)
        if not any(there.values()):
            raise InvalidInputError("the source holds nothing: look at its URL")
        self._refuse_while_in_use()
        held = self.source.collections
        # The target is read before anything is written; then the source is copied, and both are read again.
        self._total = sum(here.values()) + 2 * sum(there.values())
        defaults = self._find_conflicting_defaults() if any(here.values()) else []
        with self.target.transaction() as transaction:
            transaction.keep_collections(held.declarations)
        self._remove_defaults(defaults)
        moved = {collection.name: self._copy(collection) for collection in held.values()}
        return {
            name: CollectionMigration(copied, already_there, *self._compute_checksums(held[name]))
            for name, (copied, already_there) in moved.items()
        }

    def _refuse_while_in_use(self) -> None:
        for store, name in ((self.source, "source"), (self.target, "target")):
            with store.read() as snapshot:
                marks = list_live_marks(snapshot)
            for mark in marks:
                raise LockedError(
                    f"the {name} is in use by process {mark.pid} on {mark.host}; nothing was written: let it end, or stop it, then migrate"
                )

    def _find_conflicting_defaults(self) -> list[tuple[Collection, Document]]:
        """Return the target's fresh-home defaults that differ from the source; raise for other documents."""
        foreign = (
            (collection, entry.document)
            for collection in self.target.collections.values()
            for entry in self._iter_only_in_target(collection)
        )
        with self.target.read() as snapshot:
            fresh = is_fresh_home(snapshot)
        if fresh:
            return list(foreign)
        if first := list(islice(foreign, _NAMED + 1)):
            named = "; ".join(_describe_document(*one) for one in first[:_NAMED]) + "; ..." * (
                len(first) > _NAMED
            )
            raise InvalidInputError(
                f"the target holds what the source has not, or has otherwise: {named}. Nothing was written: "
                "name an empty store"
            )
        return []

    def _iter_only_in_target(self, collection: Collection) -> Iterator[CollectionEntry]:
        theirs = iterate_entries(self.target, collection, read=self._step("looking through the target"))
        held = collection.name in self.source.collections
        entries = iterate_entries(self.source, collection) if held else iter(())
        for ours, there in pair_entries(entries, theirs):
            if there is not None and (ours is None or ours.text != there.text):
                yield there

    def _remove_defaults(self, defaults: list[tuple[Collection, Document]]) -> None:
        if defaults:
            with self.target.transaction() as transaction:
                for collection, document in defaults:
                    where = dict(zip(collection.key, extract_key(collection, document), strict=True))
                    transaction.delete(collection.name, where)

    def _copy(self, collection: Collection) -> tuple[int, int]:
        """Copy one collection; return the numbers of written and of existing documents."""
        before, already_there = self.copied, 0
        batch = _Batch()
        ours = iterate_entries(self.source, collection, read=self._step(f"copying {collection.name}"))
        for entry, there in pair_entries(ours, iterate_entries(self.target, collection)):
            if entry is not None and there is None:
                batch.add(entry)
                if not batch.is_full:
                    continue
            elif there is not None:
                already_there += 1
            self._write(collection, batch)
            batch = _Batch(behind=entry or there)
        self._write(collection, batch)
        if collection.numbered:
            continue_numbers(self.target, collection, get_last_number(self.source, collection))
        return self.copied - before, already_there

    def _write(self, collection: Collection, batch: _Batch) -> None:
        if not batch.entries:
            return
        after = None if batch.behind is None else extract_key(collection, batch.behind.document)
        with self.target.transaction() as transaction:
            # One query checks that none of them exists; a query for each would be a round trip to a server.
            for found in transaction.find(collection.name, {}, limit=1, after=after):
                if sort_key(collection, found) <= batch.entries[-1].rank:
                    raise ConflictError(
                        f"somebody else writes to the target ({_describe_document(collection, found)}): stop that, and name an "
                        "empty store"
                    )
            for entry in batch.entries:
                transaction.put(collection.name, entry.document)
        self.copied += len(batch.entries)

    def _compute_checksums(self, collection: Collection) -> tuple[str, str]:
        ours = iterate_entries(self.source, collection, read=self._step(f"verifying {collection.name}"))
        return checksum_entries(ours)[1], checksum_entries(iterate_entries(self.target, collection))[1]

    def _step(self, stage: str) -> Callable[[], None]:
        def step() -> None:
            self._done += 1
            self.progress(stage, self._done, self._total)

        return step


@dataclass(slots=True)
class _Batch:
    """Consecutive documents in the order of keys, with no document of the target between them.

    `behind` is the last document before them, in source or target, or None if they are the first.
    """

    behind: CollectionEntry | None = None
    entries: list[CollectionEntry] = field(default_factory=list)
    characters: int = 0

    @property
    def is_full(self) -> bool:
        """True if the batch should be written."""
        return self.characters >= BATCH_CHARACTERS or len(self.entries) >= BATCH_DOCUMENTS

    def add(self, entry: CollectionEntry) -> None:
        """Add the next document."""
        self.entries.append(entry)
        self.characters += len(entry.text)


def _count_documents(store: Store) -> dict[str, int]:
    with store.read() as snapshot:
        return {name: snapshot.count(name, {}) for name in snapshot.collections}


def _describe_document(collection: Collection, document: Document) -> str:
    key = ", ".join(
        f"{field} {value!r}"
        for field, value in zip(collection.key, extract_key(collection, document), strict=True)
    )
    return f"{collection.name} with {key}"

"""Everything from one store into another: refused, or copied, or copied so far and gone on with the next time.

There is no record of how far a migration has come: what the target holds already is the record. Documents are copied
in batches, each one transaction, and whatever is there already and equal is passed over. So a migration that was cut
off anywhere goes on when it is run again, and one that had ended only verifies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from qdash_core.errors import ConflictError, InvalidInputError, LockedError
from qdash_core.health.emptiness import is_fresh_home
from qdash_core.models.base import utc_now
from qdash_core.models.execution import ExecutionLockModel
from qdash_core.repositories.numbering import continue_numbers, last_number
from qdash_core.repositories.reading import checksum, entries, rank_of, side_by_side
from qdash_core.repositories.schema import COLLECTIONS, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from qdash_core.repositories.reading import Entry
    from qdash_core.repositories.schema import Collection
    from qdash_core.repositories.store import Document, Store

BATCH_CHARACTERS = 2_000_000
BATCH_DOCUMENTS = 1_000
"""A batch is full when it has so much text, or so many documents."""

_NAMED = 3
"""So many documents are named where a target is refused."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of one collection.

    Parameters
    ----------
    copied, already_there : int
        Documents written now, and those that the target had.
    checksum, target_checksum : str
        SHA-256 of what the source and the target hold.
    """

    copied: int
    already_there: int
    checksum: str
    target_checksum: str

    @property
    def verified(self) -> bool:
        """Whether both sides hold the same."""
        return self.checksum == self.target_checksum


@dataclass
class Migration:
    """One way from a store to another.

    Parameters
    ----------
    source, target : Store
        Open, and not the same.
    is_live : callable
        Whether a lease still holds at a moment: what is being written to is not copied.
    progress : callable
        Told after each document what is being done, how many documents are done and how many there are to do.
    """

    source: Store
    target: Store
    is_live: Callable[[ExecutionLockModel, datetime], bool]
    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None
    copied: int = field(default=0, init=False)
    """Documents written so far."""
    _total: int = field(default=0, init=False)
    _done: int = field(default=0, init=False)

    def run(self) -> dict[str, Moved]:
        """Copy what the target lacks, and read both sides again.

        Returns
        -------
        dict of str to Moved
            By collection. Where one is not `verified`, somebody has written to a store meanwhile.

        Raises
        ------
        InvalidInputError
            If the source is empty, or the target holds anything that the source does not. Nothing was written.
        LockedError
            If the source is in use. Nothing was written.
        StoreError
            If a store fails. What was copied stays, and the next run goes on from there.
        """
        there, here = _sizes(self.source), _sizes(self.target)
        if not any(there.values()):
            raise InvalidInputError("the source holds nothing: look at its URL")
        self._refuse_while_in_use()
        # The target is looked through before anything is written; then the source is copied, and both are read again.
        self._total = sum(here.values()) + 2 * sum(there.values())
        defaults = self._foreign() if any(here.values()) else []
        self._take_away(defaults)
        moved = {collection.name: self._copy(collection) for collection in COLLECTIONS.values()}
        return {
            name: Moved(copied, already_there, *self._checksums(COLLECTIONS[name]))
            for name, (copied, already_there) in moved.items()
        }

    def _refuse_while_in_use(self) -> None:
        for entry in entries(self.source, COLLECTIONS["execution_lock"]):
            lease = ExecutionLockModel.model_validate(entry.document)
            if self.is_live(lease, utc_now()):
                raise LockedError(
                    f"the source is in use: execution {lease.execution_id} of project {lease.project_id} runs "
                    f"(process {lease.pid} on {lease.host}); let it end or cancel it, then migrate"
                )

    def _foreign(self) -> list[tuple[Collection, Document]]:
        """Return the defaults of a fresh home that the target has in place of the source's; refuse anything else."""
        foreign = (
            (collection, entry.document)
            for collection in COLLECTIONS.values()
            for entry in self._only_in_target(collection)
        )
        with self.target.read() as snapshot:
            fresh = is_fresh_home(snapshot)
        if fresh:
            return list(foreign)
        if first := list(islice(foreign, _NAMED + 1)):
            named = "; ".join(_spoken(*one) for one in first[:_NAMED]) + "; ..." * (len(first) > _NAMED)
            raise InvalidInputError(
                f"the target holds what the source has not, or has otherwise: {named}. Nothing was written: "
                "name an empty store"
            )
        return []

    def _only_in_target(self, collection: Collection) -> Iterator[Entry]:
        theirs = entries(self.target, collection, read=self._step("looking through the target"))
        for ours, there in side_by_side(entries(self.source, collection), theirs):
            if there is not None and (ours is None or ours.text != there.text):
                yield there

    def _take_away(self, defaults: list[tuple[Collection, Document]]) -> None:
        if defaults:
            with self.target.transaction() as transaction:
                for collection, document in defaults:
                    where = dict(zip(collection.key, key_of(collection, document), strict=True))
                    transaction.delete(collection.name, where)

    def _copy(self, collection: Collection) -> tuple[int, int]:
        """Copy one collection; return how many documents were written, and how many were there."""
        before, already_there = self.copied, 0
        batch = _Batch()
        ours = entries(self.source, collection, read=self._step(f"copying {collection.name}"))
        for entry, there in side_by_side(ours, entries(self.target, collection)):
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
            continue_numbers(self.target, collection, last_number(self.source, collection))
        return self.copied - before, already_there

    def _write(self, collection: Collection, batch: _Batch) -> None:
        if not batch.entries:
            return
        after = None if batch.behind is None else key_of(collection, batch.behind.document)
        with self.target.transaction() as transaction:
            # That none of them is there is asked for all at once: for each it would be a trip to a server.
            for found in transaction.find(collection.name, {}, limit=1, after=after):
                if rank_of(collection, found) <= batch.entries[-1].rank:
                    raise ConflictError(
                        f"somebody else writes to the target ({_spoken(collection, found)}): stop that, and name an "
                        "empty store"
                    )
            for entry in batch.entries:
                transaction.put(collection.name, entry.document)
        self.copied += len(batch.entries)

    def _checksums(self, collection: Collection) -> tuple[str, str]:
        ours = entries(self.source, collection, read=self._step(f"verifying {collection.name}"))
        return checksum(ours)[1], checksum(entries(self.target, collection))[1]

    def _step(self, stage: str) -> Callable[[], None]:
        def step() -> None:
            self._done += 1
            self.progress(stage, self._done, self._total)

        return step


@dataclass(slots=True)
class _Batch:
    """Documents that follow each other in the order of keys, with none of the target between them.

    Parameters
    ----------
    behind : Entry or None
        The last one before them, on either side; None: they are the first.
    """

    behind: Entry | None = None
    entries: list[Entry] = field(default_factory=list)
    characters: int = 0

    @property
    def is_full(self) -> bool:
        """Whether it should be written."""
        return self.characters >= BATCH_CHARACTERS or len(self.entries) >= BATCH_DOCUMENTS

    def add(self, entry: Entry) -> None:
        """Add the next one."""
        self.entries.append(entry)
        self.characters += len(entry.text)


def _sizes(store: Store) -> dict[str, int]:
    with store.read() as snapshot:
        return {name: snapshot.count(name, {}) for name in COLLECTIONS}


def _spoken(collection: Collection, document: Document) -> str:
    key = ", ".join(
        f"{field} {value!r}"
        for field, value in zip(collection.key, key_of(collection, document), strict=True)
    )
    return f"{collection.name} with {key}"

"""Interface of stores: primitives on documents, inside transactions.

A new store is one subclass of `Store` with its `Snapshot` and `Transaction`. Repositories are written once over these
primitives. `documents` and `queries` have the parts that all stores share: the encoding of documents and the
validation of queries. `qdash_testing.store.StoreContract` tests this specification.

Documents are plain dicts of JSON values. Aware datetimes are also accepted in documents and conditions; they
are stored and returned as text of fixed width (`2026-11-20T07:25:01.000000Z`), so that the order of the text
is the order of time. String enumerations are stored as strings, tuples as lists. NaN and infinities are
rejected. A store returns copies, never its own objects.

A searchable field holds text, a number or None. None sorts before numbers, numbers before text, and text by
code point; a missing field counts as None. Key fields may be None, but not missing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.parsing.urls import redact_password
from qdash_core.repositories.catalogue import Catalogue
from qdash_core.repositories.collection import extract_key
from qdash_core.repositories.documents import make_brief, to_stored_form
from qdash_core.repositories.schema import COLLECTIONS, SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from pydantic import TypeAdapter

    from qdash_core.repositories.collection import Collection
    from qdash_core.repositories.schema import Declaration

Document = dict[str, Any]
T = TypeVar("T")
Key = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Condition on one field: it is not None and within the bounds.

    `above` and `below` are exclusive, `least` and `most` inclusive. A bound of None does not apply.
    """

    above: Any = None
    below: Any = None
    least: Any = None
    most: Any = None

    def includes(self, value: Any) -> bool:
        """Return whether a value meets the condition."""
        return value is not None and (
            (self.above is None or value > self.above)
            and (self.least is None or value >= self.least)
            and (self.below is None or value < self.below)
            and (self.most is None or value <= self.most)
        )

    @classmethod
    def from_period(cls, since: datetime | None, until: datetime | None) -> Range | None:
        """Return the condition for times from `since` on and before `until`, or None if neither is given.

        Raises
        ------
        InvalidInputError
            If there is no time between them.
        """
        if since is None and until is None:
            return None
        if since is not None and until is not None and since >= until:
            raise InvalidInputError("the time range is empty: since must be before until")
        return cls(least=since, below=until)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A condition on one field: it has one of these values, at most 10,000."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Has:
    """A condition on one of `Collection.lists`: the list has this member, and all of the others."""

    member: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """A condition on `Collection.text`: every word of `text` occurs in the field, in any order and case.

    `documents.search_terms` defines words; in scripts without spaces any two neighbouring characters are one.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Soundness:
    """Result of an integrity check of a store: the problems found, and a description of the checked parts."""

    problems: tuple[str, ...]
    looked_at: str


@dataclass(frozen=True, slots=True)
class StoreUpgrade:
    """Result of the upgrade of a store to the schema of this QDash.

    `before` and `after` are versions of the schema, equal if nothing was done. `copy` is the path of a copy of the
    store before the upgrade, or empty if none was made.
    """

    before: int
    after: int
    copy: str = ""


@dataclass(frozen=True, slots=True)
class StoreSize:
    """Size of a store on its disk: its documents and indexes, with the space for later ones, in bytes.

    `folder` is on this machine, or None for the store of a server.
    """

    bytes: int
    folder: Path | None = None


class Snapshot(ABC):
    """Consistent view of the store at one time, which is not before the block was entered.

    Every method here and in `Transaction` raises `KeyError` for a collection that the store does not hold,
    `ValueError` for a field that cannot be queried or a value that cannot be stored, and `StoreError` if the
    store fails or the block has been left. It is a `StoreUnavailableError` if waiting may help, as when a
    server is down, a disk is full, or other writers take too long.
    """

    _read_collections: Catalogue | None = None

    @property
    @abstractmethod
    def collections(self) -> Catalogue:
        """Collections of the store by name, as its catalogue has them now: also those of features that are absent here."""

    def get_collection(self, name: str) -> Collection:
        """Return a collection that this process knows or the store holds; raise `KeyError` if there is none."""
        if (known := COLLECTIONS.find(name)) is not None:
            return known
        if self._read_collections is None:
            self._read_collections = self.collections
        return self._read_collections[name]

    @abstractmethod
    def get(self, collection: str, key: Key) -> Document | None:
        """Return the document with this key, or None."""

    @abstractmethod
    def find(
        self,
        collection: str,
        where: Mapping[str, Any],
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[Document]:
        """Return the documents that meet every condition.

        Parameters
        ----------
        where : mapping
            Conditions by field: a value, a `Range` or a `OneOf`; `Has` for a list, `Words` for the text field.
        order : sequence of str
            Fields to order by, `-` for descending; ties are broken by the key, ascending.
        limit : int or None
            Maximum number of documents.
        after : sequence or None
            Values of the `order` fields followed by the key fields of the last document of the previous page.
            The result starts after it.
        """

    def load(
        self,
        reader: TypeAdapter[list[T]],
        collection: str,
        where: Mapping[str, Any],
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
        without: Sequence[str] = (),  # noqa: ARG002  for stores that can
    ) -> list[T]:
        """Return the documents of `find`, parsed by `reader`, which a store of texts may let parse these directly.

        `without` names fields that the reader skips, so that a store need not read them.
        """
        return reader.validate_python(self.find(collection, where, order=order, limit=limit, after=after))

    def read_briefs(
        self,
        collection: str,
        where: Mapping[str, Any],
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[list[Any]]:
        """Return the briefs of the documents of `find`: the values of `Collection.brief` in its order.

        An empty list, an empty mapping and a missing field are None.
        """
        known = self.get_collection(collection)
        found = self.find(collection, where, order=order, limit=limit, after=after)
        return [make_brief(known, document) for document in found]

    @abstractmethod
    def count(self, collection: str, where: Mapping[str, Any]) -> int:
        """Return the number of documents that meet every condition."""


class Transaction(Snapshot):
    """Atomic transaction. Other transactions see all of its writes or none, also after a crash.

    Transactions are serialised, and each sees its own writes. After a `ConflictError` a transaction can
    continue, since the rejected write changed nothing. After any other `StoreError` the block must be left,
    and nothing is written.
    """

    announced: tuple[object, ...] = ()
    """Announced changes in their order."""

    def announce(self, change: object) -> None:
        """Pass a change to the store's `on_commit` once this transaction is committed."""
        self.announced = (*self.announced, change)

    @abstractmethod
    def keep_collections(self, declarations: Iterable[Declaration]) -> None:
        """Add collections to the store and its catalogue, for the records of features that are absent here.

        Collections that the store holds stay as they are. Later transactions can write documents; the empty collections may stay if
        this one is rolled back.
        """

    @abstractmethod
    def insert(self, collection: str, document: Document) -> None:
        """Add a new document. In a numbered collection it includes its `seq`, and later ones get higher numbers.

        Raises
        ------
        ConflictError
            If its key, or another unique combination, exists.
        """

    def insert_all(self, collection: str, documents: Iterable[Document]) -> None:
        """Add new documents as `insert` does, in a few requests on a store that is a server.

        After a `ConflictError` some of them may have been added.
        """
        for document in documents:
            self.insert(collection, document)

    @abstractmethod
    def put(self, collection: str, document: Document) -> None:
        """Add a document, or replace the one with its key.

        Raises
        ------
        ConflictError
            If another document has one of its unique combinations.
        """

    @abstractmethod
    def append(self, collection: str, document: Document) -> int:
        """Add a document to a numbered collection and return its assigned `seq`, which replaces any it has.

        Numbers start at 1, increase in the order of commits, and are never reused.
        """

    @abstractmethod
    def delete(self, collection: str, where: Mapping[str, Any]) -> int:
        """Remove the documents that meet every condition and return their number."""

    def compare_and_set(self, collection: str, expected: Mapping[str, Any], document: Document) -> bool:
        """Replace the document with the key of `document` if each field of `expected` has that value now.

        `expected` may name any top-level field of the document, indexed or not. Returns whether the document
        was replaced, which is False if it does not exist.
        """
        current = self.get(collection, extract_key(self.get_collection(collection), document))
        if current is None or any(
            current.get(field) != value and current.get(field) != to_stored_form(value)
            for field, value in expected.items()
        ):
            return False
        self._replace(collection, document, current)
        return True

    def _replace(self, collection: str, document: Document, former: Document) -> None:  # noqa: ARG002  for stores that can
        """Replace a document that was read in this transaction as `former`, so that a store can skip what stays the same."""
        self.put(collection, document)

    def increment(self, collection: str, key: Key, field: str, *, initial: Document) -> int:
        """Add 1 to a whole-number field and return the new value; a missing document starts as `initial`.

        `initial` has the key fields and `field`, whose value is returned when the document is created.
        """
        current = self.get(collection, key)
        if current is None and extract_key(self.get_collection(collection), initial) != tuple(key):
            raise InvalidInputError(f"{collection}: the initial document does not have the key {key!r}")
        document = initial if current is None else current
        value = document.get(field)
        if type(value) is not int:
            raise InvalidInputError(
                f"{collection}: {field} is {value!r}, only a whole number can be incremented"
            )
        if current is None:
            self.insert(collection, document)
            return value
        self.put(collection, {**document, field: value + 1})
        return value + 1


class Store(ABC):
    """An open, thread-safe store. Several processes may open the same one if its URL can be shared."""

    schemes: ClassVar[tuple[str, ...]] = ()
    """URL schemes that the class opens."""
    shared: ClassVar[bool] = False
    """True if several processes can have the same URL open."""
    any_size: ClassVar[bool] = False
    """True if one transaction can be as large as the whole store."""
    write_wait_s: float | None = None
    """Longest wait of a transaction for other writers before `StoreUnavailableError`, in seconds, or None for the wait of
    a run. A store whose transactions never wait long may ignore it."""
    on_commit: Callable[[Any], None] | None = None
    """Receives each announced change of a committed transaction, after the block; or None."""

    @classmethod
    @abstractmethod
    def open(cls, url: str) -> Store:
        """Open the store at `url`; create it if it does not exist.

        A store with an older schema is copied and upgraded, or refused, see `upgrade`. A store holds every collection of
        `schema.COLLECTIONS`: new ones get their indexes now. It keeps their declarations in a catalogue (`catalogue.Catalogue`), so that it
        still holds the collections of features that are not installed any more.

        Raises
        ------
        LockedError
            If it must be upgraded, and another process uses it. It is unchanged then.
        StoreError
            If it cannot be opened, or was written by a newer version. It is unchanged then.
        """

    @classmethod
    def open_file(cls, path: Path, *, temporary: bool = False) -> Store:  # noqa: ARG003  the default is no file
        """Open the store in a file, as `open` does; for kinds of stores that are files.

        `temporary` tells whether the caller removes it afterwards: an older schema is upgraded without a copy of it.
        """
        raise StoreError(f"{path}: a store of this kind is no file")

    @classmethod
    def list_files(cls, url: str) -> list[Path]:  # noqa: ARG003  a server has them elsewhere
        """Return the existing files of the store at `url` on this machine."""
        return []

    @classmethod
    def place(cls, url: str) -> str:
        """Return a canonical form of a store's URL, to compare URLs without opening the stores."""
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @classmethod
    def exists(cls, url: str) -> bool:  # noqa: ARG003  the default cannot tell without opening
        """Return whether there may be a store at `url`; False if `open` would create one."""
        return True

    @classmethod
    def read_schema_version(cls, url: str) -> int | None:
        """Return the version of the schema of the store at `url`, which is not changed, or None if there is none.

        Stores whose kind has no versions always have the version of this QDash.

        Raises
        ------
        StoreError
            If it cannot be read, or was written by a newer version.
        """
        return SCHEMA_VERSION if cls.exists(url) else None

    @classmethod
    def list_users(cls, url: str) -> list[str]:  # noqa: ARG003  the default cannot tell
        """Return descriptions of the processes that have the store at `url` open, this one included.

        Processes of any version are found: the store is asked, not its documents. Ending ones are waited for, two seconds at most.
        The store is not changed, and a missing one has none.

        Raises
        ------
        StoreError
            If the store does not respond.
        """
        return []

    @classmethod
    def upgrade(cls, url: str) -> StoreUpgrade:  # noqa: ARG003  the default has no older versions
        """Upgrade the existing store at `url` to the schema of this QDash; does nothing if it has that.

        Raises
        ------
        LockedError
            If another process uses the store. It is unchanged then.
        StoreError
            If it cannot be upgraded. Afterwards the same call starts again, or continues.
        """
        return StoreUpgrade(SCHEMA_VERSION, SCHEMA_VERSION)

    @classmethod
    def readable(cls, url: str, collection: str) -> Iterator[Document | None]:  # noqa: ARG003  a server repairs itself
        """Yield the readable documents of a collection in a damaged store, and None for each known loss. Nothing is changed.

        Raises
        ------
        StoreError
            If nothing can be read, or this kind of store is repaired otherwise.
        """
        raise StoreError(
            f"{redact_password(url)} is looked after by its server: mend it there, or restore a backup"
        )

    @classmethod
    def read_catalogue(cls, url: str) -> Catalogue:  # noqa: ARG003  a server repairs itself
        """Return the readable part of the catalogue of a damaged store, which is not changed."""
        return Catalogue(())

    @property
    def collections(self) -> Catalogue:
        """Collections of the store by name, see `Snapshot.collections`."""
        with self.read() as snapshot:
            return snapshot.collections

    @abstractmethod
    def read(self) -> AbstractContextManager[Snapshot]:
        """Open a snapshot: all results within the block are consistent, whatever is written meanwhile."""

    @abstractmethod
    def transaction(self, *, durable: bool = True) -> AbstractContextManager[Transaction]:
        """Begin a transaction. Leaving the block commits it durably; an exception rolls it back.

        If `durable` is False, the writes survive kill -9, but a power cut may undo them until a durable transaction
        follows: for records that are worthless without their successor, such as the start of a task.

        Notes
        -----
        A committed transaction survives kill -9 and, if the medium guarantees it, a power cut. Blocks of one
        thread do not nest: a second `read()` or `transaction()` inside one raises a `StoreError`. Blocks are
        short, without access to hardware or network, and without fits. After the commit, outside all locks, each
        store calls `pass_on`.

        Raises
        ------
        StoreUnavailableError
            If the store cannot be reached or written now. Nothing was written then, to the store's knowledge:
            if the reply to a commit is lost, it asks again before it gives up. The store can still be used.
        StoreError
            If the store is closed.
        """

    def pass_on(self, committed: Transaction) -> None:
        """Pass the changes that a committed transaction announced to `on_commit`."""
        if self.on_commit is not None:
            for change in committed.announced:
                self.on_commit(change)

    def soundness(self, *, deep: bool = False, within_s: float | None = None) -> Soundness:  # noqa: ARG002  for stores with a structure to check
        """Check the integrity of pages, indexes or the server, without writing.

        `deep` checks everything, however long it takes; `within_s` limits another check, in seconds.

        Raises
        ------
        StoreError
            If the store does not respond.
        """
        with self.read() as snapshot:
            snapshot.count("project", {})
        return Soundness((), "it answers")

    def measure_size(self) -> StoreSize | None:
        """Return the size of the store on its disk, or None if it is on none, or unknown; StoreError if the store does not respond."""
        return None

    @abstractmethod
    def close(self) -> None:
        """Close the store. It cannot be used afterwards; closing it again does nothing."""

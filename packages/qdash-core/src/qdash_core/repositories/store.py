"""What a store must be able to do: a few primitives on documents, inside transactions.

A new store is one subclass of `Store` with its `Snapshot` and `Transaction`. Repositories are written once over these
primitives. `documents` and `queries` hold what every store does alike: how a document is written as text, and what
may be asked. What is said here is tested by `qdash_core.testing.store.StoreContract`.

Documents are plain dicts of JSON values. Going in, aware datetimes are taken too, in documents and in conditions; they
are kept, and come out, as text of fixed width (`2026-11-20T07:25:01.000000Z`), so that the order of the text is the
order of time. Enumerations of strings are kept as their strings, tuples as lists. NaN and infinities are refused. A
store hands out copies, never its own objects.

A field by which documents are found holds text, a number or None; None comes before numbers, numbers before text, text
by code point, and a field that a document lacks counts as None. Key fields may be None, but not absent.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.repositories.documents import plain
from qdash_core.repositories.schema import collection_named, key_of
from qdash_core.urls import redacted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from pydantic import TypeAdapter

Document = dict[str, Any]
T = TypeVar("T")
Key = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """A condition on one field: it is not None, and within the bounds. Bounds that are None do not bind.

    Parameters
    ----------
    above, below : object or None
        Exclusive lower and upper bound.
    least, most : object or None
        Inclusive lower and upper bound.
    """

    above: Any = None
    below: Any = None
    least: Any = None
    most: Any = None


@dataclass(frozen=True, slots=True)
class OneOf:
    """A condition on one field: it has one of these values, at most 10,000."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Has:
    """A condition on one of `Collection.lists`: the list has this member."""

    member: str


@dataclass(frozen=True, slots=True)
class Words:
    """A condition on `Collection.text`: every word of `text` occurs in the field, in any order and case.

    `documents.search_terms` says what a word is; in scripts without spaces any part of two characters is one.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Soundness:
    """Whether what lies beneath the documents of a store is as it should be.

    Parameters
    ----------
    problems : tuple of str
        What is wrong; empty: nothing was found.
    looked_at : str
        What was looked at, for people.
    """

    problems: tuple[str, ...]
    looked_at: str


class Snapshot(ABC):
    """What the store held at one moment, which is not before the block was entered.

    Every method here and in `Transaction` raises `KeyError` for a collection that `schema.COLLECTIONS` does not name,
    `ValueError` for a field that cannot be asked for there or a value that cannot be kept, and `StoreError` when the
    store fails or the block has been left: `StoreUnavailableError` where waiting may help, as when a server is away, a
    disk is full, or others write for too long.
    """

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
        collection : str
            Name of the collection.
        where : mapping
            Field to a value, a `Range` or a `OneOf`; a list to a `Has`, the field with text to `Words`.
        order : sequence of str
            Fields to order by, `-` for descending; ties are broken by the key, ascending.
        limit : int or None
            At most so many.
        after : sequence or None
            Values of the `order` fields followed by the key fields of the last document of the previous page: the
            answer begins behind it.
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
        """Return what `find` would, as `reader` reads it. A store that keeps text may let it read that.

        `without` names fields that the reader passes over: a store may leave them where they are.
        """
        return reader.validate_python(self.find(collection, where, order=order, limit=limit, after=after))

    @abstractmethod
    def count(self, collection: str, where: Mapping[str, Any]) -> int:
        """Return how many documents meet every condition."""


class Transaction(Snapshot):
    """All or nothing. Other transactions see either none or all of what was written, and so does a crash.

    Transactions run one after the other, and each sees its own writes. After a `ConflictError` it can go on: what was
    refused has changed nothing. After any other `StoreError` it can only be left, and nothing is written.
    """

    @abstractmethod
    def insert(self, collection: str, document: Document) -> None:
        """Add a new document. In a numbered collection it brings its `seq`: later ones get higher numbers.

        Raises
        ------
        ConflictError
            If its key, or another unique combination, exists.
        """

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
        """Add a document to a numbered collection and return the `seq` it was given, in place of one it may bring.

        Numbers begin at 1, increase in the order in which transactions become visible, and are never used again.
        """

    @abstractmethod
    def delete(self, collection: str, where: Mapping[str, Any]) -> int:
        """Remove the documents that meet every condition and return how many there were."""

    def compare_and_set(self, collection: str, expected: Mapping[str, Any], document: Document) -> bool:
        """Replace the document with the key of `document` if each field of `expected` has that value now.

        `expected` may name any top-level field of the document, indexed or not. Returns whether it was replaced; a
        document that does not exist is not.
        """
        current = self.get(collection, key_of(collection_named(collection), document))
        if current is None or any(current.get(field) != plain(value) for field, value in expected.items()):
            return False
        self.put(collection, document)
        return True

    def increment(self, collection: str, key: Key, field: str, *, initial: Document) -> int:
        """Add 1 to a whole-number field and return the new value; a missing document starts as `initial`.

        `initial` holds the key fields and `field`, whose value is returned when the document is made.
        """
        current = self.get(collection, key)
        if current is None and key_of(collection_named(collection), initial) != tuple(key):
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
    """An open store, safe for threads; several processes may have the same one open where its URL can be shared."""

    schemes: ClassVar[tuple[str, ...]] = ()
    """URL schemes that the class opens."""
    shared: ClassVar[bool] = False
    """Whether several processes can have the same URL open."""
    any_size: ClassVar[bool] = False
    """Whether one transaction can hold everything that the store does."""
    write_wait_s: float | None = None
    """Longest wait of a transaction for other writers before `StoreUnavailableError`, in seconds, or None for the wait of
    a run. A store whose transactions never wait long may ignore it."""

    @classmethod
    @abstractmethod
    def open(cls, url: str) -> Store:
        """Open the store at `url`, making it if need be.

        Raises
        ------
        StoreError
            If it cannot be opened, or was written by a newer version. Nothing has been changed then.
        """

    @classmethod
    def place(cls, url: str) -> str:
        """Return what is the same for two URLs of one store, as far as can be told without opening it."""
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @classmethod
    def exists(cls, url: str) -> bool:  # noqa: ARG003  only opening can tell, unless the class knows better
        """Whether there may be a store at `url`: False where `open` would make one."""
        return True

    @classmethod
    def readable(cls, url: str, collection: str) -> Iterator[Document | None]:  # noqa: ARG003  a server mends itself
        """Yield what can be read of a collection of a store that is damaged, and None for what is known to be lost.

        Nothing is written there.

        Raises
        ------
        StoreError
            If nothing can be read, or this kind of store is mended otherwise.
        """
        raise StoreError(f"{redacted(url)} is looked after by its server: mend it there, or restore a backup")

    @abstractmethod
    def read(self) -> AbstractContextManager[Snapshot]:
        """Begin to read: the answers within the block agree with each other, whatever is written meanwhile."""

    @abstractmethod
    def transaction(self, *, durable: bool = True) -> AbstractContextManager[Transaction]:
        """Begin a transaction. Leaving the block commits it durably; an exception undoes it.

        Parameters
        ----------
        durable : bool
            False: what is written survives kill -9, but a power cut may undo it as long as no durable transaction has
            followed. For what is worthless without its successor, such as that a task has been started.

        Notes
        -----
        What has been acknowledged survives kill -9 and, where the medium can promise it, a power cut. Blocks of one
        thread do not nest: a second `read()` or `transaction()` inside one is refused with a `StoreError`. They are
        short: hardware, network and fits stay outside.

        Raises
        ------
        StoreUnavailableError
            If the store cannot be reached or written now. Nothing was written then, as far as can be known: should the
            answer to a commit be lost, the store asks again before it gives up. It can still be used.
        StoreError
            If the store is closed.
        """

    def soundness(self, *, deep: bool = False, within_s: float | None = None) -> Soundness:  # noqa: ARG002  for who has a structure to look at
        """Look at what lies beneath the documents: pages, indexes, the server. Nothing is written.

        Parameters
        ----------
        deep : bool
            Look at everything, however long it takes.
        within_s : float or None
            Otherwise look no longer than this, in seconds.

        Raises
        ------
        StoreError
            If the store does not answer.
        """
        with self.read() as snapshot:
            snapshot.count("project", {})
        return Soundness((), "it answers")

    @abstractmethod
    def close(self) -> None:
        """Close the store. It cannot be used afterwards; closing it again does nothing."""

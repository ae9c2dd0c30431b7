"""Queries of the database, and snapshots."""

from __future__ import annotations

import os
from abc import abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from pymongo.errors import PyMongoError

from qdash_core.errors import StoreError
from qdash_core.repositories.queries import checked_key, question
from qdash_core.repositories.schema import collection_named
from qdash_core.repositories.store import Snapshot
from qdash_mongo.documents import original
from qdash_mongo.failures import failure
from qdash_mongo.filters import filter_of, sort_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import TypeAdapter

    from qdash_core.repositories.queries import Query
    from qdash_core.repositories.schema import Collection
    from qdash_core.repositories.store import Document, Key
    from qdash_mongo.database import Database
    from qdash_mongo.filters import Filter

T = TypeVar("T")

Fields = dict[str, bool] | None
"""Which fields stay where they are; None: none."""

BATCH = 1000
"""So many documents the server sends at once."""


class DatabaseReader(Snapshot):
    """Questions to the database, as long as nothing has failed and nobody has left."""

    outcome = ""
    """What is to be said of writes when something fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._refusal = ""

    @abstractmethod
    def leave(self) -> None:
        """Refuse everything from now on."""

    @abstractmethod
    def _first(self, known: Collection, where: Filter) -> Document | None:
        """Return a document that meets conditions, as it lies in the database."""

    @abstractmethod
    def _all(
        self,
        known: Collection,
        where: Filter,
        sort: list[tuple[str, int]],
        limit: int | None,
        fields: Fields,
    ) -> list[Document]:
        """Return the documents that meet conditions, as they lie in the database."""

    @abstractmethod
    def _count(self, known: Collection, where: Filter) -> int:
        """Return how many there are."""

    def get(self, collection: str, key: Key) -> Document | None:
        known = collection_named(collection)
        where = dict(zip(known.key, checked_key(known, key), strict=True))
        found = self._first(known, where)
        return None if found is None else original(found)

    def find(
        self,
        collection: str,
        where: Mapping[str, Any],
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[Document]:
        return self._found(question(collection, where, order=order, limit=limit, after=after))

    def load(
        self,
        reader: TypeAdapter[list[T]],
        collection: str,
        where: Mapping[str, Any],
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
        without: Sequence[str] = (),
    ) -> list[T]:
        query = question(collection, where, order=order, limit=limit, after=after)
        return reader.validate_python(self._found(query, without=without))

    def count(self, collection: str, where: Mapping[str, Any]) -> int:
        query = question(collection, where)
        return self._count(query.collection, filter_of(query))

    def _found(self, query: Query, *, without: Sequence[str] = ()) -> list[Document]:
        if query.limit == 0:
            return []
        fields = dict.fromkeys(without, False) or None
        found = self._all(query.collection, filter_of(query), sort_of(query), query.limit, fields)
        return [original(document) for document in found]

    def _close(self) -> None:
        self._refusal = self._refusal or "this transaction has ended: begin another one"

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Say what an error of the driver means, and refuse everything after one."""
        self._require_open()
        try:
            yield
        except PyMongoError as error:
            failed = failure(error, self._database.place, self.outcome)
            self._refusal = f"an earlier step of this transaction failed ({failed})"
            raise failed from error

    def _require_open(self) -> None:
        if self._database.pid != os.getpid():
            raise StoreError(
                f"this process was forked while a transaction on {self._database.place} was open: begin another one"
            )
        if self._refusal:
            raise StoreError(self._refusal)


class MongoSnapshot(DatabaseReader):
    """Snapshot of the database at its first query, which blocks the calling thread."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._session = database.readable.client.start_session(snapshot=True)

    def leave(self) -> None:
        self._close()
        if self._database.pid == os.getpid():
            self._session.end_session()  # asks nothing of the server

    def _first(self, known: Collection, where: Filter) -> Document | None:
        with self._asking():
            return self._database.readable[known.name].find_one(where, session=self._session)

    def _all(
        self,
        known: Collection,
        where: Filter,
        sort: list[tuple[str, int]],
        limit: int | None,
        fields: Fields,
    ) -> list[Document]:
        with self._asking():
            found = self._database.readable[known.name].find(
                where, fields, sort=sort or None, limit=limit or 0, batch_size=BATCH, session=self._session
            )
            return found.to_list()

    def _count(self, known: Collection, where: Filter) -> int:
        with self._asking():
            return self._database.readable[known.name].count_documents(where, session=self._session)

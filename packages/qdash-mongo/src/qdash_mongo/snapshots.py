"""Queries of the database, and read-only snapshots."""

from __future__ import annotations

import os
from abc import abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from pymongo.errors import PyMongoError

from qdash_core.errors import StoreError
from qdash_core.repositories.catalogue import CATALOGUE
from qdash_core.repositories.documents import decode_briefs
from qdash_core.repositories.queries import convert_key, make_query
from qdash_core.repositories.store import Snapshot
from qdash_mongo.catalogue import make_catalogue
from qdash_mongo.document_encoding import BRIEF, decode_document
from qdash_mongo.failures import convert_failure
from qdash_mongo.filters import make_filter, make_sort

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import TypeAdapter

    from qdash_core.repositories.catalogue import Catalogue
    from qdash_core.repositories.collection import Collection
    from qdash_core.repositories.queries import Query
    from qdash_core.repositories.store import Document, Key
    from qdash_mongo.database import Database
    from qdash_mongo.filters import Filter

T = TypeVar("T")

_BATCH = 1000
"""Number of documents in one message of the server."""


_LARGE_BATCH = 20_000
"""The same for briefs, which have less than a kilobyte."""


class FindArguments(TypedDict, total=False):
    """Arguments of the driver's `find`."""

    filter: Filter
    projection: dict[str, bool] | None
    sort: list[tuple[str, int]] | None
    limit: int
    batch_size: int


class DatabaseReader(Snapshot):
    """Queries of the database until the first failure or until `leave`."""

    outcome = ""
    """Result of the writes, for the message of a failure; empty if there are none."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._refusal: StoreError | None = None

    @property
    def collections(self) -> Catalogue:
        with self._convert_failures():
            return make_catalogue(self._database.blocking[CATALOGUE].find({}).to_list())

    @abstractmethod
    def leave(self) -> None:
        """Reject all further queries."""

    @abstractmethod
    def _find_one(self, known: Collection, where: Filter) -> Document | None:
        """Return a document that matches a filter, still encoded, or None."""

    @abstractmethod
    def _find_all(self, known: Collection, arguments: FindArguments) -> list[Document]:
        """Return the documents that the driver's `find` returns for these arguments, still encoded."""

    @abstractmethod
    def _count_all(self, known: Collection, where: Filter) -> int:
        """Return the number of documents that match a filter."""

    def get(self, collection: str, key: Key) -> Document | None:
        known = self.get_collection(collection)
        where = dict(zip(known.key, convert_key(known, key), strict=True))
        found = self._find_one(known, where)
        return None if found is None else decode_document(found)

    def find(
        self,
        collection: str,
        where: Mapping[str, Any],
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[Document]:
        return self._query(
            make_query(self.get_collection(collection), where, order=order, limit=limit, after=after)
        )

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
        query = make_query(self.get_collection(collection), where, order=order, limit=limit, after=after)
        return reader.validate_python(self._query(query, without=without))

    def read_briefs(
        self,
        collection: str,
        where: Mapping[str, Any],
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[list[Any]]:
        query = make_query(self.get_collection(collection), where, order=order, limit=limit, after=after)
        if query.limit == 0:
            return []
        arguments = FindArguments(
            filter=make_filter(query),
            projection={"_id": False, BRIEF: True},
            sort=make_sort(query) or None,
            limit=query.limit or 0,
            batch_size=_LARGE_BATCH,
        )
        return decode_briefs(document[BRIEF] for document in self._find_all(query.collection, arguments))

    def count(self, collection: str, where: Mapping[str, Any]) -> int:
        query = make_query(self.get_collection(collection), where)
        return self._count_all(query.collection, make_filter(query))

    def _query(self, query: Query, *, without: Sequence[str] = ()) -> list[Document]:
        if query.limit == 0:
            return []
        arguments = FindArguments(
            filter=make_filter(query),
            projection=dict.fromkeys(without, False) or None,
            sort=make_sort(query) or None,
            limit=query.limit or 0,
            batch_size=_BATCH,
        )
        return [decode_document(document) for document in self._find_all(query.collection, arguments)]

    def _close(self) -> None:
        self._refusal = self._refusal or StoreError("this transaction has ended: begin another one")

    @contextmanager
    def _convert_failures(self) -> Iterator[None]:
        """Convert exceptions of the driver to store errors, and reject all queries after one."""
        self._require_open()
        try:
            yield
        except PyMongoError as error:
            failed = convert_failure(error, self._database.place, self.outcome)
            kind = type(failed) if isinstance(failed, StoreError) else StoreError
            self._refusal = kind(f"an earlier step of this transaction failed ({failed})")
            raise failed from error

    def _require_open(self) -> None:
        if self._database.pid != os.getpid():
            raise StoreError(
                f"this process was forked while a transaction on {self._database.place} was open: begin another one"
            )
        if self._refusal is not None:
            raise self._refusal


class MongoSnapshot(DatabaseReader):
    """Snapshot of the database as of its first query, which blocks the calling thread."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._session = database.blocking.client.start_session(snapshot=True)

    def leave(self) -> None:
        self._close()
        if self._database.pid == os.getpid():
            self._session.end_session()  # sends nothing to the server

    def _find_one(self, known: Collection, where: Filter) -> Document | None:
        with self._convert_failures():
            return self._database.blocking[known.name].find_one(where, session=self._session)

    def _find_all(self, known: Collection, arguments: FindArguments) -> list[Document]:
        with self._convert_failures():
            return self._database.blocking[known.name].find(**arguments, session=self._session).to_list()

    def _count_all(self, known: Collection, where: Filter) -> int:
        with self._convert_failures():
            return self._database.blocking[known.name].count_documents(where, session=self._session)

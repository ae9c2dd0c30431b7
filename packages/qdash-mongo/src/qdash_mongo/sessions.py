"""Reading: a snapshot of the database."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

from pymongo.errors import PyMongoError

from qdash_core.errors import StoreError
from qdash_core.repositories.queries import checked_key, question
from qdash_core.repositories.schema import collection_named
from qdash_core.repositories.store import Snapshot
from qdash_mongo.database import answered
from qdash_mongo.documents import original
from qdash_mongo.failures import failure
from qdash_mongo.filters import filter_of, sort_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from pydantic import TypeAdapter
    from pymongo.asynchronous.client_session import AsyncClientSession

    from qdash_core.repositories.queries import Query
    from qdash_core.repositories.schema import Collection
    from qdash_core.repositories.store import Document, Key
    from qdash_mongo.database import Database
    from qdash_mongo.filters import Filter

T = TypeVar("T")

_BATCH = 1000
"""So many documents the server sends at once."""


class MongoSnapshot(Snapshot):
    """What the database held at the moment of the first question."""

    outcome = ""
    """What is to be said of writes when something fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._refusal = ""
        self._session = self._begun()

    def get(self, collection: str, key: Key) -> Document | None:
        known = collection_named(collection)
        where = dict(zip(known.key, checked_key(known, key), strict=True))
        found = self._run(self._first, known, where)
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
        return self._run(self._count, query.collection, filter_of(query))

    def leave(self) -> None:
        """Refuse everything from now on."""
        self._refusal = self._refusal or "this transaction has ended: begin another one"
        if self._database.pid == os.getpid() and not self._session.has_ended:
            self._database.start(self._session.end_session())

    def _found(self, query: Query, *, without: Sequence[str] = ()) -> list[Document]:
        if query.limit == 0:
            return []
        fields = dict.fromkeys(without, False)
        found = self._run(
            self._all, query.collection, filter_of(query), sort_of(query), query.limit, fields or None
        )
        return [original(document) for document in found]

    def _begun(self) -> AsyncClientSession:
        return self._database.client.start_session(snapshot=True)

    def _run(self, work: Callable[..., Coroutine[object, object, T]], *arguments: object) -> T:
        """Return what work in the driver's loop returns."""
        self._require_open()
        try:
            return self._database.run(answered(work(*arguments)))
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

    async def _ready(self, known: Collection) -> None:
        """Do what an answer about a collection depends on."""

    async def _first(self, known: Collection, where: Filter) -> Document | None:
        await self._ready(known)
        return await self._database.collections[known.name].find_one(where, session=self._session)

    async def _all(
        self,
        known: Collection,
        where: Filter,
        sort: list[tuple[str, int]],
        limit: int | None,
        fields: Mapping[str, bool] | None,
    ) -> list[Document]:
        await self._ready(known)
        found = self._database.collections[known.name].find(
            where,
            fields,
            sort=sort or None,
            limit=limit or 0,
            batch_size=_BATCH,
            session=self._session,
        )
        return await found.to_list()

    async def _count(self, known: Collection, where: Filter) -> int:
        await self._ready(known)
        return await self._database.collections[known.name].count_documents(where, session=self._session)

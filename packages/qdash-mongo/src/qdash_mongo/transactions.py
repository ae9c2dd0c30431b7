"""Writing: a transaction of the database.

A trip to the server costs more than everything else. So a transaction keeps its writes until an answer depends on them
or it ends, and sends those of one collection together; and it does not ask for what it knows.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

import bson
from pymongo import InsertOne, ReplaceOne
from pymongo.errors import PyMongoError

from qdash_core.repositories.queries import check_numbered, checked_key, conflict, question
from qdash_core.repositories.schema import collection_named
from qdash_core.repositories.store import Transaction
from qdash_mongo.database import THE_REGISTER, answered
from qdash_mongo.documents import original, stored
from qdash_mongo.failures import NOTHING_WRITTEN
from qdash_mongo.filters import PRESENT, filter_of
from qdash_mongo.snapshots import BATCH, DatabaseReader
from qdash_mongo.write_turn import commit, is_lost, take_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from qdash_core.repositories.documents import Scalar
    from qdash_core.repositories.schema import Collection
    from qdash_core.repositories.store import Document, Key
    from qdash_mongo.database import Database
    from qdash_mongo.documents import EncodedDocument
    from qdash_mongo.filters import Filter
    from qdash_mongo.snapshots import Fields

T = TypeVar("T")


class MongoTransaction(DatabaseReader, Transaction):
    """Transaction whose queries see the writes of all earlier transactions.

    Parameters
    ----------
    database : Database
        Where.
    kind : hashable
        Transactions of a kind are expected to draw as many numbers as the last one: these are drawn with the turn.
    """

    outcome = NOTHING_WRITTEN

    def __init__(self, database: Database, kind: object) -> None:
        super().__init__(database)
        self._session = database.client.start_session(causal_consistency=False)
        self._kind = kind
        self._memory = database.memory
        self._kept: dict[str, list[InsertOne[Any] | ReplaceOne[Any]]] = {}
        self._numbers: dict[str, int] = {}

    def begin(self) -> None:
        """Take the turn to write."""
        self._run(self._begin)

    def get(self, collection: str, key: Key) -> Document | None:
        known = collection_named(collection)
        body = self._body(known, checked_key(known, key))
        return None if body is None else original(bson.decode(body))

    def insert(self, collection: str, document: Document) -> None:
        known = collection_named(collection)
        new = stored(known, document)
        if self._body(known, tuple(new.key.values())) is not None:
            raise conflict(known, known.key, document)
        self._require_free(known, new, document)
        self._keep(known, new, InsertOne(new.body))

    def put(self, collection: str, document: Document) -> None:
        known = collection_named(collection)
        new = stored(known, document)
        self._require_free(known, new, document)
        self._keep(known, new, ReplaceOne(new.key, new.body, upsert=True))

    def append(self, collection: str, document: Document) -> int:
        known = collection_named(collection)
        check_numbered(known)
        number = self._numbers.get(collection, 0) + 1
        new = stored(known, {**document, known.key[0]: number})
        self._keep(known, new, InsertOne(new.body))
        return number

    def delete(self, collection: str, where: Mapping[str, Any]) -> int:
        query = question(collection, where)
        return self._run(self._remove, query.collection, filter_of(query))

    def commit(self) -> None:
        """Make everything visible, and durable.

        Raises
        ------
        StoreUnavailableError
            If nothing was written, or its answer was lost for so long that it is not known.
        """
        self._run(self._finish)

    def leave(self) -> None:
        """Refuse everything from now on, and undo what has not been committed."""
        if self._session.in_transaction and not self._refusal and self._database.pid == os.getpid():
            self._database.run(self._session.abort_transaction())
        self._close()
        if self._database.pid == os.getpid() and not self._session.has_ended:
            self._database.start(self._session.end_session())

    def _first(self, known: Collection, where: Filter) -> Document | None:
        return self._run(self._ask_first, known, where)

    def _all(
        self,
        known: Collection,
        where: Filter,
        sort: list[tuple[str, int]],
        limit: int | None,
        fields: Fields,
    ) -> list[Document]:
        return self._run(self._ask_all, known, where, sort, limit, fields)

    def _count(self, known: Collection, where: Filter) -> int:
        return self._run(self._ask_count, known, where)

    def _run(self, work: Callable[..., Coroutine[object, object, T]], *arguments: object) -> T:
        """Return what work in the driver's loop returns."""
        with self._asking():
            return self._database.run(answered(work(*arguments)))

    def _keep(self, known: Collection, new: EncodedDocument, write: InsertOne[Any] | ReplaceOne[Any]) -> None:
        self._require_open()
        self._kept.setdefault(known.name, []).append(write)
        self._memory.remember((known.name, tuple(new.key.values())), bytes(new.body.raw))
        if known.numbered and isinstance(number := new.key[known.key[0]], int):
            self._numbers[known.name] = max(number, self._numbers.get(known.name, 0))

    def _body(self, known: Collection, key: tuple[Scalar, ...]) -> bytes | None:
        """Return a document in BSON, or None: from memory, or from the server."""
        self._require_open()
        place = known.name, key
        if self._memory.knows(place):
            return self._memory.body(place)
        found = self._first(known, dict(zip(known.key, key, strict=True)))
        body = None if found is None else bson.encode(found)
        self._memory.remember(place, body)
        return body

    def _require_free(self, known: Collection, new: EncodedDocument, document: Document) -> None:
        """Look before writing: the server gives up a transaction in which something is there twice."""
        for fields in known.unique:
            values = {name: new.columns[name] for name in fields}
            if None in values.values():
                continue
            same = {name: {"$eq": value, **PRESENT} for name, value in values.items()}
            owner = self._first(known, same)
            if owner is not None and {name: owner.get(name) for name in known.key} != new.key:
                raise conflict(known, fields, document)

    async def _remove(self, known: Collection, where: Filter) -> int:
        await self._send(known.name)
        self._memory.forget(known.name)
        done = await self._database.collections[known.name].delete_many(where, session=self._session)
        return done.deleted_count

    async def _ask_first(self, known: Collection, where: Filter) -> Document | None:
        await self._send(known.name)
        return await self._database.collections[known.name].find_one(where, session=self._session)

    async def _ask_all(
        self,
        known: Collection,
        where: Filter,
        sort: list[tuple[str, int]],
        limit: int | None,
        fields: Fields,
    ) -> list[Document]:
        await self._send(known.name)
        found = self._database.collections[known.name].find(
            where, fields, sort=sort or None, limit=limit or 0, batch_size=BATCH, session=self._session
        )
        return await found.to_list()

    async def _ask_count(self, known: Collection, where: Filter) -> int:
        await self._send(known.name)
        return await self._database.collections[known.name].count_documents(where, session=self._session)

    async def _begin(self) -> None:
        self._drawn = self._database.habits.get(self._kind, {})
        self._turn = await take_turn(self._database, self._drawn)
        self._session = self._turn.session
        self._numbers = dict(self._turn.last)
        self._memory.begin(self._turn.before)

    async def _send(self, name: str) -> None:
        writes = self._kept.pop(name, None)
        if writes:
            await self._database.collections[name].bulk_write(writes, session=self._session)

    async def _finish(self) -> None:
        for name in list(self._kept):
            await self._send(name)
        last = self._turn.last
        used = {name: number - last.get(name, 0) for name, number in self._numbers.items()}
        used = {name: count for name, count in used.items() if count}
        if used != self._drawn:
            numbers = {"$set": {"numbers": self._numbers}}
            await self._database.register.update_one(THE_REGISTER, numbers, session=self._session)
        try:
            await commit(self._session)
        except PyMongoError as error:
            if is_lost(error):
                self.outcome = "the answer to the commit was lost, so it may have been written"
            raise
        await self._session.end_session()  # on this way to the loop, which spares another one
        self._memory.end(self._turn.mark)
        self._database.habits[self._kind] = used

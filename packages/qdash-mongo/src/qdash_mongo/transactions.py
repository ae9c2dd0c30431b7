"""Read-write transactions of the database.

Requests dominate the duration of a transaction: it keeps its writes until a query depends on them or it commits, sends
those of one collection together, and reads cached documents without a request.
"""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import bson
from pymongo import InsertOne, ReplaceOne
from pymongo.errors import PyMongoError

from qdash_core.repositories.collection import extract_key
from qdash_core.repositories.queries import check_numbered, convert_key, make_conflict_error, make_query
from qdash_core.repositories.store import Transaction
from qdash_mongo.catalogue import keep_collections
from qdash_mongo.database import REGISTER_FILTER, wait_for_response
from qdash_mongo.document_encoding import decode_document, encode_document
from qdash_mongo.failures import NOTHING_WRITTEN
from qdash_mongo.filters import PRESENT, make_filter
from qdash_mongo.snapshots import DatabaseReader, FindArguments
from qdash_mongo.write_turn import commit, is_response_lost, take_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence

    from qdash_core.repositories.collection import Collection
    from qdash_core.repositories.documents import Scalar
    from qdash_core.repositories.schema import Declaration
    from qdash_core.repositories.store import Document, Key
    from qdash_mongo.database import Database
    from qdash_mongo.document_encoding import EncodedDocument
    from qdash_mongo.filters import Filter

T = TypeVar("T")

_KEYS = 1000
"""Number of keys that are read together."""


class MongoTransaction(DatabaseReader, Transaction):
    """Transaction whose queries see the writes of all earlier transactions.

    It reserves as many numbers of each collection as the last one of its `kind` has used.
    """

    outcome = NOTHING_WRITTEN

    def __init__(self, database: Database, kind: object) -> None:
        super().__init__(database)
        self._session = database.client.start_session(causal_consistency=False)
        self._kind = kind
        self._cache = database.cache
        self._pending_writes: dict[str, list[InsertOne[Any] | ReplaceOne[Any]]] = {}
        self._numbers: dict[str, int] = {}

    def begin(self) -> None:
        """Wait until no other transaction writes, and begin."""
        self._run(self._begin)

    def get(self, collection: str, key: Key) -> Document | None:
        known = self.get_collection(collection)
        body = self._read_body(known, convert_key(known, key))
        return None if body is None else decode_document(bson.decode(body))

    def keep_collections(self, declarations: Iterable[Declaration]) -> None:
        # Outside the transaction, in which indexes cannot be created.
        self._run(keep_collections, self._database.collections.database, declarations)

    def insert(self, collection: str, document: Document) -> None:
        known = self.get_collection(collection)
        new = encode_document(known, document)
        if self._read_body(known, tuple(new.key.values())) is not None:
            raise make_conflict_error(known, known.key, document)
        self._require_unique(known, new, document)
        self._add_write(known, new, InsertOne(new.body))

    def insert_all(self, collection: str, documents: Iterable[Document]) -> None:
        known, left = self.get_collection(collection), iter(documents)
        while part := [*islice(left, _KEYS)]:
            self._cache_keys(known, [convert_key(known, extract_key(known, document)) for document in part])
            for document in part:
                self.insert(collection, document)

    def put(self, collection: str, document: Document) -> None:
        known = self.get_collection(collection)
        new = encode_document(known, document)
        self._require_unique(known, new, document)
        self._add_write(known, new, ReplaceOne(new.key, new.body, upsert=True))

    def append(self, collection: str, document: Document) -> int:
        known = self.get_collection(collection)
        check_numbered(known)
        number = self._numbers.get(collection, 0) + 1
        new = encode_document(known, {**document, known.key[0]: number})
        self._add_write(known, new, InsertOne(new.body))
        return number

    def delete(self, collection: str, where: Mapping[str, Any]) -> int:
        query = make_query(self.get_collection(collection), where)
        return self._run(self._remove, query.collection, make_filter(query))

    def commit(self) -> None:
        """Commit the transaction, durably.

        Raises StoreUnavailableError if nothing was written, or if the response was lost, so that the outcome is
        unknown; the message says which.
        """
        self._run(self._finish)

    def leave(self) -> None:
        """Reject all further calls, and roll back an uncommitted transaction."""
        if self._session.in_transaction and not self._refusal and self._database.pid == os.getpid():
            self._database.run(self._session.abort_transaction())
        self._close()
        if self._database.pid == os.getpid() and not self._session.has_ended:
            self._database.start(self._session.end_session())

    def _find_one(self, known: Collection, where: Filter) -> Document | None:
        return self._run(self._send_find_one, known, where)

    def _find_all(self, known: Collection, arguments: FindArguments) -> list[Document]:
        return self._run(self._send_find_all, known, arguments)

    def _count_all(self, known: Collection, where: Filter) -> int:
        return self._run(self._send_count, known, where)

    def _run(self, work: Callable[..., Coroutine[object, object, T]], *arguments: object) -> T:
        """Run a coroutine function in the driver's loop, and return its result."""
        with self._convert_failures():
            return self._database.run(wait_for_response(work(*arguments)))

    def _add_write(
        self, known: Collection, new: EncodedDocument, write: InsertOne[Any] | ReplaceOne[Any]
    ) -> None:
        self._require_open()
        self._pending_writes.setdefault(known.name, []).append(write)
        self._cache.put((known.name, tuple(new.key.values())), bytes(new.body.raw))
        if known.numbered and isinstance(number := new.key[known.key[0]], int):
            self._numbers[known.name] = max(number, self._numbers.get(known.name, 0))

    def _read_body(self, known: Collection, key: tuple[Scalar, ...]) -> bytes | None:
        """Return a document in BSON, or None if there is none, from the cache or from the server."""
        self._require_open()
        place = known.name, key
        if self._cache.contains(place):
            return self._cache.get(place)
        found = self._find_one(known, dict(zip(known.key, key, strict=True)))
        body = None if found is None else bson.encode(found)
        self._cache.put(place, body)
        return body

    def _cache_keys(self, known: Collection, keys: Sequence[tuple[Scalar, ...]]) -> None:
        """Cache the documents with these keys, or their absence, with one request."""
        self._require_open()
        unknown = [key for key in keys if not self._cache.contains((known.name, key))]
        if len(unknown) <= 1:
            return  # read by itself
        fields = zip(known.key, map(dict.fromkeys, zip(*unknown, strict=True)), strict=True)
        where = {name: {"$in": [*values]} for name, values in fields}
        found = self._run(self._send_find_all, known, FindArguments(filter=where))
        bodies = {tuple(one[name] for name in known.key): bson.encode(one) for one in found}
        for key in unknown:
            self._cache.put((known.name, key), bodies.get(key))

    def _require_unique(self, known: Collection, new: EncodedDocument, document: Document) -> None:
        """Raise ConflictError if a unique value is taken; a violation of the index would abort the transaction."""
        for fields in known.unique:
            values = {name: new.columns[name] for name in fields}
            if None in values.values():
                continue
            same = {name: {"$eq": value, **PRESENT} for name, value in values.items()}
            owner = self._find_one(known, same)
            if owner is not None and {name: owner.get(name) for name in known.key} != new.key:
                raise make_conflict_error(known, fields, document)

    async def _remove(self, known: Collection, where: Filter) -> int:
        await self._send(known.name)
        self._cache.discard(known.name)
        done = await self._database.collections[known.name].delete_many(where, session=self._session)
        return done.deleted_count

    async def _send_find_one(self, known: Collection, where: Filter) -> Document | None:
        await self._send(known.name)
        return await self._database.collections[known.name].find_one(where, session=self._session)

    async def _send_find_all(self, known: Collection, arguments: FindArguments) -> list[Document]:
        await self._send(known.name)
        return await self._database.collections[known.name].find(**arguments, session=self._session).to_list()

    async def _send_count(self, known: Collection, where: Filter) -> int:
        await self._send(known.name)
        return await self._database.collections[known.name].count_documents(where, session=self._session)

    async def _begin(self) -> None:
        self._reserved = self._database.number_usage.get(self._kind, {})
        self._turn = await take_turn(self._database, self._reserved)
        self._session = self._turn.session
        self._numbers = dict(self._turn.last)
        self._cache.begin(self._turn.before)

    async def _send(self, name: str) -> None:
        writes = self._pending_writes.pop(name, None)
        if writes:
            await self._database.collections[name].bulk_write(writes, session=self._session)

    async def _finish(self) -> None:
        for name in list(self._pending_writes):
            await self._send(name)
        last = self._turn.last
        used = {name: number - last.get(name, 0) for name, number in self._numbers.items()}
        used = {name: count for name, count in used.items() if count}
        if used != self._reserved:
            numbers = {"$set": {"numbers": self._numbers}}
            await self._database.register.update_one(REGISTER_FILTER, numbers, session=self._session)
        try:
            await commit(self._session)
        except PyMongoError as error:
            if is_response_lost(error):
                self.outcome = "the response to the commit was lost: it is unknown whether it was written"
            raise
        await self._session.end_session()  # here, as another call of the loop would take longer
        self._cache.end(self._turn.mark)
        self._database.number_usage[self._kind] = used

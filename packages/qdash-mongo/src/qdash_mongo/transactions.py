"""Writing: a transaction of the database.

A trip to the server costs more than everything else. So a transaction begins with its first question, keeps its writes
until an answer depends on them or it ends, and sends those of one collection together.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pymongo import InsertOne, ReplaceOne
from pymongo.errors import PyMongoError

from qdash_core.errors import StoreError, StoreUnavailableError
from qdash_core.repositories.documents import plain
from qdash_core.repositories.queries import check_numbered, conflict, question
from qdash_core.repositories.schema import collection_named
from qdash_core.repositories.store import Transaction
from qdash_mongo.database import THE_REGISTER, answered
from qdash_mongo.documents import TEXT, stored
from qdash_mongo.failures import NOTHING_WRITTEN
from qdash_mongo.filters import PRESENT, filter_of
from qdash_mongo.sessions import MongoSnapshot
from qdash_mongo.turns import commit, is_lost, take_turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pymongo.asynchronous.client_session import AsyncClientSession

    from qdash_core.repositories.schema import Collection
    from qdash_core.repositories.store import Document
    from qdash_mongo.database import Database
    from qdash_mongo.documents import Stored
    from qdash_mongo.filters import Filter


class MongoTransaction(MongoSnapshot, Transaction):
    """A transaction. Every question sees what the transactions before have written.

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
        self._kind = kind
        self._kept: dict[str, list[InsertOne[Any] | ReplaceOne[Any]]] = {}
        self._drawn: dict[str, int] | None = None
        self._first_numbers: dict[str, int] = {}
        self._numbers: dict[str, int] = {}

    def insert(self, collection: str, document: Document) -> None:
        known = collection_named(collection)
        new = stored(known, document)
        self._require_free(known, new, document, is_new=True)
        self._keep(known, new, InsertOne(new.body))

    def put(self, collection: str, document: Document) -> None:
        known = collection_named(collection)
        new = stored(known, document)
        if known.unique:
            self._require_free(known, new, document, is_new=False)
        self._keep(known, new, ReplaceOne(new.key, new.body, upsert=True))

    def append(self, collection: str, document: Document) -> int:
        known = collection_named(collection)
        check_numbered(known)
        self._run(self._begin)
        number = self._numbers.get(collection, 0) + 1
        new = stored(known, {**document, known.key[0]: number})
        self._keep(known, new, InsertOne(new.body))
        return number

    def delete(self, collection: str, where: Mapping[str, Any]) -> int:
        query = question(collection, where)
        return self._run(self._remove, query.collection, filter_of(query))

    def compare_and_set(self, collection: str, expected: Mapping[str, Any], document: Document) -> bool:
        known = collection_named(collection)
        conditions = _same(plain(dict(expected)))
        if conditions is not None and not known.unique:
            new = stored(known, document)
            if self._run(self._replace, known, {**new.key, TEXT: None, "$expr": conditions}, new):
                return True
        return super().compare_and_set(collection, expected, document)

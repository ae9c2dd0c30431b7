"""Open MongoDB database, checked and prepared for use.

One document, the register, marks the database as a QDash store and contains its version and the last number of each
numbered collection. Every transaction first changes it, which serialises transactions.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import pymongo
from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError, NetworkTimeout, OperationFailure, PyMongoError

from qdash_core.errors import StoreError
from qdash_core.repositories.schema import COLLECTIONS, SCHEMA_VERSION
from qdash_mongo.address import application_name, open_blocking_database, open_database, redact_url
from qdash_mongo.collections import document_classes
from qdash_mongo.document_cache import DocumentCache
from qdash_mongo.documents import TERMS, TEXT, decode_document, make_terms
from qdash_mongo.failures import convert_failure
from qdash_mongo.loop import background_loop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from beanie import Document
    from pymongo.asynchronous.database import AsyncDatabase

    from qdash_mongo.filters import Filter

T = TypeVar("T")

REGISTER = "qdash_store"
"""Collection with the register."""

REGISTER_FILTER: Filter = {"_id": "register"}

_BATCH = 1000
"""Number of documents changed by one message."""

ANSWER_S = 60.0
"""Time limit for a response, in seconds."""

CLOSING_S = 1.0
"""Time limit to close connections, in seconds."""


async def _remove_chip_locks(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Delete the locks of version 2, which were on chips and not on instruments, and their index."""
    locks = database["execution_lock"]
    await locks.delete_many({"instrument": {"$exists": False}})
    for name, index in (await locks.index_information()).items():
        if index["key"] == [("project_id", 1), ("chip_id", 1)]:
            await locks.drop_index(name)


async def _index_result_messages(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Make the messages of results searchable, and drop the index of words that includes documents without any."""
    notes = database["note_event"]
    if "_terms_1" in await notes.index_information():
        await notes.drop_index("_terms_1")
    collection = COLLECTIONS["task_result_history"]
    results, updates = database[collection.name], []
    with_message = {"$or": [{collection.text: {"$gt": ""}}, {TEXT: {"$exists": True}}]}
    async for found in results.find({TERMS: {"$exists": False}, **with_message}):
        place = {"_id": found["_id"]}
        if terms := make_terms(collection, decode_document(found)):
            updates.append(UpdateOne(place, {"$set": terms}))
        if len(updates) == _BATCH:
            await results.bulk_write(updates, ordered=False)
            updates.clear()
    if updates:
        await results.bulk_write(updates, ordered=False)


async def _add_timetables(_database: AsyncDatabase[dict[str, Any]]) -> None:
    """Change nothing: version 5 has an additional collection."""


MIGRATIONS: Mapping[int, Callable[[AsyncDatabase[dict[str, Any]]], Awaitable[None]]] = {
    2: _remove_chip_locks,
    3: _index_result_messages,
    4: _add_timetables,
}
"""Migration from each older version to the next one. An interrupted migration is repeated, so each must be idempotent."""


class Database:
    """Open database, for the process that has opened it.

    Parameters
    ----------
    url : str
        URL of the database.

    Raises
    ------
    StoreError
        If it cannot be reached or used.
    """

    def __init__(self, url: str) -> None:
        self.place = redact_url(url)
        self.application = application_name(url)
        self.pid = os.getpid()
        self._loop = background_loop()
        try:
            self._database = self._loop.run(wait_for_response(_open(url)))
        except PyMongoError as error:
            raise convert_failure(error, f"cannot open the store {self.place}", outcome="") from error
        self.client = self._database.client
        # Readers block their own thread: a query through the loop takes more than twice as long.
        self.blocking = open_blocking_database(url, answer_s=ANSWER_S)
        self.register = self._database[REGISTER]
        self.collections = {name: self._database[name] for name in COLLECTIONS}
        self.cache = DocumentCache()
        self.number_usage: dict[object, dict[str, int]] = {}
        """Numbers that the last transaction of each kind has used, by collection; the next one reserves as many."""

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Run a coroutine of the driver, and return its result."""
        return self._loop.run(work)

    def start(self, work: Coroutine[object, object, object]) -> None:
        """Start a coroutine without waiting for it."""
        self._loop.start(work)

    def close(self) -> None:
        """Close the connections, without waiting for an unavailable server, which ends their sessions itself."""

        async def close() -> None:
            # Not cancelled if it takes longer: the driver would leak a socket that it is connecting.
            await asyncio.wait({asyncio.ensure_future(self.client.close())}, timeout=CLOSING_S)

        self._loop.run(close())
        with pymongo.timeout(CLOSING_S):
            self.blocking.client.close()


async def wait_for_response(work: Awaitable[T]) -> T:
    """Return the result of a driver's call; raise NetworkTimeout if there is none in time.

    This costs less than the driver's own time limit for each message.
    """
    try:
        async with asyncio.timeout(ANSWER_S):
            return await work
    except TimeoutError as error:
        raise NetworkTimeout(f"no answer for {ANSWER_S:g} s") from error


async def _open(url: str) -> AsyncDatabase[dict[str, Any]]:
    database = open_database(url)
    try:
        await _require_transactions(database)
        await migrate_schema(database, redact_url(url))
        return database
    except BaseException:
        await database.client.close()
        raise


async def _require_transactions(database: AsyncDatabase[dict[str, Any]]) -> None:
    hello = await database.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise OperationFailure("not a member of a replica set", 20)


async def migrate_schema(
    database: AsyncDatabase[dict[str, Any]],
    place: str,
    *,
    version: int = SCHEMA_VERSION,
    migrations: Mapping[int, Callable[[AsyncDatabase[dict[str, Any]]], Awaitable[None]]] = MIGRATIONS,
) -> None:
    """Create the collections and indexes of a new database, or migrate an older one.

    Raises
    ------
    StoreError
        If the database belongs to another program, has a newer version, or cannot be migrated. It is unchanged then.
    """
    register = database[REGISTER]
    found = await register.find_one(REGISTER_FILTER) or await _create_register(database, place, version)
    if found["schema_version"] > version:
        raise StoreError(
            f"cannot open the store {place}: it was written by a newer QDash (schema {found['schema_version']}, this "
            f"one supports {version}); upgrade QDash, or choose another database"
        )
    for step in range(found["schema_version"], version):
        if step not in migrations:
            raise StoreError(
                f"cannot open the store {place}: there is no migration from schema {step}; open it with the QDash "
                f"that wrote it, and export its contents"
            )
        await migrations[step](database)
        await register.update_one(
            REGISTER_FILTER, {"$max": {"schema_version": step + 1}, "$set": {"mark": uuid4().hex}}
        )
    await asyncio.gather(*(_create_indexes(database, made) for made in await document_classes(database)))


async def _create_indexes(database: AsyncDatabase[dict[str, Any]], made: type[Document]) -> None:
    settings = made.get_settings()
    assert settings.name is not None
    await database[settings.name].create_indexes([index.index for index in settings.indexes])


async def _create_register(
    database: AsyncDatabase[dict[str, Any]], place: str, version: int
) -> dict[str, Any]:
    """Return the register of a new database, created before anything else."""
    register = database[REGISTER]
    others = [name for name in await database.list_collection_names() if name in COLLECTIONS]
    if others and await register.find_one(REGISTER_FILTER) is None:
        raise StoreError(
            f"cannot open the store {place}: it contains {others[0]!r} of another program; choose another database, or "
            f"import that of the original system with `qdash store import-qdash`"
        )
    fresh = {"schema_version": version, "mark": "", "numbers": {}}
    with suppress(DuplicateKeyError):  # another process was faster
        await register.update_one(REGISTER_FILTER, {"$setOnInsert": fresh}, upsert=True)
    entered = await register.find_one(REGISTER_FILTER)
    assert entered is not None
    return entered

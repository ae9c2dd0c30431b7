"""Open MongoDB database, checked and prepared for use.

One document, the register, marks the database as a QDash store and holds its version. Every transaction first
changes it, which serialises transactions; it also has the last number of each numbered collection.
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
from qdash_mongo.address import application, connected, connected_to_read, shown
from qdash_mongo.collections import document_classes
from qdash_mongo.document_cache import DocumentCache
from qdash_mongo.documents import TERMS, TEXT, original, terms_of
from qdash_mongo.failures import failure
from qdash_mongo.loop import background_loop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from beanie import Document
    from pymongo.asynchronous.database import AsyncDatabase

    from qdash_mongo.filters import Filter

T = TypeVar("T")

REGISTER = "qdash_store"
"""Collection with the register."""

THE_REGISTER: Filter = {"_id": "register"}

_AT_ONCE = 1000
"""So many documents are changed with one message."""

ANSWER_S = 60.0
"""So long an answer is waited for."""

CLOSING_S = 1.0
"""So long closing is waited for."""


async def _without_leases(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Before version 3 a lease did not say what instrument it is on, and a project had one on each chip."""
    leases = database["execution_lock"]
    await leases.delete_many({"instrument": {"$exists": False}})
    for name, index in (await leases.index_information()).items():
        if index["key"] == [("project_id", 1), ("chip_id", 1)]:
            await leases.drop_index(name)


async def _with_words(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Before version 4 messages of results were not searched, and the index of words held what has none."""
    notes = database["note_event"]
    if "_terms_1" in await notes.index_information():
        await notes.drop_index("_terms_1")
    collection = COLLECTIONS["task_result_history"]
    results, some = database[collection.name], []
    with_message = {"$or": [{collection.text: {"$gt": ""}}, {TEXT: {"$exists": True}}]}
    async for found in results.find({TERMS: {"$exists": False}, **with_message}):
        place = {"_id": found["_id"]}
        if terms := terms_of(collection, original(found)):
            some.append(UpdateOne(place, {"$set": terms}))
        if len(some) == _AT_ONCE:
            await results.bulk_write(some, ordered=False)
            some.clear()
    if some:
        await results.bulk_write(some, ordered=False)


async def _with_timetables(_database: AsyncDatabase[dict[str, Any]]) -> None:
    """Version 5 has one more collection; no document is another."""


MIGRATIONS: Mapping[int, Callable[[AsyncDatabase[dict[str, Any]]], Awaitable[None]]] = {
    2: _without_leases,
    3: _with_words,
    4: _with_timetables,
}
"""For each older version the step to the next one. A step may have been interrupted before, and is then run again."""


class Database:
    """A database that can be used, by the process that opened it.

    Parameters
    ----------
    url : str
        Where it is.

    Raises
    ------
    StoreError
        If it cannot be reached or used.
    """

    def __init__(self, url: str) -> None:
        self.place = shown(url)
        self.application = application(url)
        self.pid = os.getpid()
        self._loop = background_loop()
        try:
            self._database = self._loop.run(answered(_opened(url)))
        except PyMongoError as error:
            raise failure(error, f"cannot open the store {self.place}", outcome="") from error
        self.client = self._database.client
        # Whoever reads asks by itself: through the loop a question costs more than twice as much.
        self.readable = connected_to_read(url, answer_s=ANSWER_S)
        self.register = self._database[REGISTER]
        self.collections = {name: self._database[name] for name in COLLECTIONS}
        self.memory = DocumentCache()
        self.habits: dict[object, dict[str, int]] = {}
        """How many numbers the last transaction of each kind drew: so many are drawn with the next one's turn."""

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Return what a coroutine of the driver returns."""
        return self._loop.run(work)

    def start(self, work: Coroutine[object, object, object]) -> None:
        """Let a coroutine run without waiting for it."""
        self._loop.start(work)

    def close(self) -> None:
        """Close the connections. A server that is away is not waited for: it ends their sessions by itself."""

        async def close() -> None:
            # Not cancelled when it takes longer: the driver would forget a socket that it is just connecting.
            await asyncio.wait({asyncio.ensure_future(self.client.close())}, timeout=CLOSING_S)

        self._loop.run(close())
        with pymongo.timeout(CLOSING_S):
            self.readable.client.close()


async def answered(work: Awaitable[T]) -> T:
    """Return what the driver returns; NetworkTimeout when it does not, as when a server is stopped in mid-sentence.

    This costs less than the driver's own limit for each message.
    """
    try:
        async with asyncio.timeout(ANSWER_S):
            return await work
    except TimeoutError as error:
        raise NetworkTimeout(f"no answer for {ANSWER_S:g} s") from error


async def _opened(url: str) -> AsyncDatabase[dict[str, Any]]:
    database = connected(url)
    try:
        await _require_transactions(database)
        await bring_up_to_date(database, shown(url))
        return database
    except BaseException:
        await database.client.close()
        raise


async def _require_transactions(database: AsyncDatabase[dict[str, Any]]) -> None:
    hello = await database.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise OperationFailure("a server of its own", 20)


async def bring_up_to_date(
    database: AsyncDatabase[dict[str, Any]],
    place: str,
    *,
    version: int = SCHEMA_VERSION,
    migrations: Mapping[int, Callable[[AsyncDatabase[dict[str, Any]]], Awaitable[None]]] = MIGRATIONS,
) -> None:
    """Make the collections and indexes of a fresh database, or migrate an older one.

    Raises
    ------
    StoreError
        If the database is not ours, is of a newer version, or there is no way to this one. Nothing has been changed
        then.
    """
    register = database[REGISTER]
    found = await register.find_one(THE_REGISTER) or await _registered(database, place, version)
    if found["schema_version"] > version:
        raise StoreError(
            f"cannot open the store {place}: it was written by a newer QDash (schema {found['schema_version']}, this "
            f"one knows {version}); upgrade QDash, or name another database"
        )
    for step in range(found["schema_version"], version):
        if step not in migrations:
            raise StoreError(
                f"cannot open the store {place}: there is no migration from schema {step}; open it with the QDash "
                f"that wrote it, and export"
            )
        await migrations[step](database)
        await register.update_one(
            THE_REGISTER, {"$max": {"schema_version": step + 1}, "$set": {"mark": uuid4().hex}}
        )
    await asyncio.gather(*(_indexed(database, made) for made in await document_classes(database)))


async def _indexed(database: AsyncDatabase[dict[str, Any]], made: type[Document]) -> None:
    settings = made.get_settings()
    assert settings.name is not None
    await database[settings.name].create_indexes([index.index for index in settings.indexes])


async def _registered(database: AsyncDatabase[dict[str, Any]], place: str, version: int) -> dict[str, Any]:
    """Enter a fresh database in its register, which comes before everything else."""
    register = database[REGISTER]
    others = [name for name in await database.list_collection_names() if name in COLLECTIONS]
    if others and await register.find_one(THE_REGISTER) is None:
        raise StoreError(
            f"cannot open the store {place}: another program keeps its {others[0]} there; name another database, or "
            f"read that one with qdash store import-qdash"
        )
    fresh = {"schema_version": version, "mark": "", "numbers": {}}
    with suppress(DuplicateKeyError):  # another process was quicker
        await register.update_one(THE_REGISTER, {"$setOnInsert": fresh}, upsert=True)
    entered = await register.find_one(THE_REGISTER)
    assert entered is not None
    return entered

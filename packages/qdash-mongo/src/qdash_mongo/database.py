"""Open MongoDB database, checked and prepared for use.

One document, the register, marks the database as a QDash store, with its version and the last numbers. Every
transaction first changes it, which serialises transactions.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import pymongo
from pymongo import ReplaceOne
from pymongo.errors import DuplicateKeyError, NetworkTimeout, OperationFailure, PyMongoError

from qdash_core.errors import StoreError
from qdash_core.repositories.earlier_provenance import LINKED_COLLECTIONS, iter_edges
from qdash_core.repositories.schema import COLLECTIONS, SCHEMA_VERSION
from qdash_mongo.address import make_application_name, open_blocking_database, open_database, redact_url
from qdash_mongo.catalogue import update_collections
from qdash_mongo.document_cache import DocumentCache
from qdash_mongo.document_copies import add_copies
from qdash_mongo.document_encoding import BRIEF, TERMS, TEXT, decode_document, encode_document
from qdash_mongo.failures import convert_failure
from qdash_mongo.filters import PRESENT
from qdash_mongo.indexes import make_indexes
from qdash_mongo.loop import get_background_loop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping

    from pymongo.asynchronous.collection import AsyncCollection
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
    await _remove_locks(database, {"instrument": {"$exists": False}}, [("project_id", 1), ("chip_id", 1)])


async def _remove_instrument_locks(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Delete the locks of version 8, one for each instrument, and their index. No lock outlives its run."""
    await _remove_locks(database, {}, [("instrument", 1)])


async def _remove_locks(
    database: AsyncDatabase[dict[str, Any]], where: Filter, key: list[tuple[str, int]]
) -> None:
    """Delete locks, and the index of their former key."""
    locks = database["execution_lock"]
    await locks.delete_many(where)
    for name, index in (await locks.index_information()).items():
        if index["key"] == key:
            await locks.drop_index(name)


async def _index_result_messages(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Add search terms to results with messages, and drop an index of terms that includes empty documents."""
    notes = database["note_event"]
    if "_terms_1" in await notes.index_information():
        await notes.drop_index("_terms_1")
    collection = COLLECTIONS["task_result_history"]
    with_message = {"$or": [{collection.text: {"$gt": ""}}, {TEXT: {"$exists": True}}]}
    await add_copies(database, collection, {TERMS: {"$exists": False}, **with_message})


async def _add_briefs(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Add the brief to every document of a collection with briefs."""
    for collection in COLLECTIONS.values():
        if collection.brief:
            await add_copies(database, collection, {BRIEF: {"$exists": False}})


async def _keep_documents(_database: AsyncDatabase[dict[str, Any]]) -> None:
    """Leave all documents unchanged: versions 5, 7, and 10 to 15 only add collections and indexes."""


async def _add_cooldowns_to_executions(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Set the cool-down of each execution to that of its first result with one, and add the briefs of results."""
    await _add_briefs(database)
    collection = COLLECTIONS["execution_history"]
    first: list[dict[str, Any]] = [
        {"$match": {"cooldown_id": PRESENT}},
        {"$sort": {"project_id": 1, "start_at": 1}},
        {
            "$group": {
                "_id": {"project_id": "$project_id", "execution_id": "$execution_id"},
                "cooldown_id": {"$first": "$cooldown_id"},
            }
        },
    ]
    async for one in await database["task_result_history"].aggregate(first, allowDiskUse=True):
        found = await database[collection.name].find_one(one["_id"])
        if found is not None:
            document = {**decode_document(dict(found)), "cooldown_id": one["cooldown_id"]}
            changed = encode_document(collection, document).body
            await database[collection.name].replace_one({"_id": found["_id"]}, changed)


async def _add_provenance(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Add the edges of provenance between results, value events and releases."""
    results, edges = database["task_result_history"], database["provenance"]
    # Without the index of its key each upsert would read the whole collection.
    await edges.create_indexes([*make_indexes(COLLECTIONS["provenance"])])
    await edges.delete_many({})  # those of an interrupted migration may be of records that were deleted since
    fields = {"_id": False, "project_id": True, "task_id": True, "qid": True}
    for name in LINKED_COLLECTIONS:
        async for documents in _iter_batches(database[name]):
            inputs = [one for document in documents for one in document.get("input_parameters", {}).values()]
            wanted = sorted({one["task_id"] for one in inputs if one.get("task_id")})
            found = results.find({"task_id": {"$in": wanted}, "qid": PRESENT}, fields)
            targets = {(one["project_id"], one["task_id"]): str(one["qid"]) async for one in found}

            def find_target(
                project_id: str, task_id: str, targets: Mapping[tuple[str, str], str] = targets
            ) -> str:
                return targets.get((project_id, task_id), "")

            made = [edge for document in documents for edge in iter_edges(name, document, find_target)]
            encoded = [encode_document(COLLECTIONS["provenance"], edge.to_document()) for edge in made]
            if encoded:
                updates: list[ReplaceOne[dict[str, Any]]] = [
                    ReplaceOne(one.key, one.body, upsert=True) for one in encoded
                ]
                await edges.bulk_write(updates, ordered=False)


async def _iter_batches(collection: AsyncCollection[dict[str, Any]]) -> AsyncIterator[list[dict[str, Any]]]:
    """Yield the documents of a collection in batches."""
    batch: list[dict[str, Any]] = []
    async for found in collection.find({}):
        batch.append(decode_document(found))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


MIGRATIONS: Mapping[int, Callable[[AsyncDatabase[dict[str, Any]]], Awaitable[None]]] = {
    2: _remove_chip_locks,
    3: _index_result_messages,
    4: _keep_documents,
    5: _add_cooldowns_to_executions,
    6: _keep_documents,
    7: _add_provenance,
    8: _remove_instrument_locks,
    9: _keep_documents,
    10: _keep_documents,
    11: _keep_documents,
    12: _keep_documents,
    13: _keep_documents,
    14: _keep_documents,
}
"""Migration from each older version to the next one. An interrupted migration is repeated, so each must be idempotent."""


class _Collections(dict[str, "AsyncCollection[dict[str, Any]]"]):
    """Collections of the driver by name, each made once."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self.database = database

    def __missing__(self, name: str) -> AsyncCollection[dict[str, Any]]:
        made = self[name] = self.database[name]
        return made


class Database:
    """Open database, for use by the process that has opened it.

    Raises StoreError if it cannot be reached or used.
    """

    def __init__(self, url: str) -> None:
        self.place = redact_url(url)
        self.application = make_application_name(url)
        self.pid = os.getpid()
        self._loop = get_background_loop()
        try:
            self._database = self._loop.run(_open(url))
        except PyMongoError as error:
            raise convert_failure(error, f"cannot open the store {self.place}", outcome="") from error
        self.client = self._database.client
        # Readers block their own thread: a query through the loop takes more than twice as long.
        self.blocking = open_blocking_database(url, answer_s=ANSWER_S)
        self.register = self._database[REGISTER]
        self.collections = _Collections(self._database)
        self.cache = DocumentCache()
        self.number_usage: dict[object, dict[str, int]] = {}
        """Numbers that the last transaction of each kind has used, by collection; the next one reserves as many."""

    def measure_size(self) -> int:
        """Return the size of documents and indexes on the disk of the server, in bytes; StoreError if it does not answer."""
        try:
            found = self.blocking.command("dbStats")
        except PyMongoError as error:
            raise convert_failure(error, f"cannot measure the store {self.place}", outcome="") from error
        return int(found["storageSize"] + found["indexSize"])

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Run a coroutine of the driver, and return its result."""
        return self._loop.run(work)

    def start(self, work: Coroutine[object, object, object]) -> None:
        """Start a coroutine without waiting for it."""
        self._loop.start(work)

    def close(self) -> None:
        """Close the connections without waiting for an unavailable server, which ends their sessions itself."""

        async def close() -> None:
            # Not cancelled if it takes longer: the driver would leak a socket that it is connecting.
            await asyncio.wait({asyncio.ensure_future(self.client.close())}, timeout=CLOSING_S)

        self._loop.run(close())
        with pymongo.timeout(CLOSING_S):
            self.blocking.client.close()


async def wait_for_response(work: Awaitable[T]) -> T:
    """Return the result of a driver's call; raise NetworkTimeout if it takes too long."""
    try:
        async with asyncio.timeout(ANSWER_S):
            return await work
    except TimeoutError as error:
        raise NetworkTimeout(f"no answer for {ANSWER_S:g} s") from error


async def _open(url: str) -> AsyncDatabase[dict[str, Any]]:
    database = open_database(url)
    try:
        await wait_for_response(_require_transactions(database))
        await prepare_schema(database, redact_url(url))
        return database
    except BaseException:
        await database.client.close()
        raise


async def _require_transactions(database: AsyncDatabase[dict[str, Any]]) -> None:
    hello = await database.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise OperationFailure("not a member of a replica set", 20)


async def prepare_schema(database: AsyncDatabase[dict[str, Any]], place: str) -> None:
    """Create the collections and indexes of a new database, and indexes that an existing one lacks.

    Raises
    ------
    StoreError
        If the database belongs to another program, or has an older or newer version. It is unchanged then.
    """
    found = await wait_for_response(_require_register(database, place, SCHEMA_VERSION))
    version = found["schema_version"]
    require_known_version(version, place)
    if version < SCHEMA_VERSION:
        raise StoreError(
            f"cannot open the store {place}: it has schema {version}, and this QDash uses {SCHEMA_VERSION}. Nothing was changed. "
            "Stop all programs that use the store and back it up with the QDash that wrote it, then run qdash store upgrade"
        )
    await _update_collections(database, place)


def require_known_version(found: int, place: str, *, version: int = SCHEMA_VERSION) -> None:
    """Raise StoreError if a database has a newer version."""
    if found > version:
        raise StoreError(
            f"cannot open the store {place}: it was written by a newer QDash (schema {found}, this "
            f"one supports {version}); upgrade QDash, or choose another database"
        )


async def migrate_schema(
    database: AsyncDatabase[dict[str, Any]],
    place: str,
    *,
    version: int = SCHEMA_VERSION,
    migrations: Mapping[int, Callable[[AsyncDatabase[dict[str, Any]]], Awaitable[None]]] = MIGRATIONS,
) -> None:
    """Migrate an older database.

    Raises
    ------
    StoreError
        If the database belongs to another program, has a newer version, or cannot be migrated. It is unchanged then.
    """
    register = database[REGISTER]
    found = await wait_for_response(_require_register(database, place, version))
    require_known_version(found["schema_version"], place, version=version)
    for step in range(found["schema_version"], version):
        if step not in migrations:
            raise StoreError(
                f"cannot open the store {place}: there is no migration from schema {step}; open it with the QDash "
                f"that wrote it, and export its contents"
            )
        await migrations[step](database)  # a large store takes longer than any one response
        await register.update_one(
            REGISTER_FILTER, {"$max": {"schema_version": step + 1}, "$set": {"mark": uuid4().hex}}
        )
    await _update_collections(database, place, upgraded=found["schema_version"] < version)


async def _update_collections(
    database: AsyncDatabase[dict[str, Any]], place: str, *, upgraded: bool = False
) -> None:
    try:
        await update_collections(database, upgraded=upgraded)
    except StoreError as error:
        raise StoreError(f"cannot open the store {place}: {error}") from error


async def _require_register(
    database: AsyncDatabase[dict[str, Any]], place: str, version: int
) -> dict[str, Any]:
    """Return the register, which is created in a new database."""
    found = await database[REGISTER].find_one(REGISTER_FILTER)
    return found or await _create_register(database, place, version)


async def _create_register(
    database: AsyncDatabase[dict[str, Any]], place: str, version: int
) -> dict[str, Any]:
    """Create the register of a new database before any other document, and return it."""
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

"""Access to the Beanie documents of a store, for other programs."""

from __future__ import annotations

from contextlib import asynccontextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

from beanie import init_beanie
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from qdash_core.errors import StoreError
from qdash_core.repositories.schema import SCHEMA_VERSION
from qdash_mongo.address import open_database, redact_url
from qdash_mongo.database import REGISTER, REGISTER_FILTER
from qdash_mongo.documents import make_documents
from qdash_mongo.failures import convert_failure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pymongo.asynchronous.database import AsyncDatabase

_IN_USE = Lock()
"""Held while the documents of this process are bound to a store."""


@asynccontextmanager
async def open_documents(url: str) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    """Open a store for its documents, for the length of a block, and yield its database.

    Reads return only data that a majority of the replica set has. Nothing is created or written: the role `read` is enough.

    Raises
    ------
    StoreError
        If it cannot be reached, is no store of this version, or this process has opened another one.
    """
    if not _IN_USE.acquire(blocking=False):
        raise StoreError("the documents of this process belong to a store that is still open: close it first")
    try:
        async with _connect(url) as database:
            yield database
    finally:
        _IN_USE.release()


@asynccontextmanager
async def _connect(url: str) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    database = open_database(url).with_options(read_concern=ReadConcern("majority"))
    documents = [*make_documents().values()]
    try:
        try:
            await _require_this_version(database, redact_url(url))
            await init_beanie(database=database, document_models=documents, skip_indexes=True)
        except PyMongoError as error:
            raise convert_failure(
                error, f"cannot open the documents of {redact_url(url)}", outcome=""
            ) from error
        yield database
    finally:
        for document in documents:
            document._document_settings = None
        await database.client.close()


async def _require_this_version(database: AsyncDatabase[dict[str, Any]], place: str) -> None:
    found = await database[REGISTER].find_one(REGISTER_FILTER)
    if found is None:
        raise StoreError(
            f"{place} is no store of QDash: check the name of the database, or create it with `qdash init`"
        )
    if found["schema_version"] != SCHEMA_VERSION:
        raise StoreError(
            f"{place} has schema {found['schema_version']}, and this QDash has {SCHEMA_VERSION}: use the version of QDash "
            "that writes the store, or upgrade the store (qdash store upgrade)"
        )

"""Reading a database of the original system, as its Bunnet models wrote it. Nothing is written there."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bson import Decimal128, ObjectId
from bson.codec_options import CodecOptions
from bson.int64 import Int64
from pymongo import MongoClient, ReadPreference
from pymongo.errors import ConfigurationError, InvalidName, InvalidURI, PyMongoError

from qdash_core.errors import StoreError
from qdash_mongo.address import DEFAULT_DATABASE, SELECTION_S, shown
from qdash_mongo.database import REGISTER, THE_REGISTER
from qdash_mongo.failures import failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pymongo.database import Database

    from qdash_core.repositories.store import Document

_PATIENCE = "serverSelectionTimeoutMS"

_CODEC: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)


def original_documents(url: str, collection: str) -> Iterator[Document]:
    """Yield the documents of one collection, see `Store.original_documents`."""
    if not urlsplit(url).path.strip("/"):
        raise StoreError(f"{shown(url)} names no database: write mongodb://host/name")
    with _database(url) as database:
        if database[REGISTER].find_one(THE_REGISTER) is not None:
            raise StoreError(
                f"{shown(url)} is a store of this QDash, not of the original system: use qdash store migrate"
            )
        for document in database[collection].find().sort("_id"):
            yield _plain(document)


def is_store(url: str) -> bool:
    """Whether there is a store of this QDash, which is not made by asking."""
    with _database(url) as database:
        return database[REGISTER].find_one(THE_REGISTER) is not None


@contextmanager
def _database(url: str) -> Iterator[Database[dict[str, Any]]]:
    """Connect to a database to read it."""
    client = _client(url)
    try:
        with client:
            yield client.get_default_database(
                DEFAULT_DATABASE, codec_options=_CODEC, read_preference=ReadPreference.PRIMARY_PREFERRED
            )
    except PyMongoError as error:
        raise failure(error, f"cannot read {shown(url)}", outcome="") from error


def _client(url: str) -> MongoClient[dict[str, Any]]:
    # A client that streams what its server says of itself has one more thread, which outlives the client for a moment.
    options: dict[str, Any] = {"serverMonitoringMode": "poll"}
    if _PATIENCE not in url:
        options[_PATIENCE] = int(SELECTION_S * 1000)
    try:
        return MongoClient(url, **options)
    except (InvalidURI, ConfigurationError, InvalidName, ValueError) as error:
        reason = "user and password must be percent-encoded" if "@" in url else str(error)
        raise StoreError(f"cannot read {shown(url)}: {reason}") from (None if "@" in url else error)


def _plain(value: Any) -> Any:
    """Return a value of BSON as one of JSON, a datetime, or a decimal; what is none of these as text that says so."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, Int64):
        return int(value)
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if value is None or isinstance(value, str | bool | int | float | datetime | Decimal):
        return value
    return str(value) if isinstance(value, ObjectId) else value

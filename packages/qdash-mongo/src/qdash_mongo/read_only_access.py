"""Looking into a database without making it a store: nothing is written there."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC
from typing import TYPE_CHECKING, Any

from bson.codec_options import CodecOptions
from pymongo import MongoClient, ReadPreference
from pymongo.errors import ConfigurationError, InvalidName, InvalidURI, PyMongoError

from qdash_core.errors import StoreError
from qdash_mongo.address import DEFAULT_DATABASE, SELECTION_S, shown
from qdash_mongo.database import REGISTER, THE_REGISTER
from qdash_mongo.failures import failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pymongo.database import Database

_PATIENCE = "serverSelectionTimeoutMS"

_CODEC: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)


def is_store(url: str) -> bool:
    """Return whether there is a store of this QDash, which is not made by asking."""
    with database_to_read(url) as database:
        return holds_store(database)


def holds_store(database: Database[dict[str, Any]]) -> bool:
    """Return whether a database is a store of this QDash."""
    return database[REGISTER].find_one(THE_REGISTER) is not None


@contextmanager
def database_to_read(url: str) -> Iterator[Database[dict[str, Any]]]:
    """Connect to a database to read it; what the driver raises within the block becomes a `StoreError`."""
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

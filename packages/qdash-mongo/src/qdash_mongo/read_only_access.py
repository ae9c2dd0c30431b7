"""Read-only access to a database that may not be a store."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC
from typing import TYPE_CHECKING, Any

from bson.codec_options import CodecOptions
from pymongo import MongoClient, ReadPreference
from pymongo.errors import ConfigurationError, InvalidName, InvalidURI, PyMongoError

from qdash_core.errors import StoreError
from qdash_mongo.address import DEFAULT_DATABASE, SELECTION_S, redact_url
from qdash_mongo.database import REGISTER, REGISTER_FILTER
from qdash_mongo.failures import convert_failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pymongo.database import Database

_SELECTION_OPTION = "serverSelectionTimeoutMS"

_CODEC: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)


def is_store(url: str) -> bool:
    """Return whether a store of QDash exists at a URL, without creating it."""
    with open_read_only(url) as database:
        return holds_store(database)


def holds_store(database: Database[dict[str, Any]]) -> bool:
    """Return whether a database is a store of QDash."""
    return database[REGISTER].find_one(REGISTER_FILTER) is not None


@contextmanager
def open_read_only(url: str) -> Iterator[Database[dict[str, Any]]]:
    """Connect to a database for reading; exceptions of the driver within the block become a `StoreError`."""
    client = _make_client(url)
    try:
        with client:
            yield client.get_default_database(
                DEFAULT_DATABASE, codec_options=_CODEC, read_preference=ReadPreference.PRIMARY_PREFERRED
            )
    except PyMongoError as error:
        raise convert_failure(error, f"cannot read {redact_url(url)}", outcome="") from error


def _make_client(url: str) -> MongoClient[dict[str, Any]]:
    # Streamed monitoring would need another thread, which outlives the client for a moment.
    options: dict[str, Any] = {"serverMonitoringMode": "poll"}
    if _SELECTION_OPTION not in url:
        options[_SELECTION_OPTION] = int(SELECTION_S * 1000)
    try:
        return MongoClient(url, **options)
    except (InvalidURI, ConfigurationError, InvalidName, ValueError) as error:
        reason = "user and password must be percent-encoded" if "@" in url else str(error)
        raise StoreError(f"cannot read {redact_url(url)}: {reason}") from (None if "@" in url else error)

"""Read-only source of the documents of the original system, as its Bunnet models wrote them."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from qdash_core.errors import StoreError
from qdash_core.parsing.urls import redact_password

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pymongo.database import Database

    from qdash_core.repositories.store import Document

SCHEMES = ("mongodb", "mongodb+srv")
"""URL schemes of the original's databases, which are all in MongoDB."""


def count_documents(url: str) -> dict[str, int]:
    """Return the number of documents of each collection of a database of the original; raise as `read_documents`."""
    _check_scheme(url)
    with _open(url) as database:
        names = sorted(name for name in database.list_collection_names() if not name.startswith("system."))
        return {name: database[name].estimated_document_count() for name in names}


def read_documents(url: str, collection: str) -> Iterator[Document]:
    """Return the documents of a collection of the original system, in the order of `_id`.

    Values are those of JSON, aware datetimes and decimals; `_id` is text.

    Raises StoreError if the database cannot be read, or is not one of the original system.
    """
    _check_scheme(url)
    return _read(url, collection)


def _check_scheme(url: str) -> None:
    if urlsplit(url).scheme not in SCHEMES:
        raise StoreError(
            f"{redact_password(url)}: the URL of a database of the original system is mongodb://host/name"
        )


def _read(url: str, collection: str) -> Iterator[Document]:
    with _open(url) as database:
        for document in database[collection].find().sort("_id"):
            yield _convert_value(document)


@contextmanager
def _open(url: str) -> Iterator[Database[dict[str, Any]]]:
    try:
        from qdash_mongo.address import redact_url
        from qdash_mongo.read_only_access import holds_store, open_read_only
    except ModuleNotFoundError as error:
        raise StoreError(
            f"reading {redact_password(url)} requires qdash-mongo, which is not installed:"
            " `pip install --find-links RELEASE 'qdash-original[mongo]'` (`qdash docs installation`)"
        ) from error
    if not urlsplit(url).path.strip("/"):
        raise StoreError(f"{redact_url(url)} names no database: write mongodb://host/name")
    with open_read_only(url) as database:
        if holds_store(database):
            raise StoreError(
                f"{redact_url(url)} is a store of this QDash, not of the original system: use qdash store migrate"
            )
        yield database


def _convert_value(value: Any) -> Any:
    """Return a BSON value as JSON value, datetime or decimal; an ObjectId becomes text."""
    from bson import Decimal128, ObjectId
    from bson.int64 import Int64

    if isinstance(value, dict):
        return {name: _convert_value(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_convert_value(part) for part in value]
    if isinstance(value, Int64):
        return int(value)
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if value is None or isinstance(value, str | bool | int | float | datetime | Decimal):
        return value
    return str(value) if isinstance(value, ObjectId) else value

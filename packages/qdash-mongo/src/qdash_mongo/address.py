"""URL of a MongoDB store: parsing, defaults, and display without secrets."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from pymongo import AsyncMongoClient, MongoClient, ReadPreference, WriteConcern
from pymongo.errors import ConfigurationError, InvalidName, InvalidURI

from qdash_core.errors import StoreError

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase
    from pymongo.database import Database

SCHEMES = ("mongodb", "mongodb+srv")
DEFAULT_DATABASE = "qdash"
SELECTION_S = 2.0
"""Time limit to find a server, in seconds; after it the store is unavailable."""

ACKNOWLEDGED = WriteConcern(w="majority", j=True)
"""Write concern: a write is acknowledged once most members of the replica set have it in their journals."""

_DEFAULTS: dict[str, Any] = {
    "serverSelectionTimeoutMS": int(SELECTION_S * 1000),
    "connectTimeoutMS": 5000,
}
_RESERVED_DATABASES = frozenset({"admin", "config", "local"})
_FORM = "mongodb://[user:password@]host[:port]/database?replicaSet=name"


def redact_url(url: str) -> str:
    """Return a URL for messages, without user, password and options."""
    scheme, _, rest = url.partition("://")
    place = rest.rpartition("@")[2].partition("?")[0]
    return f"{scheme}://{place}" if scheme in SCHEMES else "a URL of another scheme"


def make_application_name(url: str) -> str:
    """Return the application name of the clients of a database, independent of the options of the URL."""
    database = url.rpartition("@")[2].partition("?")[0].partition("//")[2].partition("/")[2]
    return f"qdash {database or DEFAULT_DATABASE}"


def open_database(url: str) -> AsyncDatabase[dict[str, Any]]:
    """Return the database of a URL, without a request to its server.

    Raises StoreError if the URL is not one of MongoDB, or contains an invalid part.
    """
    if urlsplit(url).scheme not in SCHEMES:
        raise StoreError(f"cannot open {redact_url(url)}: write {_FORM}")
    if urlsplit(url).path.strip("/") in _RESERVED_DATABASES:
        raise StoreError(
            f"cannot open {redact_url(url)}: MongoDB reserves this database for itself; choose another name"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # unknown options
            client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(url, **_make_client_options(url))
        return client.get_default_database(
            DEFAULT_DATABASE,
            read_preference=ReadPreference.PRIMARY,
            write_concern=ACKNOWLEDGED,
        )
    except (InvalidURI, ConfigurationError, InvalidName, ValueError, TypeError, UserWarning) as error:
        # The driver's message may contain a part of the password; that of an option contains only its name.
        hidden = "@" in url and not isinstance(error, UserWarning)
        reason = "user and password must be percent-encoded" if hidden else str(error)
        raise StoreError(f"cannot open {redact_url(url)}: {reason}; write {_FORM}") from (
            None if hidden else error
        )


def open_blocking_database(url: str, *, answer_s: float) -> Database[dict[str, Any]]:
    """Return the database of a URL that `open_database` has accepted, for queries that block their thread.

    A response may take `answer_s` seconds. `pymongo.timeout` would spend it on the search for a server as well.
    """
    options = {**_make_client_options(url), "socketTimeoutMS": int(answer_s * 1000)}
    client: MongoClient[dict[str, Any]] = MongoClient(url, connect=False, **options)
    return client.get_default_database(DEFAULT_DATABASE, read_preference=ReadPreference.PRIMARY)


def _make_client_options(url: str) -> dict[str, Any]:
    """Return the client options that a URL does not set, with the application name."""
    given = {name.lower() for name, _ in parse_qsl(url.rpartition("@")[2].partition("?")[2])}
    left_open = {name: value for name, value in _DEFAULTS.items() if name.lower() not in given}
    return {**left_open, "appname": make_application_name(url)}

"""URL of a MongoDB store: parsing, display without secrets, and defaults."""

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
"""So long a server is looked for before it counts as away."""

ACKNOWLEDGED = WriteConcern(w="majority", j=True)
"""A write is done when most members of the replica set have it in their journals."""

_DEFAULTS: dict[str, Any] = {
    "serverSelectionTimeoutMS": int(SELECTION_S * 1000),
    "connectTimeoutMS": 5000,
}
_SERVERS_OWN = frozenset({"admin", "config", "local"})
_FORM = "mongodb://[user:password@]host[:port]/database?replicaSet=name"


def shown(url: str) -> str:
    """Return what a message may say of a URL: hosts and database, never user, password or options."""
    scheme, _, rest = url.partition("://")
    place = rest.rpartition("@")[2].partition("?")[0]
    return f"{scheme}://{place}" if scheme in SCHEMES else "a URL of another scheme"


def application(url: str) -> str:
    """Return the name under which the server knows those who use this database, whatever the URL says."""
    database = url.rpartition("@")[2].partition("?")[0].partition("//")[2].partition("/")[2]
    return f"qdash {database or DEFAULT_DATABASE}"


def connected(url: str) -> AsyncDatabase[dict[str, Any]]:
    """Return the database that a URL names; nothing is asked of its server yet.

    Raises
    ------
    StoreError
        If the URL is not one of MongoDB, or names what cannot be.
    """
    if urlsplit(url).scheme not in SCHEMES:
        raise StoreError(f"cannot open {shown(url)}: write {_FORM}")
    if urlsplit(url).path.strip("/") in _SERVERS_OWN:
        raise StoreError(f"cannot open {shown(url)}: that database is the server's own; name another")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # an option that the driver does not know
            client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(url, **_options(url))
        return client.get_default_database(
            DEFAULT_DATABASE,
            read_preference=ReadPreference.PRIMARY,
            write_concern=ACKNOWLEDGED,
        )
    except (InvalidURI, ConfigurationError, InvalidName, ValueError, TypeError, UserWarning) as error:
        # What the driver says may quote a part of the password; of an option it names the name.
        hidden = "@" in url and not isinstance(error, UserWarning)
        reason = "user and password must be percent-encoded" if hidden else str(error)
        raise StoreError(f"cannot open {shown(url)}: {reason}; write {_FORM}") from (
            None if hidden else error
        )


def connected_to_read(url: str, *, answer_s: float) -> Database[dict[str, Any]]:
    """Return the database of a URL at which `connected` has been, for questions that a thread asks by itself.

    An answer is waited for so many seconds. `pymongo.timeout` would look for a server that is away all that time.
    """
    options = {**_options(url), "socketTimeoutMS": int(answer_s * 1000)}
    client: MongoClient[dict[str, Any]] = MongoClient(url, connect=False, **options)
    return client.get_default_database(DEFAULT_DATABASE, read_preference=ReadPreference.PRIMARY)


def _options(url: str) -> dict[str, Any]:
    """Return what is set beside a URL: what it leaves open, and as whom the server knows us."""
    given = {name.lower() for name, _ in parse_qsl(url.rpartition("@")[2].partition("?")[2])}
    left_open = {name: value for name, value in _DEFAULTS.items() if name.lower() not in given}
    return {**left_open, "appname": application(url)}

"""Upgrade of a database with an older schema, while no other program uses it.

Programs of any version are found by the application name of their connections, and by their locks and registrations in
the store.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from pymongo.errors import PyMongoError

from qdash_core.errors import LockedError, StoreError
from qdash_core.locks.liveness import Liveness, assess_liveness
from qdash_core.locks.presence import LiveProcesses
from qdash_core.models.process_marks import ProcessMark
from qdash_core.process.clock import machine_now
from qdash_core.repositories.schema import COLLECTIONS, SCHEMA_VERSION
from qdash_core.repositories.store import StoreUpgrade
from qdash_mongo.address import make_application_name, open_database, redact_url
from qdash_mongo.database import REGISTER, REGISTER_FILTER, migrate_schema, require_known_version
from qdash_mongo.failures import convert_failure
from qdash_mongo.loop import get_background_loop
from qdash_mongo.read_only_access import open_read_only

if TYPE_CHECKING:
    from pymongo.database import Database

USERS_END_S = 2.0
"""Time in which other programs may close their connections before they count as users, in seconds."""
_PAUSE_S = 0.1
_REQUIRED = {name: {"$exists": True} for name, one in ProcessMark.model_fields.items() if one.is_required()}


def read_schema_version(url: str) -> int | None:
    """Return the version of the store at a URL, or None if there is none; raise StoreError if it is newer than this QDash."""
    with open_read_only(url) as database:
        found = database[REGISTER].find_one(REGISTER_FILTER)
    if found is None:
        return None
    version = int(found["schema_version"])
    require_known_version(version, redact_url(url))
    return version


def list_users(url: str) -> list[str]:
    """Return descriptions of the programs that are connected to a store, or hold a lock or a registration in it."""
    with open_read_only(url) as database:
        deadline = time.monotonic() + USERS_END_S
        while True:
            found = [*_list_connections(database, make_application_name(url)), *_list_live_marks(database)]
            if not found or time.monotonic() > deadline:
                return found
            time.sleep(_PAUSE_S)


def upgrade(url: str) -> StoreUpgrade:
    """Migrate an older store step by step. An interrupted upgrade continues.

    Raises
    ------
    LockedError
        If another program uses it. It is unchanged then.
    StoreError
        If it is no store or a newer one, or the server fails.
    """
    place, version = redact_url(url), read_schema_version(url)
    if version is None:
        raise StoreError(f"{place} is no store of QDash: check the name of the database")
    if version == SCHEMA_VERSION:
        return StoreUpgrade(version, version)
    if users := list_users(url):
        raise LockedError(
            f"the store {place} is in use by {', '.join(users)}; nothing was changed: stop that, then repeat the command"
        )
    try:
        get_background_loop().run(_migrate(url, place))
    except PyMongoError as error:
        outcome = "repeat the command to continue"
        raise convert_failure(error, f"cannot upgrade the store {place}", outcome=outcome) from error
    return StoreUpgrade(version, SCHEMA_VERSION)


async def _migrate(url: str, place: str) -> None:
    database = open_database(url)
    try:
        await migrate_schema(database, place)
    finally:
        await database.client.close()


def _list_connections(database: Database[dict[str, Any]], application: str) -> list[str]:
    """Return the hosts with connections of a store's programs. A user sees only those of the same user."""
    pipeline: list[dict[str, Any]] = [
        {"$currentOp": {"idleConnections": True}},
        {"$match": {"appName": application, "client": {"$exists": True}}},
    ]
    hosts = {one["client"].rpartition(":")[0] for one in database.client.admin.aggregate(pipeline)}
    return [f"a program on {host}" for host in sorted(hosts)]


def _list_live_marks(database: Database[dict[str, Any]]) -> list[str]:
    """Return the processes with a lock or a registration that are alive.

    A mark of another host that is late is watched for its lifetime.
    """
    living = LiveProcesses()
    while True:
        marks = [
            ProcessMark.model_validate({name: one[name] for name in ProcessMark.model_fields if name in one})
            for name, collection in COLLECTIONS.items()
            if collection.live
            for one in database[name].find(_REQUIRED)
        ]
        found = living.select_live(marks)
        if not found or any(assess_liveness(one, machine_now()) is Liveness.ALIVE for one in found.values()):
            return [f"process {one.pid} on {one.host}" for one in found.values()]
        time.sleep(_PAUSE_S)

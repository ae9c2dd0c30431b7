"""Serialisation of transactions: each begins by changing the register, so that they run one after the other."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from pymongo import ReadPreference, ReturnDocument
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from qdash_core.errors import StoreError, StoreUnavailableError
from qdash_mongo.address import ACKNOWLEDGED, SELECTION_S
from qdash_mongo.database import REGISTER_FILTER, wait_for_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pymongo.asynchronous.client_session import AsyncClientSession

    from qdash_mongo.database import Database
    from qdash_mongo.filters import Filter

BUSY_S = 75.0
"""Longest wait of a transaction for a writing process, in seconds.

The server aborts the transaction of a dead process after 60 s (`transactionLifetimeLimitSeconds`).
"""

ABANDONED_S = 5.0
"""Idle time after which waiting transactions end another one as abandoned, in seconds."""

_LOOKS = 5
"""Number of checks of the other transactions in this time."""

COMMIT_PATIENCE_S = 60.0
"""Time limit to repeat a commit whose response was lost, in seconds."""

_PAUSE_S, _LONGEST_PAUSE_S = 0.001, 0.016
"""Shortest and longest mean pause before another attempt, in seconds."""

_Activity = tuple[bytes, int, int]
"""Session, number of its transaction, and active time of the transaction on the server in µs."""


@dataclass(frozen=True, slots=True)
class WriteTurn:
    """Turn of a transaction that has begun, with its unique mark and that of the previous one.

    `last` is the last number of each numbered collection before the transaction.
    """

    session: AsyncClientSession
    before: str
    mark: str
    last: Mapping[str, int]


async def take_turn(database: Database, reserved: Mapping[str, int]) -> WriteTurn:
    """Begin a transaction, and return its turn.

    A failed attempt has written nothing. It is repeated while another process writes, and after the loss of a
    connection, as to a restarted server. `reserved` are numbers to reserve, by collection.

    Raises
    ------
    StoreUnavailableError
        If another process writes for too long.
    """
    started, pause, look = time.monotonic(), _PAUSE_S, ABANDONED_S / _LOOKS
    watched: dict[_Activity, float] = {}
    while True:
        session = database.client.start_session(causal_consistency=False)
        try:
            return await wait_for_response(_begin_turn(database, session, reserved))
        except PyMongoError as error:
            database.start(session.end_session())
            waited = time.monotonic() - started
            if not _is_transient(error, waited):
                raise
            if waited > BUSY_S:
                raise StoreUnavailableError(
                    f"{database.place}: another process has been writing for {BUSY_S:g} s; nothing was written"
                ) from error
            if waited > look:
                look = waited + ABANDONED_S / _LOOKS
                with suppress(PyMongoError):  # a user without the permission has to wait
                    await wait_for_response(_end_abandoned(database, watched))
        await asyncio.sleep(random.uniform(0, 2 * pause))  # noqa: S311  random, so that waiting processes do not collide again
        pause = min(2 * pause, _LONGEST_PAUSE_S)


async def commit(session: AsyncClientSession) -> None:
    """Commit a transaction, repeating the commit, which is performed once, while its response is lost."""
    deadline = time.monotonic() + COMMIT_PATIENCE_S
    while True:
        try:
            return await wait_for_response(session.commit_transaction())
        except PyMongoError as error:
            if not is_response_lost(error) or time.monotonic() > deadline:
                raise
        await asyncio.sleep(_LONGEST_PAUSE_S)


def is_response_lost(error: PyMongoError) -> bool:
    """Return whether a failed commit may have been applied."""
    return isinstance(error, ConnectionFailure) or error.has_error_label("UnknownTransactionCommitResult")


async def _begin_turn(
    database: Database, session: AsyncClientSession, reserved: Mapping[str, int]
) -> WriteTurn:
    await session.start_transaction(
        read_concern=ReadConcern("snapshot"),
        write_concern=ACKNOWLEDGED,
        read_preference=ReadPreference.PRIMARY,
    )
    mark = uuid4().hex
    numbers = {f"numbers.{name}": count for name, count in reserved.items()}
    entry = await database.register.find_one_and_update(
        REGISTER_FILTER,
        {"$set": {"mark": mark}, **({"$inc": numbers} if numbers else {})},
        return_document=ReturnDocument.BEFORE,
        session=session,
    )
    if entry is None:
        await session.end_session()
        raise StoreError(f"{database.place}: the store was deleted while it was open; open it again")
    return WriteTurn(session, entry.get("mark", ""), mark, entry["numbers"])


async def _end_abandoned(database: Database, watched: dict[_Activity, float]) -> None:
    """End the abandoned transactions of this store, such as those of a killed process.

    The server would keep them, and block all others, for a minute and more. One that was active between two checks,
    however briefly, is left alone. If the process of an idle transaction is alive, its commit fails, and nothing was
    written. `watched` holds the activities found by earlier checks, with the time of the first one; updated.
    """
    open_ones: Filter = {"appName": database.application, "transaction": {"$exists": True}}
    pipeline: list[Filter] = [{"$currentOp": {"idleSessions": True}}, {"$match": open_ones}]
    admin, now = database.client.admin, time.monotonic()
    async for found in await admin.aggregate(pipeline):
        session, transaction = found["lsid"]["id"], found["transaction"]
        activity = session, transaction["parameters"]["txnNumber"], transaction["timeActiveMicros"]
        if now - watched.setdefault(activity, now) >= ABANDONED_S:
            await admin.command("killSessions", [{"id": session}])


def _is_transient(error: PyMongoError, waited: float) -> bool:
    if isinstance(error, ConnectionFailure):
        return waited < SELECTION_S
    return isinstance(error, OperationFailure) and error.has_error_label("TransientTransactionError")

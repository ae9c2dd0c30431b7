"""The turn to write: transactions run one after the other, because each begins by changing the register."""

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
from qdash_mongo.database import THE_REGISTER, answered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pymongo.asynchronous.client_session import AsyncClientSession

    from qdash_mongo.database import Database
    from qdash_mongo.filters import Filter

BUSY_S = 75.0
"""So long another process may write before a transaction is given up that has not begun.

The server undoes the transaction of a process that died after 60 s (`transactionLifetimeLimitSeconds`).
"""

ABANDONED_S = 5.0
"""So long a transaction may do nothing while others wait and watch it."""

_LOOKS = 5
"""So often they look in this time."""

COMMIT_PATIENCE_S = 60.0
"""So long it is asked what has become of a commit whose answer was lost."""

_PAUSE_S, _LONGEST_PAUSE_S = 0.001, 0.016
"""Mean pause before another attempt."""

_Doing = tuple[bytes, int, int]
"""Session, number of its transaction, and for how long that one has worked on the server."""


@dataclass(frozen=True, slots=True)
class WriteTurn:
    """A transaction that has begun.

    Parameters
    ----------
    session : AsyncClientSession
        In which it runs.
    before : str
        The mark of the transaction before.
    mark : str
        Its own mark, which no other one has.
    last : mapping
        The last number of each numbered collection, before the transaction.
    """

    session: AsyncClientSession
    before: str
    mark: str
    last: Mapping[str, int]


async def take_turn(database: Database, drawn: Mapping[str, int]) -> WriteTurn:
    """Begin a transaction.

    Nothing has been done when an attempt fails, so it is made again while another process writes, and once the
    connection turns out to be that to a server that was restarted.

    Parameters
    ----------
    database : Database
        Where.
    drawn : mapping
        How many numbers are drawn of each collection at once.

    Raises
    ------
    StoreUnavailableError
        If another process writes for too long.
    """
    started, pause, look = time.monotonic(), _PAUSE_S, ABANDONED_S / _LOOKS
    watched: dict[_Doing, float] = {}
    while True:
        session = database.client.start_session(causal_consistency=False)
        try:
            return await answered(_turn(database, session, drawn))
        except PyMongoError as error:
            database.start(session.end_session())
            waited = time.monotonic() - started
            if not _passes(error, waited):
                raise
            if waited > BUSY_S:
                raise StoreUnavailableError(
                    f"{database.place}: another process has been writing for {BUSY_S:g} s; nothing was written"
                ) from error
            if waited > look:
                look = waited + ABANDONED_S / _LOOKS
                with suppress(PyMongoError):  # who may not look has to wait
                    await answered(_end_abandoned(database, watched))
        await asyncio.sleep(random.uniform(0, 2 * pause))  # noqa: S311  so that those who wait do not meet again
        pause = min(2 * pause, _LONGEST_PAUSE_S)


async def commit(session: AsyncClientSession) -> None:
    """Commit, and ask again while the answer is lost: the server knows what it has committed."""
    deadline = time.monotonic() + COMMIT_PATIENCE_S
    while True:
        try:
            return await answered(session.commit_transaction())
        except PyMongoError as error:
            if not is_lost(error) or time.monotonic() > deadline:
                raise
        await asyncio.sleep(_LONGEST_PAUSE_S)


def is_lost(error: PyMongoError) -> bool:
    """Return whether a failed commit may have been applied."""
    return isinstance(error, ConnectionFailure) or error.has_error_label("UnknownTransactionCommitResult")


async def _turn(database: Database, session: AsyncClientSession, drawn: Mapping[str, int]) -> WriteTurn:
    await session.start_transaction(
        read_concern=ReadConcern("snapshot"),
        write_concern=ACKNOWLEDGED,
        read_preference=ReadPreference.PRIMARY,
    )
    mark = uuid4().hex
    numbers = {f"numbers.{name}": count for name, count in drawn.items()}
    entry = await database.register.find_one_and_update(
        THE_REGISTER,
        {"$set": {"mark": mark}, **({"$inc": numbers} if numbers else {})},
        return_document=ReturnDocument.BEFORE,
        session=session,
    )
    if entry is None:
        await session.end_session()
        raise StoreError(f"{database.place}: the store has been removed: open it again")
    return WriteTurn(session, entry.get("mark", ""), mark, entry["numbers"])


async def _end_abandoned(database: Database, watched: dict[_Doing, float]) -> None:
    """End the transactions of this store that nobody goes on with, as those of a process that was killed.

    The server would keep them, and with them the turn, for a minute and more. It only knows how long a transaction has
    been idle in all, so they are watched: one that works between two looks, however slowly, is left alone. Should
    somebody live who does nothing for so long, he is told that nothing was written.

    Parameters
    ----------
    database : Database
        Where.
    watched : dict
        What was found at earlier looks, with the time at which it was first seen; what is found now is added.
    """
    open_ones: Filter = {"appName": database.application, "transaction": {"$exists": True}}
    pipeline: list[Filter] = [{"$currentOp": {"idleSessions": True}}, {"$match": open_ones}]
    admin, now = database.client.admin, time.monotonic()
    async for found in await admin.aggregate(pipeline):
        session, transaction = found["lsid"]["id"], found["transaction"]
        doing = session, transaction["parameters"]["txnNumber"], transaction["timeActiveMicros"]
        if now - watched.setdefault(doing, now) >= ABANDONED_S:
            await admin.command("killSessions", [{"id": session}])


def _passes(error: PyMongoError, waited: float) -> bool:
    if isinstance(error, ConnectionFailure):
        return waited < SELECTION_S
    return isinstance(error, OperationFailure) and error.has_error_label("TransientTransactionError")

"""Store on a MongoDB replica set, for laboratories with several machines and for the web host.

Writers first change one document, the register, so that transactions are serialised as in the other stores.
Readers see one consistent time and never wait. The driver is imported when a store is opened.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.errors import StoreError, StoreUnavailableError
from qdash_core.repositories.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.repositories.store import Snapshot, Transaction
    from qdash_mongo.database import Database

TURN_S = 90.0
"""So long another thread of this process may write before a transaction is given up that has not begun."""


class _Process:
    """State of a store within one process. A forked process starts with a new one."""

    def __init__(self) -> None:
        self.guard = threading.Lock()
        self.writing = threading.Lock()
        """Held by the thread that writes: threads of one process wait here, not on the server."""
        self.thread = threading.local()
        self.database: Database | None = None


class MongoStore(Store):
    """A store in one database, `mongodb://[user:password@]host[:port]/database?replicaSet=name`.

    Parameters
    ----------
    url : str
        Where it is; without a database it is `qdash`.
    """

    schemes = ("mongodb", "mongodb+srv")
    shared = True

    def __init__(self, url: str) -> None:
        self._url = url
        self._closed = False
        # What was inherited over a fork stays here untouched: its sockets are still the parent's.
        self._processes: dict[int, _Process] = {}

    @classmethod
    def open(cls, url: str) -> MongoStore:
        store = cls(url)
        store._database(store._process())
        return store

    @classmethod
    def exists(cls, url: str) -> bool:
        from qdash_mongo.read_only_access import is_store

        return is_store(url)

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        from qdash_mongo.snapshots import MongoSnapshot

        with self._lent() as (_, database):
            snapshot = MongoSnapshot(database)
            try:
                yield snapshot
            finally:
                snapshot.leave()

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Transaction]:
        """Begin a transaction. All are durable: what is not in the journal does not survive kill -9 of the server."""
        from qdash_mongo.transactions import MongoTransaction

        with self._lent() as (process, database):
            if not process.writing.acquire(timeout=TURN_S):
                raise StoreUnavailableError(
                    f"{database.place}: a thread of this process has been writing for {TURN_S:g} s; nothing was written"
                )
            try:
                transaction = MongoTransaction(database, kind=durable)
                try:
                    transaction.begin()
                    yield transaction
                    transaction.commit()
                finally:
                    transaction.leave()
            finally:
                process.writing.release()

    def close(self) -> None:
        self._closed = True
        process = self._process()
        with process.guard:
            if process.database is not None:
                process.database.close()
            process.database = None

    @contextmanager
    def _lent(self) -> Iterator[tuple[_Process, Database]]:
        process = self._process()
        if getattr(process.thread, "busy", False):
            raise StoreError("transactions of one thread do not nest: leave the first one before the next")
        database = self._database(process)
        process.thread.busy = True
        try:
            yield process, database
        finally:
            process.thread.busy = False

    def _process(self) -> _Process:
        return self._processes.setdefault(os.getpid(), _Process())

    def _database(self, process: _Process) -> Database:
        from qdash_mongo.database import Database

        with process.guard:
            if self._closed:
                raise StoreError("this store has been closed: open it again")
            if process.database is None:
                process.database = Database(self._url)
            return process.database

"""Store on a MongoDB replica set, for several machines and for the web host.

Transactions are serialised by one document, the register. Readers see a consistent snapshot and never wait for writers.
The driver is imported when a store is opened.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.errors import StoreError, StoreUnavailableError
from qdash_core.repositories.store import Store, StoreSize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.repositories.store import Snapshot, StoreUpgrade, Transaction
    from qdash_mongo.database import Database

TURN_S = 90.0
"""Longest wait of a transaction for another writing thread of this process, in seconds."""


class _ProcessState:
    """State of a store within one process; a forked process starts with a new one."""

    def __init__(self) -> None:
        self.guard = threading.Lock()
        self.writing = threading.Lock()
        """Held by the thread that writes: threads of one process wait here, not on the server."""
        self.thread = threading.local()
        self.database: Database | None = None


class MongoStore(Store):
    """Store in one database, `mongodb://[user:password@]host[:port]/database?replicaSet=name`.

    Without a name in the URL it is the database `qdash`.
    """

    schemes = ("mongodb", "mongodb+srv")
    shared = True

    def __init__(self, url: str) -> None:
        self._url = url
        self._closed = False
        # The state inherited by a forked process stays here unused: its sockets belong to the parent.
        self._processes: dict[int, _ProcessState] = {}

    @classmethod
    def open(cls, url: str) -> MongoStore:
        store = cls(url)
        store._open_database(store._get_process_state())
        return store

    @classmethod
    def exists(cls, url: str) -> bool:
        from qdash_mongo.read_only_access import is_store

        return is_store(url)

    @classmethod
    def read_schema_version(cls, url: str) -> int | None:
        from qdash_mongo.upgrade import read_schema_version

        return read_schema_version(url)

    @classmethod
    def list_users(cls, url: str) -> list[str]:
        from qdash_mongo.upgrade import list_users

        return list_users(url)

    @classmethod
    def upgrade(cls, url: str) -> StoreUpgrade:
        from qdash_mongo.upgrade import upgrade

        return upgrade(url)

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        from qdash_mongo.snapshots import MongoSnapshot

        with self._borrow_database() as (_, database):
            snapshot = MongoSnapshot(database)
            try:
                yield snapshot
            finally:
                snapshot.leave()

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Transaction]:
        """Begin a transaction. All are durable, as writes outside the journal would not survive a kill of the server."""
        from qdash_mongo.transactions import MongoTransaction

        with self._borrow_database() as (process, database):
            if not process.writing.acquire(timeout=TURN_S):
                raise StoreUnavailableError(
                    f"{database.place}: another thread of this process has been writing for {TURN_S:g} s; "
                    "nothing was written"
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
        self.pass_on(transaction)

    def measure_size(self) -> StoreSize:
        with self._borrow_database() as (_, database):
            return StoreSize(database.measure_size())

    def close(self) -> None:
        self._closed = True
        process = self._get_process_state()
        with process.guard:
            if process.database is not None:
                process.database.close()
            process.database = None

    @contextmanager
    def _borrow_database(self) -> Iterator[tuple[_ProcessState, Database]]:
        process = self._get_process_state()
        if getattr(process.thread, "busy", False):
            raise StoreError(
                "this thread already has an open transaction, and transactions do not nest: end it first"
            )
        database = self._open_database(process)
        process.thread.busy = True
        try:
            yield process, database
        finally:
            process.thread.busy = False

    def _get_process_state(self) -> _ProcessState:
        return self._processes.setdefault(os.getpid(), _ProcessState())

    def _open_database(self, process: _ProcessState) -> Database:
        from qdash_mongo.database import Database

        with process.guard:
            if self._closed:
                raise StoreError("this store has been closed: open it again")
            if process.database is None:
                process.database = Database(self._url)
            return process.database

"""Commit groups: transactions of several threads that one commit makes durable together.

A commit waits for the disk, and a file has one writer at a time. So a thread that has written leaves its transaction
open while another one waits to write: that one continues it on the same connection, and the last one commits for all.
All transactions but the first are savepoints, so that one which is rolled back changes nothing of the others.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from qdash_core.errors import StoreUnavailableError
from qdash_sqlite.connections import SYNCHRONISED
from qdash_sqlite.errors import make_store_error

if TYPE_CHECKING:
    from qdash_core.errors import StoreError
    from qdash_sqlite.connections import Connections

UNSYNCHRONISED = "PRAGMA synchronous = NORMAL"
"""Makes a commit return before it is on disk; a later synchronised commit makes it durable, too."""
BEGIN_MEMBER = "SAVEPOINT member"
"""Begins a further transaction of an open group."""
_PATIENCE_S = 0.05
"""Time after which a thread commits itself what another one, which gave up, has not committed, in seconds."""


class CommitGroup:
    """Group of transactions on one connection, which it gives back at its end.

    All methods but `wait` are called by the writing thread: the holder of `Connections.writing`.
    """

    def __init__(self, connections: Connections, *, durable: bool) -> None:
        self.connection = connections.take()
        self.durable = durable
        self._connections = connections
        self._members = 0
        """Number of transactions that have succeeded and wait for the commit."""
        self._ended = threading.Event()
        self._error: StoreError | None = None

    @property
    def ended(self) -> bool:
        """Return whether its transactions are committed or rolled back."""
        return self._ended.is_set()

    def keep(self) -> None:
        """Keep the present transaction for the commit."""
        if self._members:
            self.connection.execute("RELEASE member")
        self._members += 1

    def undo(self) -> None:
        """Roll back the present transaction. After a full disk, SQLite may have rolled back the others, too."""
        if self._connections.forked:
            return
        with suppress(sqlite3.Error):
            if self._members and self.connection.in_transaction:
                self.connection.execute("ROLLBACK TO member")
                self.connection.execute("RELEASE member")
                return
        self._end(
            StoreUnavailableError(
                f"{self._connections.path}: the transaction of another thread failed; nothing was written, try again"
            )
        )

    def commit(self) -> None:
        """Commit all transactions or none, unless the group has ended."""
        if self.ended or self._connections.forked:
            return
        try:
            self.connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._end(make_store_error(self._connections.path, error))
        else:
            self._end(None)

    def wait(self) -> None:
        """Wait for the commit.

        Raises
        ------
        StoreError
            If it failed. Nothing was written.
        """
        try:
            self._ended.wait(_PATIENCE_S)
        finally:
            if not self.ended:
                with self._connections.writing:
                    self.commit()
        if self._error is not None:
            raise type(self._error)(str(self._error)) from self._error

    def _end(self, error: StoreError | None) -> None:
        self._error = error
        with suppress(sqlite3.Error):  # the connection could not even roll back, and will be closed
            self.connection.rollback()
            if not self.durable:
                self.connection.execute(SYNCHRONISED)
        self._connections.give_back(self.connection)
        self._ended.set()

"""Pool of connections to one SQLite file, each used by one thread at a time and never kept across a fork.

A child that used or kept its parent's connections would rely on locks of the parent, and the parent could remove the
log that the child writes to. So idle connections are closed before a fork, and a child that was forked during a
transaction is rejected.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.errors import StoreError, StoreUnavailableError
from qdash_sqlite.errors import make_store_error
from qdash_sqlite.read_only import make_read_only_uri

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SYNCHRONISED = "PRAGMA synchronous = FULL"
"""Makes a commit return when it is on disk."""
OVERWRITES_DELETED = "PRAGMA secure_delete = ON"
"""Overwrites deleted documents with zeros, so that texts which a user deleted are not left in free pages. The default depends on how SQLite was built."""

_CACHED_STATEMENTS = 256
_CACHED_KIB = 512
"""Cache size of a connection. It is small, since each thread has a connection and the system's cache is
shared."""


def connect(
    path: Path, *, busy_timeout_s: float, read_only: bool = False, exclusive: bool = False
) -> sqlite3.Connection:
    """Open a connection to an existing file, with explicit transactions and durable commits.

    An exclusive connection locks the file until it is closed; raises `sqlite3.OperationalError` if another connection has it open.
    """
    connection = sqlite3.connect(
        make_read_only_uri(path) if read_only else f"{path.as_uri()}?mode=rw",
        uri=True,
        timeout=busy_timeout_s,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_CACHED_STATEMENTS,
    )
    try:
        if exclusive:
            # Set before the first read: afterwards it would not keep others out.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.rollback()
        connection.execute(SYNCHRONISED)
        connection.execute(f"PRAGMA cache_size = -{_CACHED_KIB}")
        connection.execute(OVERWRITES_DELETED)
    except BaseException:
        connection.close()
        raise
    return connection


def _identify_file(path: Path) -> tuple[int, int]:
    found = os.stat(path)  # noqa: PTH116  with each transaction; a Path costs as much again
    return found.st_dev, found.st_ino


class Connections:
    """Connections to one file. There are as many as the maximum number of concurrent threads so far.

    `path` is absolute. Connections to a file that cannot be written are used once, since the way to read may change.
    `first` is lent first.
    """

    def __init__(
        self,
        path: Path,
        *,
        busy_timeout_s: float,
        read_only: bool = False,
        first: sqlite3.Connection | None = None,
    ) -> None:
        self.path = path
        self.read_only = read_only
        self._file = _identify_file(path)
        self.busy_timeout_s = busy_timeout_s
        self.writing = threading.Lock()
        """Held by the writing thread, so that threads of one process need not poll as SQLite does."""
        self._guard = threading.Lock()
        self._idle = [] if first is None else [first]
        self._lent: list[sqlite3.Connection] = []
        self._thread = threading.local()
        self.refusal = ""
        """Reason why no connection is available any more, or empty."""
        self.forked = False
        """True if this process was forked during a transaction."""
        _ALL.add(self)

    @contextmanager
    def lend(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection to this thread. A connection returned during a transaction is closed."""
        if getattr(self._thread, "busy", False):
            raise StoreError("transactions of one thread do not nest: leave the first one before the next")
        connection = self._take()
        self._thread.busy = True
        try:
            yield connection
        finally:
            self._thread.busy = False
            if not self.forked:
                self._give_back(connection)

    def close(self) -> None:
        """Close idle connections now, and the others when they are returned."""
        with self._guard:
            self.refusal = self.refusal or "this store has been closed: open it again"
            self._close_idle()

    def before_fork(self) -> None:
        """Close idle connections, and block new ones until the fork is done."""
        self._guard.acquire()
        self._close_idle()

    def after_fork_in_parent(self) -> None:
        """Permit new connections again."""
        self._guard.release()

    def after_fork_in_child(self) -> None:
        """Start with no connections, unless a transaction was open."""
        self._guard = threading.Lock()
        self.writing = threading.Lock()
        if self._lent:
            self.forked = True
            self.refusal = (
                f"this process was forked while a transaction on {self.path} was open, and cannot use the store: "
                "fork outside transactions, or start processes by spawn"
            )
            _INHERITED.extend(self._lent)

    def _take(self) -> sqlite3.Connection:
        with self._guard:
            if self.refusal:
                raise StoreError(self.refusal)
            self._require_file()
            connection = self._idle.pop() if self._idle else self._open()
            self._lent.append(connection)
            return connection

    def _require_file(self) -> None:
        """Raise an error if the file was deleted or moved: writes would be lost with the last connection."""
        try:
            found = _identify_file(self.path)
        except OSError as error:
            raise StoreUnavailableError(
                f"{self.path} is no longer there ({error.strerror}); nothing was written: put it back"
            ) from error
        if found != self._file:
            raise StoreError(
                f"{self.path}: another file has taken its place; nothing was written: open it again"
            )

    def _open(self) -> sqlite3.Connection:
        try:
            return connect(self.path, busy_timeout_s=self.busy_timeout_s, read_only=self.read_only)
        except sqlite3.Error as error:
            raise make_store_error(self.path, error) from error

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._guard:
            self._lent.remove(connection)
            if self.refusal or self.read_only or connection.in_transaction:
                connection.close()
            else:
                self._idle.append(connection)

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()


_ALL: weakref.WeakSet[Connections] = weakref.WeakSet()
_INHERITED: list[sqlite3.Connection] = []
"""Connections of the parent process, which are neither used nor closed."""
_FORKING: list[Connections] = []
_FORK = threading.Lock()
"""Lock of a fork, since threads that fork at the same time would wait for the connections of each other."""


def _before_fork() -> None:
    _FORK.acquire()
    _FORKING[:] = _ALL
    for connections in _FORKING:
        connections.before_fork()


def _after_fork_in_parent() -> None:
    while _FORKING:
        _FORKING.pop().after_fork_in_parent()
    _FORK.release()


def _after_fork_in_child() -> None:
    while _FORKING:
        _FORKING.pop().after_fork_in_child()
    _FORK.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
    )

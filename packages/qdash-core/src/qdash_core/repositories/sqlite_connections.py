"""The open connections to one SQLite file: lent to one thread at a time, and never carried over a fork.

SQLite's locks belong to the process. A child that went on with its parent's connections, or merely kept them, would
hold locks that do not exist, and the parent could remove the log that the child writes to. So idle connections are
closed before a fork, and a child that was forked in the middle of a transaction is refused.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.errors import StoreError, StoreUnavailableError
from qdash_core.repositories.sqlite_errors import failure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SYNCHRONISED = "PRAGMA synchronous = FULL"
"""A commit returns when the disk has it."""

_CACHED_STATEMENTS = 256
_CACHED_KIB = 512
"""A connection keeps so much of the file for itself. The system's own cache is shared, and a thread has a connection."""


def connect(path: Path, *, busy_timeout_s: float) -> sqlite3.Connection:
    """Open a connection that leaves transactions to us and survives a power cut, to a file that exists."""
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=rw",
        uri=True,
        timeout=busy_timeout_s,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_CACHED_STATEMENTS,
    )
    try:
        connection.execute(SYNCHRONISED)
        connection.execute(f"PRAGMA cache_size = -{_CACHED_KIB}")
    except BaseException:
        connection.close()
        raise
    return connection


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


class Connections:
    """Connections to one file. As many are open as threads have been busy at once.

    Parameters
    ----------
    path : Path
        The file, absolute.
    busy_timeout_s : float
        How long to wait while another process writes, in seconds.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float) -> None:
        self.path = path
        self._file = _identity(path)
        self.busy_timeout_s = busy_timeout_s
        self.writing = threading.Lock()
        """Held by the thread that writes: it spares the threads of one process SQLite's way of waiting, which is to sleep."""
        self._guard = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._lent: list[sqlite3.Connection] = []
        self._thread = threading.local()
        self.refusal = ""
        """Why nothing is lent any more."""
        self.forked = False
        """Whether this process was forked off in the middle of a transaction."""
        _ALL.add(self)

    @contextmanager
    def lend(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection to this thread. One that comes back in the middle of a transaction is closed."""
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
        """Close what is idle now, and the rest when it comes back."""
        with self._guard:
            self.refusal = self.refusal or "this store has been closed: open it again"
            self._close_idle()

    def before_fork(self) -> None:
        """Close what is idle, and let nobody open more until the fork is done."""
        self._guard.acquire()
        self._close_idle()

    def after_fork_in_parent(self) -> None:
        """Go on."""
        self._guard.release()

    def after_fork_in_child(self) -> None:
        """Begin anew, unless a transaction was open."""
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
        """Refuse to write to a file that has been deleted or moved away: it would be lost with the last connection."""
        try:
            found = _identity(self.path)
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
            return connect(self.path, busy_timeout_s=self.busy_timeout_s)
        except sqlite3.Error as error:
            raise failure(self.path, error) from error

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._guard:
            self._lent.remove(connection)
            if self.refusal or connection.in_transaction:
                connection.close()
            else:
                self._idle.append(connection)

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()


_ALL: weakref.WeakSet[Connections] = weakref.WeakSet()
_INHERITED: list[sqlite3.Connection] = []
"""Connections of the parent: never used, and never closed either."""
_FORKING: list[Connections] = []


def _before_fork() -> None:
    _FORKING[:] = _ALL
    for connections in _FORKING:
        connections.before_fork()


def _after_fork_in_parent() -> None:
    while _FORKING:
        _FORKING.pop().after_fork_in_parent()


def _after_fork_in_child() -> None:
    while _FORKING:
        _FORKING.pop().after_fork_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
    )

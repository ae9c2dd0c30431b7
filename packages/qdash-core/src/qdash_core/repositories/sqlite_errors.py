"""What SQLite says when it cannot read or write, as what the caller can do about it."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from qdash_core.errors import StoreError, StoreUnavailableError

if TYPE_CHECKING:
    from pathlib import Path

_MAY_PASS = {
    sqlite3.SQLITE_FULL: "make room on its disk",
    sqlite3.SQLITE_IOERR: "look at its disk",
    sqlite3.SQLITE_BUSY: "look who else writes to it",
    sqlite3.SQLITE_LOCKED: "look who else writes to it",
    sqlite3.SQLITE_READONLY: "look at its permissions, and whether its disk can be written",
    sqlite3.SQLITE_CANTOPEN: "look whether it is still there and may be opened",
    sqlite3.SQLITE_PERM: "look at its permissions",
}
"""What waiting may help against, or somebody who does this meanwhile; of anything else the file itself is broken."""

DAMAGED = (
    "the file is damaged: move it away with its -wal and -shm and restore a backup (qdash store restore), or save what "
    "can be read (qdash store recover NEW_FILE)"
)
_DAMAGES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def failure(path: Path, error: sqlite3.Error) -> StoreError:
    """Return what is raised for an error of SQLite's, after which nothing has been written."""
    advice = _MAY_PASS.get(_code(error))
    text = f"{path}: {error}; nothing was written"
    if is_damage(error):
        return StoreError(f"{text}: {DAMAGED}")
    return StoreError(text) if advice is None else StoreUnavailableError(f"{text}: {advice}")


def may_pass(error: Exception) -> bool:
    """Whether waiting may help against an error."""
    if isinstance(error, sqlite3.Error):
        return _code(error) in _MAY_PASS
    return isinstance(error, StoreUnavailableError)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is not what SQLite has written. What it cannot decode as text has no code of its own."""
    return _code(error) in _DAMAGES or "decode to UTF-8" in str(error)


def is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else is writing."""
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _code(error: sqlite3.Error) -> int:
    """Return the primary result code; 0 for what the module itself says, such as that a connection is closed."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF

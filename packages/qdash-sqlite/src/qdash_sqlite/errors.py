"""Conversion of SQLite errors to errors of the store."""

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
"""Remedies for errors that may pass. Any other error means that the file is damaged."""

DAMAGED = (
    "the file is damaged: move it away with its -wal and -shm and restore a backup (qdash store restore), or save what "
    "can be read (qdash store recover NEW_FILE)"
)
_DAMAGES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def make_store_error(path: Path, error: sqlite3.Error) -> StoreError:
    """Return the store error for an error of SQLite, after which nothing has been written."""
    advice = _MAY_PASS.get(_get_primary_code(error))
    text = f"{path}: {error}; nothing was written"
    if is_damage(error):
        return StoreError(f"{text}: {DAMAGED}")
    return StoreError(text) if advice is None else StoreUnavailableError(f"{text}: {advice}")


def is_transient(error: Exception) -> bool:
    """Return whether an error may pass with time."""
    if isinstance(error, sqlite3.Error):
        return _get_primary_code(error) in _MAY_PASS
    return isinstance(error, StoreUnavailableError)


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error means that the file is damaged, such as text that cannot be decoded."""
    return _get_primary_code(error) in _DAMAGES or "decode to UTF-8" in str(error)


def is_busy(error: sqlite3.Error) -> bool:
    """Return whether another writer caused the error."""
    return _get_primary_code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _get_primary_code(error: sqlite3.Error) -> int:
    """Return the primary result code, or 0 for errors of the module, such as a closed connection."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF

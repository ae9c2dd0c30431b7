"""Integrity check of an SQLite file: length, pages and indexes."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING

from qdash_core.repositories.store import Soundness
from qdash_sqlite.connections import connect
from qdash_sqlite.errors import DAMAGED, is_damage, make_store_error
from qdash_sqlite.length import find_length_mismatch

if TYPE_CHECKING:
    from pathlib import Path

_NAMED = 5
"""Maximum number of reported problems."""

_STEPS = 10_000
"""Number of SQLite instructions between two checks of the time limit."""

_PATIENCE_S = 5.0


def check_soundness(path: Path, *, deep: bool, within_s: float | None) -> Soundness:
    """Check the length of the file and every page; with `deep`, compare each index with its table.

    The time limit is in seconds, or None; `looked_at` says if it was exceeded.
    """
    if (mismatch := find_length_mismatch(path)) is not None:
        return Soundness((mismatch.message,), "its length")
    check = "integrity_check" if deep else "quick_check"
    looked_at = f"{check} of {path.stat().st_size / 2**20:.1f} MiB"
    connection = connect(path, busy_timeout_s=_PATIENCE_S)
    try:
        if within_s is not None:
            deadline = time.monotonic() + within_s
            connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        messages = [row for (row,) in connection.execute(f"PRAGMA {check}({_NAMED})")]
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            return Soundness((), f"{looked_at} stopped after {within_s:g} s")
        raise make_store_error(path, error) from error
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise make_store_error(path, error) from error
        messages = [f"{error}: {DAMAGED}"]
    finally:
        connection.close()
    return Soundness(() if messages == ["ok"] else tuple(messages), looked_at)

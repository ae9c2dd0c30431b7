"""Bare SQLite transaction of three statements: the least that recording a result costs on a disk."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = "x" * 1200
"""A document of about the size of a result."""


def open_bare(path: Path) -> sqlite3.Connection:
    """Return a connection to a new database that is as durable as the store."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    for table in ("result", "qubit", "history"):
        connection.execute(f"CREATE TABLE {table} (key INTEGER PRIMARY KEY, document TEXT)")
    return connection


def write_bare(connection: sqlite3.Connection) -> None:
    """Write a result, a qubit and a day's copy in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO result (document) VALUES (?)", (DOCUMENT,))
    connection.execute("INSERT OR REPLACE INTO qubit VALUES (1, ?)", (DOCUMENT,))
    connection.execute("INSERT OR REPLACE INTO history VALUES (1, ?)", (DOCUMENT,))
    connection.execute("COMMIT")

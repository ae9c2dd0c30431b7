"""What can be read of a damaged SQLite file: row by row, around the pages that cannot."""

from __future__ import annotations

import sqlite3
from json import JSONDecodeError
from typing import TYPE_CHECKING

from qdash_core.errors import StoreError
from qdash_core.repositories.documents import decode
from qdash_core.repositories.sqlite_connections import connect
from qdash_core.repositories.sqlite_errors import is_damage
from qdash_core.repositories.sqlite_schema import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.repositories.store import Document

_PATIENCE_S = 5.0
_LARGEST_ROWID = 2**20
"""So far rows are looked for where the end of a table cannot be read."""

_PAGE = 512
"""So many rows are asked for at once; where that fails, halves of them are."""


def readable_documents(path: Path, collection: str) -> Iterator[Document | None]:
    """Yield the documents of a collection that can be read, and None for each row that is there and cannot be.

    Of rows whose place in the file cannot be read, it is not known how many there were.

    Raises
    ------
    StoreError
        If nothing of the file can be read.
    """
    connection = connect(path, busy_timeout_s=_PATIENCE_S)
    connection.text_factory = bytes
    try:
        yield from _documents(connection, path, collection)
    finally:
        connection.close()


def _documents(connection: sqlite3.Connection, path: Path, collection: str) -> Iterator[Document | None]:
    table = quoted(collection)
    try:
        known = connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (collection,)
        ).fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{path}: nothing of it can be read ({error}); restore a backup") from error
    if known is None:
        return
    first, last = _end(connection, table, "ASC", 1), _end(connection, table, "DESC", _LARGEST_ROWID)
    for begin in range(first, last + 1, _PAGE):
        yield from _between(connection, table, begin, min(begin + _PAGE - 1, last))


def _end(connection: sqlite3.Connection, table: str, order: str, otherwise: int) -> int:
    """Return the first or last rowid; `otherwise` where it cannot be read, or there is none."""
    try:
        row = connection.execute(
            f"SELECT rowid FROM {table} NOT INDEXED ORDER BY rowid {order} LIMIT 1"  # noqa: S608  a name of ours
        ).fetchone()
    except sqlite3.Error:
        return otherwise
    return int(row[0]) if row else 0


def _between(connection: sqlite3.Connection, table: str, low: int, high: int) -> Iterator[Document | None]:
    """Yield the rows of a range: by halves where it cannot be read as a whole."""
    query = f"SELECT doc FROM {table} NOT INDEXED WHERE rowid BETWEEN ? AND ?"  # noqa: S608  likewise
    try:
        rows = connection.execute(query, (low, high)).fetchall()
    except sqlite3.Error as error:
        if not is_damage(error) and not isinstance(error, sqlite3.OperationalError):
            raise
        if low == high:
            yield None
            return
        middle = (low + high) // 2
        yield from _between(connection, table, low, middle)
        yield from _between(connection, table, middle + 1, high)
        return
    for (text,) in rows:
        yield _decoded(text)


def _decoded(text: bytes) -> Document | None:
    try:
        return decode(text.decode())
    except (JSONDecodeError, UnicodeDecodeError, AttributeError):
        return None

"""Recovery of readable documents from a damaged SQLite file, row by row."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from json import JSONDecodeError
from typing import TYPE_CHECKING

from qdash_core.errors import StoreError
from qdash_core.repositories.catalogue import CATALOGUE, CatalogueEntry
from qdash_core.repositories.documents import decode
from qdash_sqlite.errors import is_damage
from qdash_sqlite.schema import quote_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.repositories.store import Document

_PATIENCE_S = 5.0
_IN_VAIN = 4
"""Number of consecutive failed reads that ends a scan if the end of a table is unreadable."""

_PAGE = 512
"""Number of rows per read. A range that cannot be read is halved."""


def iter_readable_documents(path: Path, collection: str) -> Iterator[Document | None]:
    """Yield the readable documents of a collection, then None for each document known to be lost.

    The total number is read from an index, if one is readable. Raises StoreError if nothing in the file can be read.
    """
    with closing(_connect(path)) as connection:
        connection.text_factory = bytes
        yield from _iter_documents(connection, path, collection)


def iter_readable_entries(path: Path) -> Iterator[CatalogueEntry]:
    """Yield the readable entries of the catalogue."""
    with closing(_connect(path)) as connection, suppress(sqlite3.Error):
        for row in connection.execute(f"SELECT name, feature, declaration FROM {CATALOGUE} NOT INDEXED"):  # noqa: S608  our own name
            yield CatalogueEntry(*row)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=_PATIENCE_S)
    # Otherwise SQLite refuses to read a truncated file.
    connection.execute("PRAGMA writable_schema = ON")
    return connection


def _iter_documents(connection: sqlite3.Connection, path: Path, collection: str) -> Iterator[Document | None]:
    table = quote_name(collection)
    try:
        known = connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (collection,)
        ).fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{path}: nothing of it can be read ({error}); restore a backup") from error
    if known is None:
        return
    found = 0
    for document in _iter_rows(connection, table):
        if document is not None:
            found += 1
            yield document
    for _ in range(found, _count_indexed_rows(connection, table)):
        yield None


def _count_indexed_rows(connection: sqlite3.Connection, table: str) -> int:
    """Return the number of rows in an index, or 0 if none can be read."""
    try:
        [(number,)] = connection.execute(f"SELECT count(*) FROM {table}")  # noqa: S608  our own name
    except sqlite3.Error:
        return 0
    return int(number)


def _iter_rows(connection: sqlite3.Connection, table: str) -> Iterator[Document | None]:
    """Yield the readable rows of a table, up to its end or until reads keep failing."""
    first, last = _find_end_rowid(connection, table, "ASC"), _find_end_rowid(connection, table, "DESC")
    if first == 0 or last == 0:
        return
    begin, nothing = first or 1, 0
    while (begin <= last) if last is not None else (nothing < _IN_VAIN):
        rows = list(_iter_row_range(connection, table, begin, begin + _PAGE - 1))
        nothing = 0 if rows else nothing + 1
        yield from rows
        begin += _PAGE


def _find_end_rowid(connection: sqlite3.Connection, table: str, order: str) -> int | None:
    """Return the first or last rowid, 0 if there is none, or None if it cannot be read."""
    try:
        row = connection.execute(
            f"SELECT rowid FROM {table} NOT INDEXED ORDER BY rowid {order} LIMIT 1"  # noqa: S608  likewise
        ).fetchone()
    except sqlite3.Error:
        return None
    return int(row[0]) if row else 0


def _iter_row_range(
    connection: sqlite3.Connection, table: str, low: int, high: int
) -> Iterator[Document | None]:
    """Yield the rows of a range, halving it where it cannot be read whole."""
    query = f"SELECT doc FROM {table} NOT INDEXED WHERE rowid BETWEEN ? AND ?"  # noqa: S608  likewise
    try:
        rows = connection.execute(query, (low, high)).fetchall()
    except sqlite3.Error as error:
        if not is_damage(error) and not isinstance(error, sqlite3.OperationalError):
            raise
        if low == high:
            return
        middle = (low + high) // 2
        yield from _iter_row_range(connection, table, low, middle)
        yield from _iter_row_range(connection, table, middle + 1, high)
        return
    for (text,) in rows:
        yield _decode_document(text)


def _decode_document(text: bytes) -> Document | None:
    try:
        return decode(text.decode())
    except (JSONDecodeError, UnicodeDecodeError, AttributeError):
        return None

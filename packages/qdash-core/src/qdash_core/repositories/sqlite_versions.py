"""Versions of an SQLite file: whose it is, how it is made, and the way from an older version to this one."""

# ruff: noqa: S608  names come from `schema.COLLECTIONS`

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import StoreError
from qdash_core.repositories.documents import decode
from qdash_core.repositories.queries import columns_of
from qdash_core.repositories.schema import COLLECTIONS, SCHEMA_VERSION, Collection
from qdash_core.repositories.sqlite_schema import (
    NONE_SQL,
    definitions,
    index_definitions,
    quoted,
    table_definition,
    words_definitions,
)
from qdash_core.repositories.sqlite_statements import bound, statements_for, word_rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

APPLICATION_ID = 0x51446173
"""`QDas` in the header of the file: it is ours."""


def _without_leases(connection: sqlite3.Connection) -> None:
    """Before version 3 a lease did not say what instrument it is on. None outlives its run."""
    connection.execute("DELETE FROM execution_lock")


def _as_they_are(_connection: sqlite3.Connection) -> None:
    """Versions 4 and 5 have more collections, indexes and words; no document is another."""


MIGRATIONS: dict[int, Callable[[sqlite3.Connection], object]] = {
    1: _without_leases,
    2: _without_leases,
    3: _as_they_are,
    4: _as_they_are,
}
"""For each older version what the step to the next one changes in documents, run inside one transaction with all others.

Tables, columns and indexes follow from `COLLECTIONS` by themselves, when all steps have been taken."""


def bring_up_to_date(
    connection: sqlite3.Connection,
    *,
    version: int = SCHEMA_VERSION,
    migrations: Mapping[int, Callable[[sqlite3.Connection], object]] = MIGRATIONS,
) -> None:
    """Make the tables of a fresh file, or migrate an older one, in one transaction.

    Raises
    ------
    StoreError
        If the file is not ours, is of a newer version, or there is no way to this one. Nothing has been changed then.
    """
    if found_version(connection, newest=version) == version:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = found_version(connection, newest=version)
        if found is None:
            _create(connection)
        elif found < version:
            _migrate(connection, found, version, migrations)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def found_version(connection: sqlite3.Connection, *, newest: int = SCHEMA_VERSION) -> int | None:
    """Return the version of a file, or None if it is fresh; raise `StoreError` if it is not for us."""
    alone = not connection.in_transaction
    if alone:
        connection.execute("BEGIN")  # another process may be making the tables: see all of that or nothing
    try:
        [(version,)] = connection.execute("PRAGMA user_version")
        [(application_id,)] = connection.execute("PRAGMA application_id")
        [(tables,)] = connection.execute("SELECT count(*) FROM sqlite_master")
    finally:
        if alone:
            connection.rollback()
    if tables == 0 and application_id == 0:
        return None
    check_origin(application_id, version, newest=newest)
    return int(version)


def check_origin(application_id: int, version: int, *, newest: int = SCHEMA_VERSION) -> None:
    """Refuse a file of another program or of a newer version."""
    if application_id != APPLICATION_ID:
        raise StoreError(
            "it is the SQLite database of another program; name another file, or move this one away"
        )
    if version > newest:
        raise StoreError(
            f"it was written by a newer QDash (schema {version}, this one knows {newest}); upgrade QDash, or name another file"
        )


def _create(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for collection in COLLECTIONS.values():
        for statement in definitions(collection):
            connection.execute(statement)


def _migrate(
    connection: sqlite3.Connection,
    found: int,
    version: int,
    migrations: Mapping[int, Callable[[sqlite3.Connection], object]],
) -> None:
    for step in range(found, version):
        if step not in migrations:
            raise StoreError(
                f"there is no migration from schema {step}; open it with the QDash that wrote it, and export"
            )
        migrations[step](connection)
    for collection in COLLECTIONS.values():
        conform(connection, collection)
    connection.execute("ANALYZE")


def conform(connection: sqlite3.Connection, collection: Collection) -> None:
    """Give the table of a collection, made by an older version, the columns and indexes that it has now."""
    columns = {
        name: place
        for _, name, _, _, _, place in connection.execute(f"PRAGMA table_info({quoted(collection.name)})")
    }
    if not columns:
        for statement in definitions(collection):
            connection.execute(statement)
        return
    key = tuple(sorted((name for name, place in columns.items() if place), key=lambda name: columns[name]))
    if key != collection.key:
        _rebuild(connection, collection)
    else:
        for field in (name for name in collection.fields if name not in columns):
            _add_column(connection, collection, field)
    _conform_indexes(connection, collection)
    if collection.text:
        _conform_words(connection, collection)


def _conform_words(connection: sqlite3.Connection, collection: Collection) -> None:
    """Make the table of words, where the text has not been searched before, from the documents that have a text."""
    made = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    if connection.execute(made, (f"{collection.name}_words",)).fetchone():
        return
    for statement in words_definitions(collection):
        connection.execute(statement)
    insert, text = statements_for(collection).insert_word, f"json_extract(doc, '$.{collection.text}')"
    for (document,) in connection.execute(f"SELECT doc FROM {quoted(collection.name)} WHERE {text} <> ''"):
        connection.executemany(insert, word_rows(collection, decode(document)))


def _rebuild(connection: sqlite3.Connection, collection: Collection) -> None:
    """Make the table anew from its documents: the only way to another key. Its indexes go with the old one."""
    old = quoted(f"{collection.name}_old")
    connection.execute(f"ALTER TABLE {quoted(collection.name)} RENAME TO {old}")
    connection.execute(table_definition(collection))
    for (text,) in connection.execute(f"SELECT doc FROM {old}").fetchall():
        values = [*bound(columns_of(collection, decode(text))), text]
        connection.execute(statements_for(collection).insert, values)
    connection.execute(f"DROP TABLE {old}")


def _add_column(connection: sqlite3.Connection, collection: Collection, field: str) -> None:
    table, column, value = quoted(collection.name), quoted(field), f"json_extract(doc, '$.{field}')"
    connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} NOT NULL DEFAULT {NONE_SQL}")
    connection.execute(f"UPDATE {table} SET {column} = {value} WHERE {value} IS NOT NULL")


def _conform_indexes(connection: sqlite3.Connection, collection: Collection) -> None:
    wanted = index_definitions(collection)
    found = dict(
        connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
            (collection.name,),
        ).fetchall()
    )
    for name, statement in found.items():
        if statement != wanted.get(name):
            connection.execute(f"DROP INDEX {quoted(name)}")
    for name, statement in wanted.items():
        if found.get(name) != statement:
            connection.execute(statement)

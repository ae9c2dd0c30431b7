"""How collections lie in an SQLite file: tables, indexes, versions, and the way from an older version to this one.

Each collection is a table with a column for every field that documents are found by, fed from the document, and the
document itself as JSON in `doc`. None is kept in the columns as minus infinity, which no document can hold: unlike
NULL it is equal to itself, comes before everything else, and takes part in keys and in comparisons of rows. Rows have
a rowid, because documents of more than a kilobyte spread over overflow pages in a table WITHOUT ROWID (measured: twice
the file, and twelve times as long for a page of fifty).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import StoreError
from qdash_core.repositories.schema import COLLECTIONS, SCHEMA_VERSION, Collection

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping

APPLICATION_ID = 0x51446173
"""`QDas` in the header of the file: it is ours."""

NONE = float("-inf")
"""None in a column."""

NONE_SQL = "-9e999"

MIGRATIONS: dict[int, Callable[[sqlite3.Connection], object]] = {}
"""For each older version the step to the next one, run inside one transaction with all other steps."""


def quoted(name: str) -> str:
    """Return a name of a table or column as SQL."""
    return f'"{name}"'


def column_list(fields: tuple[str, ...]) -> str:
    """Return fields as SQL columns, separated by commas."""
    return ", ".join(quoted(field) for field in fields)


def definitions(collection: Collection) -> Iterator[str]:
    """Yield the statements that make the table of a collection and its indexes.

    Indexes end with the key, so that a page in their order needs no sorting.
    """
    name = quoted(collection.name)
    columns = [f"{quoted(field)} NOT NULL" for field in collection.fields]
    if collection.numbered:
        columns[0] = f"{quoted(collection.key[0])} INTEGER PRIMARY KEY AUTOINCREMENT"
    columns.append("doc TEXT NOT NULL")
    if not collection.numbered:
        columns.append(f"PRIMARY KEY ({column_list(collection.key)})")
    yield f"CREATE TABLE {name} ({', '.join(columns)})"
    for place, index in enumerate(collection.indexes):
        yield f"CREATE INDEX {quoted(f'{collection.name}_{place}')} ON {name} ({_index_columns(collection, index)})"
    for place, fields in enumerate(collection.unique):
        present = " AND ".join(f"{quoted(field)} > {NONE_SQL}" for field in fields)
        unique = quoted(f"{collection.name}_unique_{place}")
        yield f"CREATE UNIQUE INDEX {unique} ON {name} ({column_list(fields)}) WHERE {present}"


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
    connection.execute("ANALYZE")


def _index_columns(collection: Collection, index: tuple[str, ...]) -> str:
    named = {field.removeprefix("-") for field in index}
    columns = [f"{quoted(field[1:])} DESC" if field.startswith("-") else quoted(field) for field in index]
    return ", ".join([*columns, *(quoted(field) for field in collection.key if field not in named)])

"""Versions and migrations of SQLite files."""

# ruff: noqa: S608  names come from `schema.COLLECTIONS`

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from qdash_core.errors import StoreError
from qdash_core.repositories.documents import decode, encode
from qdash_core.repositories.earlier_provenance import LINKED_COLLECTIONS, iter_edges
from qdash_core.repositories.schema import COLLECTIONS, SCHEMA_VERSION
from qdash_sqlite.catalogue import apply_changes, create_catalogue, read_catalogue
from qdash_sqlite.schema import quote_name
from qdash_sqlite.statements import make_row, prepare_statements
from qdash_sqlite.tables import update_table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

APPLICATION_ID = 0x51446173
"""`QDas` in the header of the file, which marks a QDash store."""


def _delete_locks(connection: sqlite3.Connection) -> None:
    """Delete locks, whose key changed with versions 3 and 9. No lock outlives its run."""
    connection.execute("DELETE FROM execution_lock")


def _keep_documents(_connection: sqlite3.Connection) -> None:
    """Leave all documents unchanged: versions 4, 5, 7, and 10 to 15 only add collections, indexes and words."""


def _add_cooldowns_to_executions(connection: sqlite3.Connection) -> None:
    """Set the cool-down of each execution to that of its first result with one."""
    first: dict[tuple[str, str], str] = {}
    fields = ", ".join(f"json_extract(doc, '$.{name}')" for name in ("execution_id", "cooldown_id"))
    for project_id, execution_id, cooldown_id in connection.execute(
        f"SELECT project_id, {fields} FROM task_result_history ORDER BY project_id, start_at"
    ):
        if execution_id is not None and cooldown_id is not None:
            first.setdefault((project_id, execution_id), cooldown_id)
    connection.executemany(
        "UPDATE execution_history SET doc = json_set(doc, '$.cooldown_id', ?) WHERE project_id = ? AND execution_id = ?",
        ((cooldown_id, *key) for key, cooldown_id in first.items()),
    )


def _add_provenance(connection: sqlite3.Connection) -> None:
    """Add the edges of provenance between results, value events and releases."""
    collection = COLLECTIONS["provenance"]
    update_table(connection, collection)
    insert = prepare_statements(collection).put
    select = "SELECT json_extract(doc, '$.qid') FROM task_result_history WHERE project_id = ? AND task_id = ?"

    @cache
    def find_target(project_id: str, task_id: str) -> str:
        found = connection.execute(select, (project_id, task_id)).fetchone()
        return str(found[0]) if found else ""

    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for name in tables.intersection(LINKED_COLLECTIONS):
        for (text,) in connection.execute(f"SELECT doc FROM {quote_name(name)}"):
            for edge in iter_edges(name, decode(text), find_target):
                document = edge.to_document()
                connection.execute(insert, make_row(collection, document, encode(document)))


MIGRATIONS: dict[int, Callable[[sqlite3.Connection], object]] = {
    1: _delete_locks,
    2: _delete_locks,
    3: _keep_documents,
    4: _keep_documents,
    5: _add_cooldowns_to_executions,
    6: _keep_documents,
    7: _add_provenance,
    8: _delete_locks,
    9: _keep_documents,
    10: _keep_documents,
    11: _keep_documents,
    12: _keep_documents,
    13: _keep_documents,
    14: _keep_documents,
}
"""Changes of documents from each older version to the next, all run in one transaction.

Tables, columns and indexes are updated from the declarations of collections after all steps."""


def migrate_file(
    connection: sqlite3.Connection,
    *,
    version: int = SCHEMA_VERSION,
    migrations: Mapping[int, Callable[[sqlite3.Connection], object]] = MIGRATIONS,
) -> None:
    """Create the tables of a new file, or migrate an older one, in one transaction.

    Raises StoreError if the file is from another program or a newer version, or there is no migration. It is unchanged
    then.
    """
    if read_version(connection, newest=version) == version:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = read_version(connection, newest=version)
        if found is None:
            _create(connection)
        elif found < version:
            _migrate(connection, found, version, migrations)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def read_version(connection: sqlite3.Connection, *, newest: int = SCHEMA_VERSION) -> int | None:
    """Return the version of a file, or None if it is new; raise `StoreError` if it is not a usable store."""
    alone = not connection.in_transaction
    if alone:
        connection.execute("BEGIN")  # another process may be creating the tables: see all of them or none
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
    """Raise StoreError if a file is from another program or a newer version."""
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
    create_catalogue(connection)
    apply_changes(connection)


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
    create_catalogue(connection)
    for collection in {**read_catalogue(connection), **COLLECTIONS}.values():
        update_table(connection, collection)
    apply_changes(connection)
    connection.execute("ANALYZE")

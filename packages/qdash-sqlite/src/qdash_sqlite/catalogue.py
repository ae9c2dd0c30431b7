"""Catalogue of an SQLite file, and the tables and indexes of its collections."""

# ruff: noqa: S608  the names of the table and of collections are our own

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.repositories.catalogue import CATALOGUE, Catalogue, CatalogueEntry
from qdash_sqlite.tables import rebuild_table, update_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.repositories.schema import Declaration


def read_catalogue(connection: sqlite3.Connection) -> Catalogue:
    """Return the collections of a file."""
    rows = connection.execute(f"SELECT name, feature, declaration FROM {CATALOGUE}")
    return Catalogue(CatalogueEntry(*row) for row in rows)


def create_catalogue(connection: sqlite3.Connection) -> None:
    """Create the table of the catalogue unless the file has one."""
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {CATALOGUE} (name TEXT PRIMARY KEY, feature TEXT NOT NULL, declaration TEXT NOT NULL)"
    )


def update_collections(connection: sqlite3.Connection) -> None:
    """Create the tables and indexes that a file lacks, in one transaction.

    Raises StoreError if a collection cannot be changed to what its feature declares now. The file is unchanged then.
    """
    if not read_catalogue(connection).changes:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        apply_changes(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def apply_changes(connection: sqlite3.Connection) -> None:
    """Change the collections of a file to what their features declare now, as a part of a transaction."""
    catalogue = read_catalogue(connection)
    for one in catalogue.changes:
        try:
            if catalogue.must_rebuild(one):
                rebuild_table(connection, one.collection)
            else:
                update_table(connection, one.collection)
        except (sqlite3.IntegrityError, InvalidInputError) as error:
            raise StoreError(
                f"the records of the collection {one.collection.name!r} do not fit what its feature {one.feature!r} declares now ({error}): "
                "install the version of its plugin that wrote them, or uninstall it"
            ) from error
        _record(connection, one)


def keep_collections(connection: sqlite3.Connection, declarations: Iterable[Declaration]) -> None:
    """Add collections that a file does not hold, as a part of a transaction."""
    held = read_catalogue(connection)
    for one in declarations:
        if one.collection.name not in held:
            update_table(connection, one.collection)
            _record(connection, one)


def _record(connection: sqlite3.Connection, declaration: Declaration) -> None:
    connection.execute(
        f"INSERT OR REPLACE INTO {CATALOGUE} VALUES (?, ?, ?)", CatalogueEntry.from_declaration(declaration)
    )

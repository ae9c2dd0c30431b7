"""Tables of an SQLite file that another version of QDash, or of a plugin, created."""

# ruff: noqa: S608  names are those of collections

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.repositories.documents import decode
from qdash_sqlite.schema import (
    NONE_SQL,
    define_indexes,
    define_table,
    iter_definitions,
    list_text_columns,
    quote_name,
)
from qdash_sqlite.statements import iter_term_rows, make_row, prepare_statements

if TYPE_CHECKING:
    import sqlite3

    from qdash_core.repositories.collection import Collection
    from qdash_sqlite.schema import TermTable


def update_table(connection: sqlite3.Connection, collection: Collection) -> None:
    """Update the columns and indexes of a table that an older version created."""
    columns = {
        name: place
        for _, name, _, _, _, place in connection.execute(f"PRAGMA table_info({quote_name(collection.name)})")
    }
    if not columns:
        for statement in iter_definitions(collection):
            connection.execute(statement)
        return
    key = tuple(sorted((name for name, place in columns.items() if place), key=lambda name: columns[name]))
    if key != collection.key or (
        (collection.flat or "whole" in columns) and not _has_definition(connection, collection)
    ):
        rebuild_table(connection, collection)
        return
    for field in (name for name in collection.fields if name not in columns):
        _add_column(connection, collection, field)
    if "brief" in list_text_columns(collection) and "brief" not in columns:
        _add_briefs(connection, collection)
    _update_indexes(connection, collection)
    for terms, insert in prepare_statements(collection).insert_terms:
        _update_terms(connection, terms, insert)


def _update_terms(connection: sqlite3.Connection, terms: TermTable, insert: str) -> None:
    """Create and fill a term table if the text or list was not indexed before."""
    made = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    if connection.execute(made, (terms.label,)).fetchone():
        return
    for statement in terms.iter_definitions():
        connection.execute(statement)
    content = f"json_extract(doc, '$.{terms.field}')"
    for (document,) in connection.execute(
        f"SELECT doc FROM {quote_name(terms.collection.name)} WHERE {content} NOT IN ('', '[]')"
    ):
        connection.executemany(insert, iter_term_rows(terms, decode(document)))


def rebuild_table(connection: sqlite3.Connection, collection: Collection) -> None:
    """Create a table, its terms and its indexes again with its documents, which is the only way to change its key."""
    table, statements = quote_name(collection.name), prepare_statements(collection)
    texts = connection.execute(f"SELECT doc FROM {table}").fetchall()
    last = (
        connection.execute(statements.last_number, (collection.name,)).fetchone()
        if collection.numbered
        else None
    )
    triggers = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (collection.name,)
    ).fetchall()
    for (name,) in triggers:
        connection.execute(f"DROP TABLE {quote_name(name.removesuffix('_gone'))}")
    connection.execute(f"DROP TABLE {table}")
    for statement in iter_definitions(collection):
        connection.execute(statement)
    for (text,) in texts:
        document = decode(text)
        connection.execute(statements.insert, make_row(collection, document, text))
        for terms, insert in statements.insert_terms:
            connection.executemany(insert, iter_term_rows(terms, document))
    if last is not None:
        connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (collection.name,))
        connection.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (collection.name, *last))


def _has_definition(connection: sqlite3.Connection, collection: Collection) -> bool:
    """Return whether a table is as a new one."""
    made = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
    [(text,)] = connection.execute(made, (collection.name,))
    return bool(text == define_table(collection))


def _add_column(connection: sqlite3.Connection, collection: Collection, field: str) -> None:
    table, column, value = quote_name(collection.name), quote_name(field), f"json_extract(doc, '$.{field}')"
    connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} NOT NULL DEFAULT {NONE_SQL}")
    connection.execute(f"UPDATE {table} SET {column} = {value} WHERE {value} IS NOT NULL")


def _add_briefs(connection: sqlite3.Connection, collection: Collection) -> None:
    table = quote_name(collection.name)
    connection.execute(f"ALTER TABLE {table} ADD COLUMN brief TEXT NOT NULL DEFAULT ''")
    connection.create_function(
        "make_brief", 1, lambda text: make_row(collection, decode(text), text)[-2], deterministic=True
    )
    connection.execute(f"UPDATE {table} SET brief = make_brief(doc)")


def _update_indexes(connection: sqlite3.Connection, collection: Collection) -> None:
    wanted = define_indexes(collection)
    found = dict(
        connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
            (collection.name,),
        ).fetchall()
    )
    for name, statement in found.items():
        if statement != wanted.get(name):
            connection.execute(f"DROP INDEX {quote_name(name)}")
    missing = [statement for name, statement in wanted.items() if found.get(name) != statement]
    for statement in missing:
        connection.execute(statement)
    analysed = "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'"
    if missing and connection.execute(analysed).fetchone():
        # Beside indexes with statistics, the planner prefers one without them, even where it has to sort all rows.
        connection.execute(f"ANALYZE {quote_name(collection.name)}")

"""Tables and indexes of collections in an SQLite file.

Each collection is a table with a column for every searchable field, copied from the document, and the
document itself as JSON in `doc`. Lists are searched in the document. The words of a text are in a table of
their own, one row for each word and document. The columns store None as minus infinity, which no document can
hold: unlike NULL it is equal to itself, sorts before everything else, and takes part in keys and row
comparisons. Rows have a rowid, because documents of more than a kilobyte use overflow pages in a table
WITHOUT ROWID (measured: twice the file size, and twelve times as long for a page of fifty).
"""

# ruff: noqa: S608  names come from `schema.COLLECTIONS`

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.repositories.schema import Collection

NONE = float("-inf")
"""Representation of None in a column."""

NONE_SQL = "-9e999"


def quote_name(name: str) -> str:
    """Return a name of a table or column as SQL."""
    return f'"{name}"'


def name_words_table(collection: Collection) -> str:
    """Return the name of the table that holds the words of a collection's text, as SQL."""
    return quote_name(f"{collection.name}_words")


def list_words_columns(collection: Collection) -> tuple[str, ...]:
    """Return the columns stored with each word: the order of its documents, and their key."""
    ordered = (field.removeprefix("-") for field in collection.text_order)
    return tuple(dict.fromkeys((*ordered, *collection.key)))


def join_columns(fields: tuple[str, ...]) -> str:
    """Return fields as SQL columns, separated by commas."""
    return ", ".join(quote_name(field) for field in fields)


def iter_definitions(collection: Collection) -> Iterator[str]:
    """Yield the statements that create the table of a collection, its words and its indexes."""
    yield define_table(collection)
    if collection.text:
        yield from iter_words_definitions(collection)
    yield from define_indexes(collection).values()


def define_table(collection: Collection) -> str:
    """Return the statement that creates the table of a collection."""
    columns = [f"{quote_name(field)} NOT NULL" for field in collection.fields]
    if collection.numbered:
        columns[0] = f"{quote_name(collection.key[0])} INTEGER PRIMARY KEY AUTOINCREMENT"
    columns.append("doc TEXT NOT NULL")
    if not collection.numbered:
        columns.append(f"PRIMARY KEY ({join_columns(collection.key)})")
    return f"CREATE TABLE {quote_name(collection.name)} ({', '.join(columns)})"


def define_indexes(collection: Collection) -> dict[str, str]:
    """Return the statement that creates each index of a collection, by name.

    Indexes end with the key, so that a page in their order needs no sorting.
    """
    table = quote_name(collection.name)
    made = {}
    for place, index in enumerate(collection.indexes):
        name = f"{collection.name}_{place}"
        made[name] = f"CREATE INDEX {quote_name(name)} ON {table} ({_join_index_columns(collection, index)})"
    for field, index in collection.partial.items():
        name = f"{collection.name}_with_{field}"
        columns = _join_index_columns(collection, index)
        made[name] = (
            f"CREATE INDEX {quote_name(name)} ON {table} ({columns}) WHERE {make_presence_condition(field)}"
        )
    for place, fields in enumerate(collection.unique):
        name = f"{collection.name}_unique_{place}"
        condition = " AND ".join(make_presence_condition(field) for field in fields)
        made[name] = (
            f"CREATE UNIQUE INDEX {quote_name(name)} ON {table} ({join_columns(fields)}) WHERE {condition}"
        )
    return made


def make_presence_condition(field: str) -> str:
    """Return the condition that a field is not None, for partial indexes and their queries.

    SQLite uses the index if both texts are the same. It would seek by `>`, but not by `<>`, so this condition
    does not displace a better bound.
    """
    return f"{quote_name(field)} <> {NONE_SQL}"


def iter_words_definitions(collection: Collection) -> Iterator[str]:
    """Yield the statements that create the table of a collection's words, in the order of its pages."""
    table, words, key = (
        quote_name(collection.name),
        name_words_table(collection),
        join_columns(collection.key),
    )
    same = " AND ".join(f"{quote_name(field)} = old.{quote_name(field)}" for field in collection.key)
    columns, order = (
        join_columns(list_words_columns(collection)),
        _join_index_columns(collection, collection.text_order),
    )
    yield f"CREATE TABLE {words} (word TEXT NOT NULL, {columns}, PRIMARY KEY (word, {order})) WITHOUT ROWID"
    yield f"CREATE INDEX {quote_name(f'{collection.name}_words_of')} ON {words} ({key})"
    yield (
        f"CREATE TRIGGER {quote_name(f'{collection.name}_words_gone')} AFTER DELETE ON {table} "
        f"BEGIN DELETE FROM {words} WHERE {same}; END"
    )


def _join_index_columns(collection: Collection, index: tuple[str, ...]) -> str:
    named = {field.removeprefix("-") for field in index}
    columns = [
        f"{quote_name(field[1:])} DESC" if field.startswith("-") else quote_name(field) for field in index
    ]
    return ", ".join([*columns, *(quote_name(field) for field in collection.key if field not in named)])

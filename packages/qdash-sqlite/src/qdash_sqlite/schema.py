"""Tables and indexes of collections in an SQLite file.

Each collection is a table with a column for every searchable field, and the document as JSON in `doc`. Words of a text
and members of a list with an index are in tables of their own (`TermTable`). Columns store None as minus infinity,
which no document can hold: it is equal to itself, sorts first, and takes part in keys and row comparisons. A brief is
JSON in `brief`, before the document, and at the end of one index. In a collection of flat documents, `doc` and `brief`
are computed from the columns, and `whole` has the JSON of those documents that are not flat. Rows have a rowid, because WITHOUT ROWID doubles the
size of a file with documents of more than a kilobyte.
"""

# ruff: noqa: S608  names come from `schema.COLLECTIONS`

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.repositories.collection import Collection

NONE = float("-inf")
"""Representation of None in a column."""

NONE_SQL = "-9e999"


def quote_name(name: str) -> str:
    """Return a name of a table or column as SQL."""
    return f'"{name}"'


@dataclass(frozen=True, slots=True, eq=False)
class TermTable:
    """Table with the terms of one field: a row for each term and document, in the order of pages.

    The terms are the words of a text, or the members of a list. `suffix` follows the name of the collection; `order`
    are the fields that order the documents of a term.
    """

    collection: Collection
    field: str
    suffix: str
    order: tuple[str, ...]

    @property
    def label(self) -> str:
        """Name of the table."""
        return f"{self.collection.name}_{self.suffix}"

    @property
    def name(self) -> str:
        """Name of the table as SQL."""
        return quote_name(self.label)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns stored with each term: the order of its documents, and their key."""
        ordered = (field.removeprefix("-") for field in self.order)
        return tuple(dict.fromkeys((*ordered, *self.collection.key)))

    def iter_definitions(self) -> Iterator[str]:
        """Yield the statements that create the table, with the index and the trigger that remove its rows."""
        key = self.collection.key
        same = " AND ".join(f"{quote_name(field)} = old.{quote_name(field)}" for field in key)
        order = _join_index_columns(self.collection, self.order)
        yield (
            f"CREATE TABLE {self.name} (word TEXT NOT NULL, {join_columns(self.columns)}, "
            f"PRIMARY KEY (word, {order})) WITHOUT ROWID"
        )
        yield f"CREATE INDEX {quote_name(f'{self.label}_of')} ON {self.name} ({join_columns(key)})"
        yield (
            f"CREATE TRIGGER {quote_name(f'{self.label}_gone')} AFTER DELETE ON {quote_name(self.collection.name)} "
            f"BEGIN DELETE FROM {self.name} WHERE {same}; END"
        )


@cache
def list_term_tables(collection: Collection) -> tuple[TermTable, ...]:
    """Return the tables for the words of a collection's text and the members of its lists with an index."""
    text = [TermTable(collection, collection.text, "words", collection.text_order)] if collection.text else []
    lists = (
        TermTable(collection, field, field, tuple(name for name in index if name != field))
        for index in collection.list_indexes
        for field in collection.lists
        if field in index
    )
    return (*text, *lists)


def join_columns(fields: tuple[str, ...]) -> str:
    """Return fields as SQL columns, separated by commas."""
    return ", ".join(quote_name(field) for field in fields)


def iter_definitions(collection: Collection) -> Iterator[str]:
    """Yield the statements that create the table of a collection, its terms and its indexes."""
    yield define_table(collection)
    for terms in list_term_tables(collection):
        yield from terms.iter_definitions()
    yield from define_indexes(collection).values()


def define_table(collection: Collection) -> str:
    """Return the statement that creates the table of a collection."""
    columns = [f"{quote_name(field)} NOT NULL" for field in collection.fields]
    if collection.numbered:
        columns[0] = f"{quote_name(collection.key[0])} INTEGER PRIMARY KEY AUTOINCREMENT"
    columns += [f"{name} TEXT NOT NULL" for name in list_text_columns(collection)]
    columns += [f"{name} TEXT AS ({value})" for name, value in _iter_computed_columns(collection)]
    if not collection.numbered:
        columns.append(f"PRIMARY KEY ({join_columns(collection.key)})")
    return f"CREATE TABLE {quote_name(collection.name)} ({', '.join(columns)})"


def list_text_columns(collection: Collection) -> tuple[str, ...]:
    """Return the stored columns with JSON: the brief, if there is one, and the document; or only `whole`."""
    if collection.flat:
        return ("whole",)
    return ("brief", "doc") if collection.brief else ("doc",)


def _iter_computed_columns(collection: Collection) -> Iterator[tuple[str, str]]:
    """Yield the columns of flat documents that are computed when they are read, with their expressions."""
    if not collection.flat:
        return
    fields = ", ".join(f"'{field}', {quote_name(field)}" for field in collection.flat)
    yield "doc", f"CASE whole WHEN '' THEN json_object({fields}) ELSE whole END"
    if collection.brief:
        values = ", ".join(f"nullif({quote_name(field)}, {NONE_SQL})" for field in collection.brief)
        yield "brief", f"json_array({values})"


def define_indexes(collection: Collection) -> dict[str, str]:
    """Return the statement that creates each index of a collection, by name.

    Indexes end with the key, so that a page in their order needs no sorting. In a collection of flat documents they would be larger
    than the documents: only rows that are equal in the fields of the index are sorted.
    """
    table = quote_name(collection.name)
    made = {}
    for place, index in enumerate(collection.indexes):
        name = f"{collection.name}_{place}"
        columns = _join_index_columns(collection, index)
        columns += ", brief" if index == collection.brief_index else ""
        made[name] = f"CREATE INDEX {quote_name(name)} ON {table} ({columns})"
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

    SQLite uses the index if both texts are the same. It would seek by `>`, but not by `<>`: a better bound is not
    displaced.
    """
    return f"{quote_name(field)} <> {NONE_SQL}"


def _join_index_columns(collection: Collection, index: tuple[str, ...]) -> str:
    named = {field.removeprefix("-") for field in index}
    columns = [
        f"{quote_name(field[1:])} DESC" if field.startswith("-") else quote_name(field) for field in index
    ]
    if not collection.flat:
        columns += [quote_name(field) for field in collection.key if field not in named]
    return ", ".join(columns)

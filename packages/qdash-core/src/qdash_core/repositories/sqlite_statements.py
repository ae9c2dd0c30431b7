"""SQL statements for one collection."""

# ruff: noqa: S608  names come from `schema.COLLECTIONS`, values are bound

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from qdash_core.repositories.documents import scalar, search_terms
from qdash_core.repositories.queries import value_at
from qdash_core.repositories.sqlite_schema import (
    NONE,
    column_list,
    present,
    quoted,
    words_columns,
    words_table,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from qdash_core.repositories.documents import Scalar
    from qdash_core.repositories.queries import Condition, Query, Term
    from qdash_core.repositories.schema import Collection

Statement = tuple[str, list[str | int | float]]
"""An SQL text and its bound values."""


def bound(values: Iterable[Scalar]) -> list[str | int | float]:
    """Return values in the form stored in columns."""
    return [NONE if value is None else value for value in values]


def word_rows(collection: Collection, document: Mapping[str, Any]) -> Iterator[list[str | int | float]]:
    """Yield a row of the word table for each search term of a document."""
    text = document.get(collection.text) if collection.text else None
    if text:
        kept = bound([scalar(value_at(document, name)) for name in words_columns(collection)])
        yield from ([word, *kept] for word in sorted(search_terms(text)))


class Statements:
    """The statements for one collection, composed once so that SQLite keeps them prepared."""

    def __init__(self, collection: Collection) -> None:
        table, key = quoted(collection.name), column_list(collection.key)
        columns = (*collection.fields, "doc")
        changes = ", ".join(
            f"{quoted(name)} = excluded.{quoted(name)}" for name in columns if name not in collection.key
        )
        same_key = " AND ".join(f"{quoted(name)} = ?" for name in collection.key)
        self.collection = collection
        self.get = f"SELECT doc FROM {table} WHERE {same_key}"
        self.insert = f"INSERT INTO {table} ({column_list(columns)}) VALUES ({_places(len(columns))})"
        self.put = f"{self.insert} ON CONFLICT ({key}) DO UPDATE SET {changes}"
        # Most changes leave every searchable field unchanged, so that no index needs an update.
        same_fields = " AND ".join(f"{quoted(name)} = ?" for name in collection.fields)
        searched = len(collection.fields) > len(collection.key)
        self.rewrite = f"UPDATE {table} SET doc = ? WHERE {same_fields}" if searched else None
        words = words_table(collection)
        self.forget_words = f"DELETE FROM {words} WHERE {same_key}"
        kept = words_columns(collection)
        self.insert_word = (
            f"INSERT INTO {words} (word, {column_list(kept)}) VALUES ({_places(1 + len(kept))})"
        )
        self.last_number = "SELECT seq FROM sqlite_sequence WHERE name = ?"

    def find(self, query: Query, *, without: Sequence[str] = ()) -> Statement:
        """Return the statement that selects the documents of a query, without the fields in `without`."""
        table, searched = quoted(self.collection.name), _asks_for_words(query)
        text, values = self._where(query, led_by_words=searched)
        order = ", ".join(
            f"{quoted(term.field)} DESC" if term.descending else quoted(term.field) for term in query.order
        )
        if searched:
            # The words are in the order of the pages; `CROSS` makes the planner start with them.
            columns = column_list(words_columns(self.collection))
            table = f"{words_table(self.collection)} CROSS JOIN {table} USING ({columns})"
        doc = f"json_remove(doc{', ?' * len(without)})" if without else "doc"
        text = f"SELECT {doc} FROM {table}{text}"
        values = [*(f'$."{name}"' for name in without), *values]
        if order:
            text += f" ORDER BY {order}"
        if query.limit is not None:
            text += " LIMIT ?"
            values.append(query.limit)
        return text, values

    def count(self, query: Query) -> Statement:
        """Return the statement that counts the documents of a query."""
        text, values = self._where(query)
        return f"SELECT count(*) FROM {quoted(self.collection.name)}{text}", values

    def delete(self, query: Query) -> Statement:
        """Return the statement that deletes the documents of a query."""
        text, values = self._where(query)
        return f"DELETE FROM {quoted(self.collection.name)}{text}", values

    def _where(self, query: Query, *, led_by_words: bool = False) -> Statement:
        parts = [
            self._led_by_words(condition)
            if led_by_words and condition.operator == "WORDS"
            else self._condition(condition)
            for condition in query.conditions
        ]
        if query.after is not None:
            parts.append(_behind(query.order, bound(query.after)))
        if not parts:
            return "", []
        return " WHERE " + " AND ".join(text for text, _ in parts), [
            value for _, values in parts for value in values
        ]

    def _condition(self, condition: Condition) -> Statement:
        name, values = quoted(condition.field), bound(condition.values)
        match condition.operator:
            case "HAS":
                path = f"'$.{condition.field}'"
                return f"EXISTS (SELECT 1 FROM json_each(doc, {path}) WHERE value = ?)", values
            case "WORDS":
                return self._with_words(len(values)), values
            case "IN":
                return f"{name} IN ({_places(len(values))})", values
        text = f"{name} {condition.operator} ?"
        if condition.operator not in ("=", ">", ">=") or not self._partly_indexed(condition):
            return text, values
        if condition.values == (None,):
            return present(condition.field), []
        return f"{text} AND {present(condition.field)}", values

    def _with_words(self, count: int) -> str:
        key, words = column_list(self.collection.key), words_table(self.collection)
        return " AND ".join([f"({key}) IN (SELECT {key} FROM {words} WHERE word = ?)"] * count) or "1"

    def _led_by_words(self, condition: Condition) -> Statement:
        """Return the condition on the word table: scan one word, and look up the others for its documents.

        The longest word is scanned, as long words are rare.
        """
        words = words_table(self.collection)
        same = " AND ".join(
            f"other.{quoted(name)} = {words}.{quoted(name)}" for name in words_columns(self.collection)
        )
        others = f" AND EXISTS (SELECT 1 FROM {words} AS other WHERE other.word = ? AND {same})"
        wanted = sorted(condition.values, key=lambda word: (-len(str(word)), str(word)))
        return f"{words}.word = ?{others * (len(wanted) - 1)}", bound(wanted)

    def _partly_indexed(self, condition: Condition) -> bool:
        """Return whether a partial index may apply.

        SQLite uses it only if the query repeats its condition.
        """
        if condition.operator == "=" and condition.values[0] is None:
            return False
        collection, field = self.collection, condition.field
        return field in collection.partial or any(field in fields for fields in collection.unique)


@cache
def statements_for(collection: Collection) -> Statements:
    """Return the statements for a collection."""
    return Statements(collection)


def _asks_for_words(query: Query) -> bool:
    return any(condition.operator == "WORDS" and condition.values for condition in query.conditions)


def _behind(order: Sequence[Term], values: list[str | int | float]) -> Statement:
    """Return the condition for rows after `values` in the order.

    Fields of the same direction are compared as a row. Each comparison starts with a plain bound that an
    index can seek.
    """
    if not order:
        return "0", []
    descending, run = next(
        (direction, [*terms]) for direction, terms in groupby(order, lambda term: term.descending)
    )
    sign, head, rest = "<" if descending else ">", values[: len(run)], order[len(run) :]
    row, places = f"({column_list(tuple(term.field for term in run))})", f"({_places(len(run))})"
    if not rest:
        return f"{row} {sign} {places}", head
    text, tail = _behind(rest, values[len(run) :])
    return f"{row} {sign}= {places} AND ({row} {sign} {places} OR {text})", [*head, *head, *tail]


def _places(count: int) -> str:
    return ", ".join("?" * count)

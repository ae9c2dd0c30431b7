"""SQL statements for one collection."""

# ruff: noqa: S608  names come from `schema.COLLECTIONS`, values are bound

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from qdash_core.repositories.documents import search_terms, to_scalar
from qdash_core.repositories.queries import get_value
from qdash_core.repositories.sqlite_schema import (
    NONE,
    join_columns,
    list_words_columns,
    make_presence_condition,
    name_words_table,
    quote_name,
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


def iter_word_rows(collection: Collection, document: Mapping[str, Any]) -> Iterator[list[str | int | float]]:
    """Yield a row of the word table for each search term of a document."""
    text = document.get(collection.text) if collection.text else None
    if text:
        kept = bound([to_scalar(get_value(document, name)) for name in list_words_columns(collection)])
        yield from ([word, *kept] for word in sorted(search_terms(text)))


class Statements:
    """The statements for one collection, composed once so that SQLite keeps them prepared."""

    def __init__(self, collection: Collection) -> None:
        table, key = quote_name(collection.name), join_columns(collection.key)
        columns = (*collection.fields, "doc")
        changes = ", ".join(
            f"{quote_name(name)} = excluded.{quote_name(name)}"
            for name in columns
            if name not in collection.key
        )
        same_key = " AND ".join(f"{quote_name(name)} = ?" for name in collection.key)
        self.collection = collection
        self.get = f"SELECT doc FROM {table} WHERE {same_key}"
        self.insert = (
            f"INSERT INTO {table} ({join_columns(columns)}) VALUES ({_make_placeholders(len(columns))})"
        )
        self.put = f"{self.insert} ON CONFLICT ({key}) DO UPDATE SET {changes}"
        # Most changes leave every searchable field unchanged, so that no index needs an update.
        same_fields = " AND ".join(f"{quote_name(name)} = ?" for name in collection.fields)
        searched = len(collection.fields) > len(collection.key)
        self.rewrite = f"UPDATE {table} SET doc = ? WHERE {same_fields}" if searched else None
        words = name_words_table(collection)
        self.forget_words = f"DELETE FROM {words} WHERE {same_key}"
        kept = list_words_columns(collection)
        self.insert_word = (
            f"INSERT INTO {words} (word, {join_columns(kept)}) VALUES ({_make_placeholders(1 + len(kept))})"
        )
        self.last_number = "SELECT seq FROM sqlite_sequence WHERE name = ?"

    def find(self, query: Query, *, without: Sequence[str] = ()) -> Statement:
        """Return the statement that selects the documents of a query, without the fields in `without`."""
        table, searched = quote_name(self.collection.name), _has_word_condition(query)
        text, values = self._make_where_clause(query, led_by_words=searched)
        order = ", ".join(
            f"{quote_name(term.field)} DESC" if term.descending else quote_name(term.field)
            for term in query.order
        )
        if searched:
            # The words are in the order of the pages; `CROSS` makes the planner start with them.
            columns = join_columns(list_words_columns(self.collection))
            table = f"{name_words_table(self.collection)} CROSS JOIN {table} USING ({columns})"
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
        text, values = self._make_where_clause(query)
        return f"SELECT count(*) FROM {quote_name(self.collection.name)}{text}", values

    def delete(self, query: Query) -> Statement:
        """Return the statement that deletes the documents of a query."""
        text, values = self._make_where_clause(query)
        return f"DELETE FROM {quote_name(self.collection.name)}{text}", values

    def _make_where_clause(self, query: Query, *, led_by_words: bool = False) -> Statement:
        parts = [
            self._make_words_condition(condition)
            if led_by_words and condition.operator == "WORDS"
            else self._make_condition(condition)
            for condition in query.conditions
        ]
        if query.after is not None:
            parts.append(_make_position_condition(query.order, bound(query.after)))
        if not parts:
            return "", []
        return " WHERE " + " AND ".join(text for text, _ in parts), [
            value for _, values in parts for value in values
        ]

    def _make_condition(self, condition: Condition) -> Statement:
        name, values = quote_name(condition.field), bound(condition.values)
        match condition.operator:
            case "HAS":
                path = f"'$.{condition.field}'"
                return f"EXISTS (SELECT 1 FROM json_each(doc, {path}) WHERE value = ?)", values
            case "WORDS":
                return self._select_by_words(len(values)), values
            case "IN":
                return f"{name} IN ({_make_placeholders(len(values))})", values
        text = f"{name} {condition.operator} ?"
        if condition.operator not in ("=", ">", ">=") or not self._may_use_partial_index(condition):
            return text, values
        if condition.values == (None,):
            return make_presence_condition(condition.field), []
        return f"{text} AND {make_presence_condition(condition.field)}", values

    def _select_by_words(self, count: int) -> str:
        key, words = join_columns(self.collection.key), name_words_table(self.collection)
        return " AND ".join([f"({key}) IN (SELECT {key} FROM {words} WHERE word = ?)"] * count) or "1"

    def _make_words_condition(self, condition: Condition) -> Statement:
        """Return the condition on the word table: scan one word, and look up the others for its documents.

        The longest word is scanned, as long words are rare.
        """
        words = name_words_table(self.collection)
        same = " AND ".join(
            f"other.{quote_name(name)} = {words}.{quote_name(name)}"
            for name in list_words_columns(self.collection)
        )
        others = f" AND EXISTS (SELECT 1 FROM {words} AS other WHERE other.word = ? AND {same})"
        wanted = sorted(condition.values, key=lambda word: (-len(str(word)), str(word)))
        return f"{words}.word = ?{others * (len(wanted) - 1)}", bound(wanted)

    def _may_use_partial_index(self, condition: Condition) -> bool:
        """Return whether a partial index may apply.

        SQLite uses it only if the query repeats its condition.
        """
        if condition.operator == "=" and condition.values[0] is None:
            return False
        collection, field = self.collection, condition.field
        return field in collection.partial or any(field in fields for fields in collection.unique)


@cache
def prepare_statements(collection: Collection) -> Statements:
    """Return the statements for a collection."""
    return Statements(collection)


def _has_word_condition(query: Query) -> bool:
    return any(condition.operator == "WORDS" and condition.values for condition in query.conditions)


def _make_position_condition(order: Sequence[Term], values: list[str | int | float]) -> Statement:
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
    row, places = f"({join_columns(tuple(term.field for term in run))})", f"({_make_placeholders(len(run))})"
    if not rest:
        return f"{row} {sign} {places}", head
    text, tail = _make_position_condition(rest, values[len(run) :])
    return f"{row} {sign}= {places} AND ({row} {sign} {places} OR {text})", [*head, *head, *tail]


def _make_placeholders(count: int) -> str:
    return ", ".join("?" * count)

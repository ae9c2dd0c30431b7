"""SQL statements for one collection."""

# ruff: noqa: S608  names come from `schema.COLLECTIONS`, values are bound

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from qdash_core.repositories.documents import encode_brief, search_terms, to_scalar
from qdash_core.repositories.queries import extract_columns, get_value
from qdash_sqlite.schema import (
    NONE,
    join_columns,
    list_term_tables,
    list_text_columns,
    make_presence_condition,
    quote_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from qdash_core.repositories.collection import Collection
    from qdash_core.repositories.documents import Scalar
    from qdash_core.repositories.queries import Condition, Query, Term
    from qdash_sqlite.schema import TermTable

Statement = tuple[str, list[str | int | float]]
"""An SQL text and its bound values."""


def convert_values(values: Iterable[Scalar]) -> list[str | int | float]:
    """Return values in the form stored in columns."""
    return [NONE if value is None else value for value in values]


def iter_term_rows(terms: TermTable, document: Mapping[str, Any]) -> Iterator[list[str | int | float]]:
    """Yield a row of a term table for each term of a document."""
    found = document.get(terms.field)
    if found:
        kept = convert_values([to_scalar(get_value(document, name)) for name in terms.columns])
        members = search_terms(found) if isinstance(found, str) else set(found)
        yield from ([word, *kept] for word in sorted(members))


def make_row(collection: Collection, document: Mapping[str, Any], text: str) -> list[str | int | float]:
    """Return the row of a document: a value for each column, its text last, which is empty for a flat document."""
    row = convert_values(extract_columns(collection, document))
    if collection.flat:
        is_flat = tuple(document) == collection.flat and all(type(value) is str for value in row)
        return [*row, "" if is_flat else text]
    if collection.brief:
        row.append(encode_brief(collection, document))
    return [*row, text]


class Statements:
    """The statements for one collection, composed once so that SQLite keeps them prepared."""

    def __init__(self, collection: Collection) -> None:
        table, key = quote_name(collection.name), join_columns(collection.key)
        columns = (*collection.fields, *list_text_columns(collection))
        changes = ", ".join(
            f"{quote_name(name)} = excluded.{quote_name(name)}"
            for name in columns
            if name not in collection.key
        )
        same_key = " AND ".join(f"{quote_name(name)} = ?" for name in collection.key)
        self.collection, self.columns, self.same_key = collection, columns, same_key
        self.get = f"SELECT doc FROM {table} WHERE {same_key}"
        self.insert = (
            f"INSERT INTO {table} ({join_columns(columns)}) VALUES ({_make_placeholders(len(columns))})"
        )
        self.put = f"{self.insert} ON CONFLICT ({key}) DO UPDATE SET {changes}"
        # Most changes leave every searchable field unchanged, so that no index needs an update.
        text = quote_name(columns[-1])
        unchanged = " AND ".join(
            f"{table}.{quote_name(name)} = excluded.{quote_name(name)}"
            for name in columns[:-1]
            if name not in collection.key
        )
        self.put_alike = (
            f"{self.insert} ON CONFLICT ({key}) DO UPDATE SET {text} = excluded.{text} WHERE {unchanged}"
            if len(collection.fields) > len(collection.key)
            else None
        )
        self.terms = {terms.field: terms for terms in list_term_tables(collection)}
        self.forget_terms = {
            field: f"DELETE FROM {terms.name} WHERE {same_key}" for field, terms in self.terms.items()
        }
        self.insert_terms = [(terms, _make_term_insert(terms)) for terms in self.terms.values()]
        self.last_number = "SELECT seq FROM sqlite_sequence WHERE name = ?"

    def update(self, row: Sequence[str | int | float], former: Mapping[str, Any]) -> Statement:
        """Return the statement that replaces a stored document by a row: only indexes of changed fields need an update."""
        fields = self.collection.fields
        before = convert_values(get_value(former, field) for field in fields)
        changed = [place for place in range(len(row)) if place >= len(fields) or row[place] != before[place]]
        changes = ", ".join(f"{quote_name(self.columns[place])} = ?" for place in changed)
        text = f"UPDATE {quote_name(self.collection.name)} SET {changes} WHERE {self.same_key}"
        return text, [*(row[place] for place in changed), *row[: len(self.collection.key)]]

    def find(self, query: Query, *, without: Sequence[str] = (), brief: bool = False) -> Statement:
        """Return the statement that selects the documents of a query without fields, or their briefs with `brief`."""
        table, leading = quote_name(self.collection.name), self._find_leading_terms(query)
        text, values = self._make_where_clause(query, leading)
        order = ", ".join(
            f"{quote_name(term.field)} DESC" if term.descending else quote_name(term.field)
            for term in query.order
        )
        if leading is not None:
            # The terms are in the order of the pages; `CROSS` makes the planner start with them.
            table = f"{leading.name} CROSS JOIN {table} USING ({join_columns(leading.columns)})"
        doc = "brief" if brief else f"json_remove(doc{', ?' * len(without)})" if without else "doc"
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

    def _find_leading_terms(self, query: Query) -> TermTable | None:
        """Return the term table that a query starts with: words before members of lists; or None."""
        searched = [
            self.terms[condition.field]
            for condition in query.conditions
            if condition.operator in ("WORDS", "HAS") and condition.values and condition.field in self.terms
        ]
        return min(searched, key=lambda terms: terms.field != self.collection.text, default=None)

    def _make_where_clause(self, query: Query, leading: TermTable | None = None) -> Statement:
        parts = [
            _make_leading_condition(leading, condition)
            if leading is not None and condition.field == leading.field
            else self._make_condition(condition)
            for condition in query.conditions
        ]
        if query.after is not None:
            parts.append(_make_position_condition(query.order, convert_values(query.after)))
        if not parts:
            return "", []
        return " WHERE " + " AND ".join(text for text, _ in parts), [
            value for _, values in parts for value in values
        ]

    def _make_condition(self, condition: Condition) -> Statement:
        name, values = quote_name(condition.field), convert_values(condition.values)
        match condition.operator:
            case "HAS" | "WORDS" if condition.field in self.terms:
                return self._select_by_terms(self.terms[condition.field], len(values)), values
            case "HAS":
                member = f"EXISTS (SELECT 1 FROM json_each(doc, '$.{condition.field}') WHERE value = ?)"
                return " AND ".join([member] * len(values)), values
            case "IN":
                return f"{name} IN ({_make_placeholders(len(values))})", values
        text = f"{name} {condition.operator} ?"
        if condition.operator not in ("=", ">", ">=") or not self._may_use_partial_index(condition):
            return text, values
        if condition.values == (None,):
            return make_presence_condition(condition.field), []
        return f"{text} AND {make_presence_condition(condition.field)}", values

    def _select_by_terms(self, terms: TermTable, count: int) -> str:
        key = join_columns(self.collection.key)
        return " AND ".join([f"({key}) IN (SELECT {key} FROM {terms.name} WHERE word = ?)"] * count) or "1"

    def _may_use_partial_index(self, condition: Condition) -> bool:
        """Return whether a partial index may apply: SQLite uses it only if the query repeats its condition."""
        if condition.operator == "=" and condition.values[0] is None:
            return False
        collection, field = self.collection, condition.field
        return field in collection.partial or any(field in fields for fields in collection.unique)


@cache
def prepare_statements(collection: Collection) -> Statements:
    """Return the statements for a collection."""
    return Statements(collection)


def _make_term_insert(terms: TermTable) -> str:
    places = _make_placeholders(1 + len(terms.columns))
    return f"INSERT INTO {terms.name} (word, {join_columns(terms.columns)}) VALUES ({places})"


def _make_leading_condition(terms: TermTable, condition: Condition) -> Statement:
    """Return the condition on a term table: scan the longest, so rarest term, and look up the others."""
    same = " AND ".join(
        f"other.{quote_name(name)} = {terms.name}.{quote_name(name)}" for name in terms.columns
    )
    others = f" AND EXISTS (SELECT 1 FROM {terms.name} AS other WHERE other.word = ? AND {same})"
    wanted = sorted(condition.values, key=lambda word: (-len(str(word)), str(word)))
    return f"{terms.name}.word = ?{others * (len(wanted) - 1)}", convert_values(wanted)


def _make_position_condition(order: Sequence[Term], values: list[str | int | float]) -> Statement:
    """Return the condition for rows after `values` in the order of the query.

    Fields of the same direction are compared as a row. Each comparison starts with a bound that an index can seek.
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

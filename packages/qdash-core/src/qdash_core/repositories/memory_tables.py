"""Collections of a store in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any

from qdash_core.repositories.documents import decode, encode_brief, encode_for, search_terms
from qdash_core.repositories.queries import extract_columns, make_conflict_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_core.repositories.collection import Collection
    from qdash_core.repositories.documents import Scalar
    from qdash_core.repositories.queries import Condition, Query, Term

Rank = tuple[int, Any]
"""A sort key that orders None before numbers before text."""

_NONE: Rank = (0, 0)
_COMPARISONS: dict[str, Callable[[Rank, Rank], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}


@dataclass(frozen=True, slots=True)
class Row:
    """Stored document with its sort keys.

    `text` and `brief` are JSON; the brief is empty if the collection has none. `ranks` has the ranks of the values of
    `Collection.fields`, the key first. `members` has the members of the lists, and words of the text.
    """

    text: str
    brief: str
    ranks: tuple[Rank, ...]
    members: Mapping[str, frozenset[str]]


@dataclass(slots=True)
class Table:
    """The rows of one collection, by the ranks of their key."""

    collection: Collection
    last_number: int = 0
    _rows: dict[tuple[Rank, ...], Row] = field(default_factory=dict)
    _taken: dict[tuple[str, ...], dict[tuple[Rank, ...], tuple[Rank, ...]]] = field(init=False)
    """Key by values, for each unique combination of fields."""

    def __post_init__(self) -> None:
        self._taken = {fields: {} for fields in self.collection.unique}

    def make_row(self, document: Mapping[str, Any]) -> Row:
        """Return the row for a document."""
        values = rank_values(extract_columns(self.collection, document))
        text = encode_for(self.collection.name, document)
        brief = encode_brief(self.collection, document) if self.collection.brief else ""
        return Row(text, brief, values, _collect_members(self.collection, document))

    def copy_rows(self, former: Table) -> None:
        """Add the documents of a table with another declaration."""
        self.last_number = former.last_number
        for one in former._rows.values():
            row = self.make_row(decode(one.text))
            self.set(self.get_key(row), row)

    def get_key(self, row: Row) -> tuple[Rank, ...]:
        """Return the ranks of the key of a row."""
        return row.ranks[: len(self.collection.key)]

    def get(self, key: tuple[Rank, ...]) -> Row | None:
        """Return the row with this key, or None."""
        return self._rows.get(key)

    def require_unique(self, row: Row, document: Mapping[str, Any]) -> None:
        """Raise `ConflictError` if a row with another key has one of the unique combinations of this one."""
        key = self.get_key(row)
        for fields, owners in self._taken.items():
            if owners.get(self._get_ranks(row, fields), key) != key:
                raise make_conflict_error(self.collection, fields, document)

    def set(self, key: tuple[Rank, ...], row: Row | None) -> Row | None:
        """Set the row of `key`, or remove it if None; return the previous row."""
        former = self._rows.pop(key, None)
        for fields, owners in self._taken.items():
            if former is not None:
                owners.pop(self._get_ranks(former, fields), None)
            if row is not None and _NONE not in (values := self._get_ranks(row, fields)):
                owners[values] = key
        if row is not None:
            self._rows[key] = row
        return former

    def find(self, query: Query) -> list[Row]:
        """Return the rows that meet every condition, in any order."""
        tests = [self._test(condition) for condition in query.conditions]
        return [row for row in self._rows.values() if all(test(row) for test in tests)]

    def find_sorted(self, query: Query) -> list[Row]:
        """Return the rows that match a query, in its order."""
        rows = self.find(query)
        for term in reversed(query.order):
            place = self.collection.fields.index(term.field)
            rows.sort(key=lambda row, place=place: row.ranks[place], reverse=term.descending)  # type: ignore[misc]
        if query.after is not None:
            bound = rank_values(query.after)
            rows = [row for row in rows if self._is_after(row, query.order, bound)]
        return rows[: query.limit]

    def _get_ranks(self, row: Row, fields: Sequence[str]) -> tuple[Rank, ...]:
        return tuple([row.ranks[self.collection.fields.index(name)] for name in fields])

    def _test(self, condition: Condition) -> Callable[[Row], bool]:
        if condition.operator in ("HAS", "WORDS"):
            terms = frozenset(condition.values)
            return lambda row: terms <= row.members[condition.field]
        place = self.collection.fields.index(condition.field)
        wanted = rank_values(condition.values)
        if condition.operator in ("=", "IN"):
            several = frozenset(wanted)
            return lambda row: row.ranks[place] in several
        compare = _COMPARISONS[condition.operator]
        return lambda row: compare(row.ranks[place], wanted[0])

    def _is_after(self, row: Row, order: Sequence[Term], bound: Sequence[Rank]) -> bool:
        for term, limit in zip(order, bound, strict=True):
            rank = row.ranks[self.collection.fields.index(term.field)]
            if rank != limit:
                return rank < limit if term.descending else rank > limit
        return False


def rank_values(values: Sequence[Scalar]) -> tuple[Rank, ...]:
    """Return the rank of each of these values."""
    return tuple([_rank(value) for value in values])


def _collect_members(collection: Collection, document: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    members = {name: frozenset(document.get(name) or ()) for name in collection.lists}
    if collection.text:
        members[collection.text] = search_terms(document.get(collection.text) or "")
    return members


def _rank(value: Scalar) -> Rank:
    if value is None:
        return _NONE
    return (2, value) if isinstance(value, str) else (1, value)

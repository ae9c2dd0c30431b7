"""MongoDB filters for queries.

MongoDB compares a value only with values of its own type: only numbers are above 5. The stores order None before
numbers and numbers before text, so a bound that values of other types have to pass is written as the negation of its
opposite. Such a condition still has exact bounds in an index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_mongo.document_encoding import TERMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.repositories.collection import Collection
    from qdash_core.repositories.documents import Scalar
    from qdash_core.repositories.queries import Condition, Query, Term

Filter = dict[str, Any]

_NEVER: Filter = {"_id": {"$in": []}}
PRESENT = {"$type": ["string", "number"]}
"""Condition that a field is not None; a query needs it to use a partial index."""

_BELOW = {"<": "$lt", "<=": "$lte"}
_NOT_BEYOND = {">": "$lte", ">=": "$lt", "<": "$gte", "<=": "$gt"}
_ABOVE = {">": "$gt", ">=": "$gte"}


def make_filter(query: Query) -> Filter:
    """Return the filter of a query."""
    parts = [_make_condition(query.collection, condition) for condition in query.conditions]
    if query.after is not None:
        parts += _make_after_conditions(query.order, query.after)
    parts = [part for part in parts if part]
    if not parts:
        return {}
    return parts[0] if len(parts) == 1 else {"$and": parts}


def make_sort(query: Query) -> list[tuple[str, int]]:
    """Return the sort order of a query."""
    return [(term.field, -1 if term.descending else 1) for term in query.order]


def _make_condition(collection: Collection, condition: Condition) -> Filter:
    name, values = condition.field, condition.values
    match condition.operator:
        case "IN":
            return {name: {"$in": list(values)}}
        case "HAS":
            return {name: {"$all": list(values)}}
        case "WORDS":
            # The server uses the index for the first word and filters by the others: longer words are rarer.
            wanted = sorted(values, key=lambda word: (-len(str(word)), str(word)))
            return {TERMS: {"$all": wanted}} if wanted else {}
        case "=":
            exempt = values[0] is not None and _has_partial_index(collection, name)
            return {name: {"$eq": values[0], **(PRESENT if exempt else {})}}
        case operator:
            return _make_comparison(name, operator, values[0])


def _has_partial_index(collection: Collection, name: str) -> bool:
    """Return whether the index of a field contains only documents in which it is not None."""
    return name in collection.partial or any(name in fields for fields in collection.unique)


def _make_comparison(name: str, operator: str, value: Scalar) -> Filter:
    """Return the condition that a field is above or below a value, in the order None, numbers, text."""
    if value is None:
        return {">": {name: PRESENT}, ">=": {}, "<": _NEVER, "<=": {name: None}}[operator]
    beyond = {"$not": {_NOT_BEYOND[operator]: value}}
    if isinstance(value, str):
        return {name: {_ABOVE[operator]: value} if operator in _ABOVE else beyond}
    if operator in _ABOVE:
        return {name: {"$ne": None, **beyond}}
    return {"$or": [{name: {_BELOW[operator]: value}}, {name: None}]}


def _make_after_conditions(order: Sequence[Term], values: Sequence[Scalar]) -> list[Filter]:
    """Return the conditions for documents after `values`: a bound that an index can seek, and an exact one."""
    if not order:
        return [_NEVER]
    branches = []
    for place, term in enumerate(order):
        same = [{earlier.field: value} for earlier, value in zip(order[:place], values[:place], strict=True)]
        branches.append(
            {"$and": [*same, _make_comparison(term.field, "<" if term.descending else ">", values[place])]}
        )
    first = order[0]
    return [_make_comparison(first.field, "<=" if first.descending else ">=", values[0]), {"$or": branches}]

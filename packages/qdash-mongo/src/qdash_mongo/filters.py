"""A question as MongoDB understands it.

MongoDB compares a value with values of its own kind only: nothing but numbers is above 5. Here None comes before
numbers and numbers before text, so a bound is put as what must not be the case where it has to let other kinds
through. Such a condition still has exact bounds in an index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_mongo.documents import TERMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.repositories.documents import Scalar
    from qdash_core.repositories.queries import Condition, Query, Term
    from qdash_core.repositories.schema import Collection

Filter = dict[str, Any]

_NEVER: Filter = {"_id": {"$in": []}}
PRESENT = {"$type": ["string", "number"]}
"""What is not None; indexes of only such documents are used by questions that say so."""

_BELOW = {"<": "$lt", "<=": "$lte"}
_NOT_BEYOND = {">": "$lte", ">=": "$lt", "<": "$gte", "<=": "$gt"}
_ABOVE = {">": "$gt", ">=": "$gte"}


def filter_of(query: Query) -> Filter:
    """Return the conditions of a question."""
    parts = [_condition(query.collection, condition) for condition in query.conditions]
    if query.after is not None:
        parts += _behind(query.order, query.after)
    parts = [part for part in parts if part]
    if not parts:
        return {}
    return parts[0] if len(parts) == 1 else {"$and": parts}


def sort_of(query: Query) -> list[tuple[str, int]]:
    """Return the order of a question."""
    return [(term.field, -1 if term.descending else 1) for term in query.order]


def _condition(collection: Collection, condition: Condition) -> Filter:
    name, values = condition.field, condition.values
    match condition.operator:
        case "IN":
            return {name: {"$in": list(values)}}
        case "HAS":
            return {name: {"$all": list(values)}}
        case "WORDS":
            # The server looks up the first, and looks for the others in what it finds: what is rare is long.
            wanted = sorted(values, key=lambda word: (-len(str(word)), str(word)))
            return {TERMS: {"$all": wanted}} if wanted else {}
        case "=":
            exempt = values[0] is not None and _sometimes_absent(collection, name)
            return {name: {"$eq": values[0], **(PRESENT if exempt else {})}}
        case operator:
            return _compared(name, operator, values[0])


def _sometimes_absent(collection: Collection, name: str) -> bool:
    """Return whether an index holds only documents with the field."""
    return name in collection.partial or any(name in fields for fields in collection.unique)


def _compared(name: str, operator: str, value: Scalar) -> Filter:
    """Return the condition that a field is above or below a value in the order of None, numbers and text."""
    if value is None:
        return {">": {name: PRESENT}, ">=": {}, "<": _NEVER, "<=": {name: None}}[operator]
    beyond = {"$not": {_NOT_BEYOND[operator]: value}}
    if isinstance(value, str):
        return {name: {_ABOVE[operator]: value} if operator in _ABOVE else beyond}
    if operator in _ABOVE:
        return {name: {"$ne": None, **beyond}}
    return {"$or": [{name: {_BELOW[operator]: value}}, {name: None}]}


def _behind(order: Sequence[Term], values: Sequence[Scalar]) -> list[Filter]:
    """Return the conditions for what comes behind `values`: a bound that an index can seek, and the exact ones."""
    if not order:
        return [_NEVER]
    branches = []
    for place, term in enumerate(order):
        same = [{earlier.field: value} for earlier, value in zip(order[:place], values[:place], strict=True)]
        branches.append(
            {"$and": [*same, _compared(term.field, "<" if term.descending else ">", values[place])]}
        )
    first = order[0]
    return [_compared(first.field, "<=" if first.descending else ">=", values[0]), {"$or": branches}]

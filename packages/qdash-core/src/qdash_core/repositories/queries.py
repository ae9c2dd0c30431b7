"""Validated queries to a store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.repositories.collection import Collection, extract_key
from qdash_core.repositories.documents import Scalar, search_terms, to_scalar
from qdash_core.repositories.store import Has, OneOf, Range, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_VALUES = 10_000
"""Maximum number of values of a `OneOf`."""

Operator = Literal["=", ">", "<", ">=", "<=", "IN", "HAS", "WORDS"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a field with one value, or any number of values for `IN`. Nothing is below None.

    `HAS`: the list has all of these members. `WORDS`: the search terms of the text include all of these.
    """

    field: str
    operator: Operator
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A field to order by."""

    field: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A validated query: all conditions must hold.

    The order is total: the requested fields, then the key, each once, without fields that a condition fixes. `after`
    has one value for each of its terms, after which the results begin.
    """

    collection: Collection
    conditions: tuple[Condition, ...]
    order: tuple[Term, ...] = ()
    limit: int | None = None
    after: tuple[Scalar, ...] | None = None


def make_query(
    collection: Collection,
    where: Mapping[str, Any],
    *,
    order: Sequence[str] = (),
    limit: int | None = None,
    after: Sequence[Any] | None = None,
) -> Query:
    """Validate the arguments of `Snapshot.find`, `Snapshot.count` and `Transaction.delete`.

    Raises
    ------
    InvalidInputError
        If a field cannot be queried, or a value cannot be compared.
    """
    if limit is not None and limit < 0:
        raise InvalidInputError(f"{collection.name}: a limit of {limit} is below 0")
    conditions = tuple(
        condition
        for field, wanted in where.items()
        for condition in _iter_conditions(collection, field, wanted)
    )
    terms = [*(Term(field.removeprefix("-"), field.startswith("-")) for field in order)]
    for term in terms:
        _check_field(collection, term.field)
    terms += [Term(field, descending=False) for field in collection.key]
    if after is not None and len(after) != len(terms):
        fields = ", ".join(term.field for term in terms)
        raise InvalidInputError(
            f"{collection.name}: a page begins behind values of {fields}; {len(after)} were given"
        )
    fixed = {condition.field for condition in conditions if condition.operator == "="}
    places = _find_first_places(terms, fixed)
    return Query(
        collection=collection,
        conditions=conditions,
        order=tuple(terms[place] for place in places),
        limit=limit,
        after=None
        if after is None
        else tuple(_convert_for_comparison(collection, terms[place].field, after[place]) for place in places),
    )


def convert_key(collection: Collection, key: Sequence[object]) -> tuple[Scalar, ...]:
    """Return the values of a key in the form used for comparisons."""
    if len(key) != len(collection.key):
        raise InvalidInputError(
            f"{collection.name} is keyed by {', '.join(collection.key)}, not by {tuple(key)!r}"
        )
    return tuple(
        _convert_for_comparison(collection, field, value)
        for field, value in zip(collection.key, key, strict=True)
    )


def extract_columns(collection: Collection, document: Mapping[str, Any]) -> tuple[Scalar, ...]:
    """Return the values of `collection.fields` in a document, key first, in the form used for comparisons."""
    extract_key(collection, document)
    values: list[Scalar] = []
    try:
        for field in collection.fields:
            value = get_value(document, field) if "." in field else document.get(field)
            plain = type(value) is str and value.isascii()
            values.append(value if plain else to_scalar(value))
    except InvalidInputError as error:
        raise InvalidInputError(f"a document of {collection.name} cannot be kept: {error}") from error
    for name in collection.lists:
        _check_list(collection, name, document.get(name))
    if collection.text and not isinstance(document.get(collection.text), str | None):
        raise InvalidInputError(f"{collection.name}: {collection.text} is a text, which is searched")
    if collection.numbered and (type(values[0]) is not int or values[0] < 1):
        raise InvalidInputError(f"{collection.name} is numbered from 1, not {document[collection.key[0]]!r}")
    return tuple(values)


def get_value(document: Mapping[str, Any], field: str) -> Any:
    """Return a field of a document or of a nested mapping (`a.b`), or None if it is missing."""
    if "." not in field:
        return document.get(field)
    outer, _, inner = field.partition(".")
    within = document.get(outer)
    return within.get(inner) if isinstance(within, dict) else None


def make_conflict_error(
    collection: Collection, fields: Sequence[str], document: Mapping[str, Any]
) -> ConflictError:
    """Return the error for a document that violates a unique combination."""
    values = ", ".join(f"{field} {get_value(document, field)!r}" for field in fields)
    return ConflictError(f"{collection.name} has a document with {values} already")


def check_numbered(collection: Collection) -> None:
    """Raise an error if the collection is not numbered."""
    if not collection.numbered:
        raise InvalidInputError(f"{collection.name} is not numbered: insert or put its documents")


def _iter_conditions(collection: Collection, field: str, wanted: object) -> Iterator[Condition]:
    if isinstance(wanted, Has):
        _check_kind(collection, field, collection.lists, "a list")
        members = dict.fromkeys((wanted.member, *wanted.others))
        yield Condition(
            field, "HAS", tuple(_convert_for_comparison(collection, field, one) for one in members)
        )
        return
    if isinstance(wanted, Words):
        _check_kind(collection, field, (collection.text,), "a text")
        yield Condition(field, "WORDS", tuple(sorted(search_terms(wanted.text))))
        return
    _check_field(collection, field)
    if isinstance(wanted, OneOf):
        if len(wanted.values) > MOST_VALUES:
            raise InvalidInputError(
                f"{collection.name}: {len(wanted.values)} values of {field}, {MOST_VALUES} are possible"
            )
        yield Condition(
            field, "IN", tuple(_convert_for_comparison(collection, field, value) for value in wanted.values)
        )
    elif isinstance(wanted, Range):
        yield from _iter_bounds(collection, field, wanted)
    else:
        yield Condition(field, "=", (_convert_for_comparison(collection, field, wanted),))


def _iter_bounds(collection: Collection, field: str, wanted: Range) -> Iterator[Condition]:
    if wanted.above is None and wanted.least is None:
        yield Condition(field, ">", (None,))
    bounds: tuple[tuple[Operator, object], ...] = (
        (">", wanted.above),
        (">=", wanted.least),
        ("<", wanted.below),
        ("<=", wanted.most),
    )
    for operator, bound in bounds:
        if bound is not None:
            yield Condition(field, operator, (_convert_for_comparison(collection, field, bound),))


def _convert_for_comparison(collection: Collection, field: str, value: object) -> Scalar:
    try:
        comparable = to_scalar(value)
    except InvalidInputError as error:
        raise InvalidInputError(f"{collection.name}: {field} cannot be compared: {error}") from error
    if collection.numbered and field == collection.key[0] and isinstance(comparable, str):
        raise InvalidInputError(f"{collection.name}: {field} is a number, not {value!r}")
    return comparable


def _check_list(collection: Collection, field: str, members: object) -> None:
    if members is None:
        return
    if not isinstance(members, list | tuple) or not all(isinstance(member, str) for member in members):
        raise InvalidInputError(f"{collection.name}: {field} is a list of text, not {members!r}")


def _check_kind(collection: Collection, field: str, possible: Sequence[str], kind: str) -> None:
    if not field or field not in possible:
        raise InvalidInputError(f"{collection.name} cannot be asked for {field} like {kind}")


def _check_field(collection: Collection, field: str) -> None:
    if field not in collection.fields:
        known = ", ".join(collection.fields)
        raise InvalidInputError(f"{collection.name} cannot be asked for {field}; it can for {known}")


def _find_first_places(terms: Sequence[Term], fixed: set[str]) -> list[int]:
    seen = set(fixed)
    places = []
    for place, term in enumerate(terms):
        if term.field not in seen:
            seen.add(term.field)
            places.append(place)
    return places

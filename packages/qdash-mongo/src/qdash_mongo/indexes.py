"""Indexes of the collections."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from qdash_mongo.document_encoding import BRIEF, TERMS
from qdash_mongo.filters import PRESENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qdash_core.repositories.collection import Collection


class _IndexedField(str):
    """Name of a field that stays where it is in a sorted list.

    Beanie identifies an index by its sorted fields, and would make only one of two indexes on the same fields.
    """

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return False


def make_indexes(collection: Collection) -> Iterator[IndexModel]:
    """Yield the indexes of a collection. Each ends with the key, so that pages in its order need no sorting.

    The one with the brief ends with this, so that bulk reading needs no documents.
    """
    yield IndexModel(_add_directions(collection.key), unique=True)
    for index in (*collection.indexes, *collection.list_indexes):
        brief = [BRIEF] if index == collection.brief_index else []
        yield IndexModel(_add_directions([*_append_key(collection, index), *brief]))
    for index in collection.unique:
        yield IndexModel(
            _add_directions(index), unique=True, partialFilterExpression=dict.fromkeys(index, PRESENT)
        )
    for name, index in collection.partial.items():
        yield IndexModel(
            _add_directions(_append_key(collection, index)), partialFilterExpression={name: PRESENT}
        )
    if collection.text:
        words = [
            (_IndexedField(TERMS), ASCENDING),
            *_add_directions(_append_key(collection, collection.text_order)),
        ]
        yield IndexModel(words, partialFilterExpression={TERMS: {"$exists": True}})


@cache
def compute_index_digest(collection: Collection) -> str:
    """Return a digest of the indexes of a collection, by which a store knows whether it has them."""
    return sha256(repr([index.document for index in make_indexes(collection)]).encode()).hexdigest()


def _append_key(collection: Collection, index: Sequence[str]) -> list[str]:
    named = {name.removeprefix("-") for name in index}
    return [*index, *(name for name in collection.key if name not in named)]


def _add_directions(index: Sequence[str]) -> list[tuple[str, Any]]:
    return [
        (_IndexedField(name.removeprefix("-")), DESCENDING if name.startswith("-") else ASCENDING)
        for name in index
    ]

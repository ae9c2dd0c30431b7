"""How collections lie in the database: one Beanie document class each, with the indexes that the schema names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from beanie import Document
from pymongo import ASCENDING, DESCENDING, IndexModel

from qdash_mongo.documents import TERMS
from qdash_mongo.filters import PRESENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qdash_core.repositories.schema import Collection


def document_class(collection: Collection) -> type[Document]:
    """Return a class for one collection of one database: Beanie keeps the database with the class."""

    class Stored(Document):
        class Settings:
            name = collection.name
            indexes: ClassVar = [*indexes_of(collection)]

    return Stored


def indexes_of(collection: Collection) -> Iterator[IndexModel]:
    """Yield the indexes of a collection.

    They end with the key, so that a page in their order needs no sorting.
    """
    yield IndexModel(_directions(collection.key), unique=True)
    for index in (*collection.indexes, *collection.list_indexes):
        yield IndexModel(_directions(_with_key(collection, index)))
    for index in collection.unique:
        yield IndexModel(
            _directions(index), unique=True, partialFilterExpression=dict.fromkeys(index, PRESENT)
        )
    for name, index in collection.partial.items():
        yield IndexModel(_directions(_with_key(collection, index)), partialFilterExpression={name: PRESENT})
    if collection.text:
        yield IndexModel([(TERMS, ASCENDING)])


def _with_key(collection: Collection, index: Sequence[str]) -> list[str]:
    named = {name.removeprefix("-") for name in index}
    return [*index, *(name for name in collection.key if name not in named)]


def _directions(index: Sequence[str]) -> list[tuple[str, Any]]:
    return [(name[1:], DESCENDING) if name.startswith("-") else (name, ASCENDING) for name in index]

"""Beanie document classes of the collections, with the indexes of the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from beanie import Document, init_beanie
from pymongo import ASCENDING, DESCENDING, IndexModel

from qdash_core.repositories.schema import COLLECTIONS
from qdash_mongo.documents import TERMS
from qdash_mongo.filters import PRESENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from qdash_core.repositories.schema import Collection


_CLASSES: list[type[Document]] = []
"""Classes of all collections; empty until they have been created."""


async def document_classes(database: AsyncDatabase[dict[str, Any]]) -> list[type[Document]]:
    """Return the classes of all collections, created once per process: that takes longer than to open a store.

    Beanie binds each class to the database that was opened first, so the classes are not used to access documents.
    """
    if not _CLASSES:
        made = [_document_class(collection) for collection in COLLECTIONS.values()]
        # Beanie treats indexes of the same fields as one, whatever the order of the fields, and would omit some.
        await init_beanie(database=database, document_models=made, skip_indexes=True)
        _CLASSES[:] = made
    return _CLASSES


def _document_class(collection: Collection) -> type[Document]:
    class EncodedDocument(Document):
        class Settings:
            name = collection.name
            indexes: ClassVar = [*make_indexes(collection)]

    return EncodedDocument


def make_indexes(collection: Collection) -> Iterator[IndexModel]:
    """Yield the indexes of a collection. They end with the key, so that a page in their order needs no sorting."""
    yield IndexModel(_add_directions(collection.key), unique=True)
    for index in (*collection.indexes, *collection.list_indexes):
        yield IndexModel(_add_directions(_append_key(collection, index)))
    for index in collection.unique:
        yield IndexModel(
            _add_directions(index), unique=True, partialFilterExpression=dict.fromkeys(index, PRESENT)
        )
    for name, index in collection.partial.items():
        yield IndexModel(
            _add_directions(_append_key(collection, index)), partialFilterExpression={name: PRESENT}
        )
    if collection.text:
        words = [(TERMS, ASCENDING), *_add_directions(_append_key(collection, collection.text_order))]
        yield IndexModel(words, partialFilterExpression={TERMS: {"$exists": True}})


def _append_key(collection: Collection, index: Sequence[str]) -> list[str]:
    named = {name.removeprefix("-") for name in index}
    return [*index, *(name for name in collection.key if name not in named)]


def _add_directions(index: Sequence[str]) -> list[tuple[str, Any]]:
    return [(name[1:], DESCENDING) if name.startswith("-") else (name, ASCENDING) for name in index]

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
"""The classes of all collections, once they have been made."""


async def document_classes(database: AsyncDatabase[dict[str, Any]]) -> list[type[Document]]:
    """Return the classes of all collections, made once a process: that takes longer than to open a store.

    Beanie keeps with each the database that was opened first, so nobody asks a class where its documents are.
    """
    if not _CLASSES:
        made = [_document_class(collection) for collection in COLLECTIONS.values()]
        # Beanie takes indexes of the same fields for one, whatever the order of the fields, and would leave some out.
        await init_beanie(database=database, document_models=made, skip_indexes=True)
        _CLASSES[:] = made
    return _CLASSES


def _document_class(collection: Collection) -> type[Document]:
    class EncodedDocument(Document):
        class Settings:
            name = collection.name
            indexes: ClassVar = [*indexes_of(collection)]

    return EncodedDocument


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
        words = [(TERMS, ASCENDING), *_directions(_with_key(collection, collection.text_order))]
        yield IndexModel(words, partialFilterExpression={TERMS: {"$exists": True}})


def _with_key(collection: Collection, index: Sequence[str]) -> list[str]:
    named = {name.removeprefix("-") for name in index}
    return [*index, *(name for name in collection.key if name not in named)]


def _directions(index: Sequence[str]) -> list[tuple[str, Any]]:
    return [(name[1:], DESCENDING) if name.startswith("-") else (name, ASCENDING) for name in index]

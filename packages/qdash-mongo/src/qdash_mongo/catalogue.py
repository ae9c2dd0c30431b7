"""Catalogue of a database, and the indexes of its collections."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from qdash_core.repositories.catalogue import CATALOGUE, Catalogue, CatalogueEntry
from qdash_core.repositories.schema import COLLECTIONS
from qdash_mongo.document_copies import add_copies
from qdash_mongo.indexes import compute_index_digest, make_indexes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pymongo.asynchronous.database import AsyncDatabase

    from qdash_core.repositories.schema import Declaration


def make_catalogue(documents: Iterable[Mapping[str, Any]]) -> Catalogue:
    """Return the catalogue with the documents of its collection."""
    return Catalogue(CatalogueEntry(one["_id"], one["feature"], one["declaration"]) for one in documents)


async def update_collections(database: AsyncDatabase[dict[str, Any]], *, upgraded: bool = False) -> None:
    """Create the indexes that a database lacks, and record the declarations of all collections of this process.

    `upgraded`: an older version wrote the database, so the indexes of all collections may be missing. Raises StoreError
    if a collection holds records of another feature.
    """
    found = await database[CATALOGUE].find({}).to_list()
    catalogue, digests = make_catalogue(found), {one["_id"]: one["indexes"] for one in found}
    changed = {one.collection.name for one in catalogue.changes}
    await asyncio.gather(
        *(
            _change_collection(database, catalogue, one)
            for name, one in COLLECTIONS.list_declarations().items()
            if upgraded or name in changed or digests.get(name) != compute_index_digest(one.collection)
        )
    )


async def keep_collections(
    database: AsyncDatabase[dict[str, Any]], declarations: Iterable[Declaration]
) -> None:
    """Add the collections that a database does not hold."""
    catalogue = make_catalogue(await database[CATALOGUE].find({}).to_list())
    for one in declarations:
        if one.collection.name not in catalogue:
            await _change_collection(database, catalogue, one)


async def _change_collection(
    database: AsyncDatabase[dict[str, Any]], catalogue: Catalogue, declaration: Declaration
) -> None:
    collection = declaration.collection
    documents = database[collection.name]
    if catalogue.must_rebuild(declaration):
        await documents.drop_indexes()
        await add_copies(database, collection, {})
    kept = {*await documents.create_indexes([*make_indexes(collection)]), "_id_"}
    for name in await documents.index_information():
        if name not in kept:  # of an earlier version, which each write would pay for
            await documents.drop_index(name)
    name, feature, text = CatalogueEntry.from_declaration(declaration)
    entry = {"feature": feature, "declaration": text, "indexes": compute_index_digest(collection)}
    await database[CATALOGUE].update_one({"_id": name}, {"$set": entry}, upsert=True)

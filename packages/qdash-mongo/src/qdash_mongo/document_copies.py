"""Copies of parts of a document beside it, for searches and briefs: their addition to stored documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pymongo import UpdateOne

from qdash_mongo.document_encoding import decode_document, make_copies

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase

    from qdash_core.repositories.collection import Collection
    from qdash_mongo.filters import Filter

_BATCH = 1000
"""Number of documents changed by one message."""


async def add_copies(database: AsyncDatabase[dict[str, Any]], collection: Collection, where: Filter) -> None:
    """Add the fields of `make_copies` to the documents that match a filter."""
    documents, updates = database[collection.name], []
    async for found in documents.find(where):
        place = {"_id": found["_id"]}
        if copies := make_copies(collection, decode_document(found)):
            updates.append(UpdateOne(place, {"$set": copies}))
        if len(updates) == _BATCH:
            await documents.bulk_write(updates, ordered=False)
            updates.clear()
    if updates:
        await documents.bulk_write(updates, ordered=False)

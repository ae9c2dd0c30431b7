"""Creation of the indexes of a store by Beanie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from beanie import Document, init_beanie

from qdash_mongo.documents import DOCUMENTS

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase

    from qdash_mongo.stored_document import StoredDocument


async def create_indexes(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Create the indexes of all collections.

    Beanie binds a class to the database that was initialised last, so the indexes are made through copies.
    """
    await init_beanie(database=database, document_models=[_copy_settings(document) for document in DOCUMENTS])


def _copy_settings(document: type[StoredDocument]) -> type[Document]:
    class Copy(Document):
        Settings: ClassVar = document.Settings

    return Copy

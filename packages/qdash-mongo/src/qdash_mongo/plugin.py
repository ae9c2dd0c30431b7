"""Plugin of the MongoDB store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store


@hookimpl
def qdash_repositories() -> list[type[Store]]:
    from qdash_mongo.store import MongoStore

    return [MongoStore]

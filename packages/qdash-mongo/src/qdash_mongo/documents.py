"""Beanie documents of the collections, with which other programs find and aggregate.

They are built from the stored models of all collections, also those of plugins, and only read. The class of the
collection `execution_history` is `ExecutionHistoryDocument`.
"""

from __future__ import annotations

from functools import cache
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from qdash_core.repositories.schema import COLLECTIONS
from qdash_mongo.stored_document import StoredDocument

if TYPE_CHECKING:
    from qdash_core.repositories.collection import Collection

_NAMES = {"flows": "FlowDocument"}
"""Class of the original whose name is not that of its collection."""


def make_documents() -> dict[str, type[StoredDocument]]:
    """Return the classes of all collections with a model, by their names."""
    made = (_make_document(one) for one in COLLECTIONS.values() if one.model)
    return {one.__name__: one for one in made}


def __getattr__(name: str) -> Any:
    """Return the class with a name."""
    if name.endswith("Document") and (found := make_documents().get(name)) is not None:
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def _make_document(collection: Collection) -> type[StoredDocument]:
    class Stored(StoredDocument, resolve_name(collection.model), collection=collection):  # type: ignore[misc]  # only known when it runs
        pass

    Stored.__name__ = Stored.__qualname__ = _NAMES.get(
        collection.name, collection.name.title().replace("_", "") + "Document"
    )
    Stored.__doc__ = f"Documents of the collection `{collection.name}`."
    return Stored

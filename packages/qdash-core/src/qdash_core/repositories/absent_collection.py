"""Snapshot for the repository of a collection that no feature declares, and the store does not hold: it is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.repositories.catalogue import Catalogue
from qdash_core.repositories.collection import Collection
from qdash_core.repositories.store import Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.repositories.store import Document, Key


class AbsentCollection(Snapshot):
    """Snapshot without documents, so that callers need not know which features are installed."""

    @property
    def collections(self) -> Catalogue:
        return Catalogue(())

    def get_collection(self, name: str) -> Collection:
        return Collection(name, ("project_id",))

    def get(self, collection: str, key: Key) -> Document | None:  # noqa: ARG002  it has none
        return None

    def find(self, collection: str, where: Mapping[str, Any], **_paging: Any) -> list[Document]:  # noqa: ARG002  likewise
        return []

    def count(self, collection: str, where: Mapping[str, Any]) -> int:  # noqa: ARG002  likewise
        return 0

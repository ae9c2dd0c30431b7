"""Repository of idempotency keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.idempotency import IdempotencyModel
from qdash_core.repositories.base import Repository
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from datetime import datetime


class IdempotencyRepository(Repository[IdempotencyModel]):
    """Keys by project and user."""

    collection = "idempotency"
    model = IdempotencyModel

    def find(self, project_id: str, username: str, key: str) -> IdempotencyModel | None:
        """Return the entry of a key, or None."""
        return self._get((project_id, username, key))

    def find_anywhere(self, key: str) -> IdempotencyModel | None:
        """Return the entry of a globally unique key, for any user, or None; this reads the whole collection."""
        return next(iter(self.select({"key": key}, limit=1)), None)

    def add(self, asked: IdempotencyModel) -> None:
        """Add a key; ConflictError when it has been used."""
        self._insert(asked)

    def prune(self, project_id: str, before: datetime) -> int:
        """Remove the keys of a project that were used before a time; return their number."""
        where = {"project_id": project_id, "created_at": Range(below=before)}
        with self._open_transaction() as transaction:
            return transaction.delete(self.collection, where)

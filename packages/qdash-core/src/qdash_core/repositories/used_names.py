"""Repositories of the names that runs use in a project: backends and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from qdash_core.models.project import BackendModel, TagModel
from qdash_core.repositories.base import Repository

if TYPE_CHECKING:
    from collections.abc import Iterable

N = TypeVar("N", BackendModel, TagModel)


class UsedNameRepository(Repository[N]):
    """Names of one kind that a project uses."""

    def ensure(self, project_id: str, names: Iterable[str], *, username: str) -> None:
        """Add the missing names, with this user as their first user."""
        with self._open_transaction() as transaction:
            for name in names:
                if transaction.get(self.collection, (project_id, name)) is None:
                    record = self.model(project_id=project_id, username=username, name=name)
                    transaction.insert(self.collection, record.to_document())

    def list_by_project(self, project_id: str) -> list[N]:
        """Return the names of a project in their order."""
        return self.select({"project_id": project_id})


class BackendRepository(UsedNameRepository[BackendModel]):
    """Backends that a project uses, by name."""

    collection = "backend"
    model = BackendModel


class TagRepository(UsedNameRepository[TagModel]):
    """Tags of a project by name."""

    collection = "tag"
    model = TagModel

"""Tags of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.pages import Page
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.repositories import Repositories
from qdash_core.similar_names import suggest

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.pages import PageRequest
    from qdash_core.models.project import TagModel
    from qdash_core.repositories.store import Store

_LONGEST = 64


class TagService:
    """Tags of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, access: Access, name: str) -> TagModel:
        """Add a tag unless it exists, and return it; InvalidInputError if it is not valid."""
        access.require(ProjectRole.EDITOR)
        check_tag(name)
        with self._store.transaction() as transaction:
            tags = Repositories(transaction).tags
            tags.ensure(access.project_id, [name], username=access.username)
            return next(tag for tag in tags.list_by_project(access.project_id) if tag.name == name)

    def list_by_project(self, access: Access) -> list[TagModel]:
        """Return the tags of a project, by name."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).tags.list_by_project(access.project_id)

    def page(self, access: Access, request: PageRequest) -> Page[TagModel]:
        """Return a page of the tags of a project, by name."""
        return Page.from_all_items(self.list_by_project(access), request, lambda tag: (tag.name,))

    def delete(self, access: Access, name: str) -> TagModel:
        """Remove a tag from the list and return it; NotFoundError with the existing tags if it is missing."""
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            tags = Repositories(transaction).tags
            known = {tag.name: tag for tag in tags.list_by_project(access.project_id)}
            if name not in known:
                listed = ", ".join(known) or "none yet"
                raise NotFoundError(
                    f"there is no tag {name!r} in project {access.project_id}{suggest(name, known)} (known: {listed})"
                )
            tags.remove(access.project_id, name)
        return known[name]


def check_tag(name: str) -> None:
    """Raise InvalidInputError if a tag is empty, too long, or begins or ends with a space."""
    if not name or name != name.strip() or len(name) > _LONGEST:
        raise InvalidInputError(
            f"{name!r} is not a tag: up to {_LONGEST} characters, without spaces around them"
        )

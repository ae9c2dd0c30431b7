"""Base class of repositories of records that belong to a project and have an id in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from qdash_core.errors import NotFoundError
from qdash_core.models.base import Record
from qdash_core.repositories.base import Repository
from qdash_core.repositories.schema import COLLECTIONS
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.pages import Page, PageRequest

R = TypeVar("R", bound=Record)


class KeyedRepository(Repository[R]):
    """Records by project and id, which is the last field of the key of the collection.

    Messages name the record by `noun`. `order` is that of lists; empty for that of the ids.
    """

    noun: ClassVar[str]
    order: ClassVar[tuple[str, ...]] = ()

    def find(self, project_id: str, record_id: str) -> R | None:
        """Return a record, or None."""
        return self._get((*self._select(project_id).values(), record_id))

    def require(self, project_id: str, record_id: str) -> R:
        """Return a record; NotFoundError with the known ids if there is none."""
        record = self.find(project_id, record_id)
        if record is None:
            known = ", ".join(self.get_id(other) for other in self.list_by_project(project_id)) or "none yet"
            raise NotFoundError(
                f"there is no {self.noun} {record_id!r} in project {project_id} (known: {known})"
            )
        return record

    def list_by_project(self, project_id: str) -> list[R]:
        """Return the records of a project."""
        return self.select(self._select(project_id), order=self.order)

    def page(self, project_id: str, request: PageRequest, **where: Any) -> Page[R]:
        """Return a page of the records of a project with these values of fields, or values in these ranges.

        A page by fields without an index may be short, or empty, although it has a `next`.
        """
        indexed = COLLECTIONS[self.collection].fields
        query = {name: value for name, value in where.items() if name in indexed}
        others = {name: value for name, value in where.items() if name not in indexed}
        query |= self._select(project_id)
        if not others:
            return self._page(query, request, order=self.order)
        return self._page_selected(
            query, request, lambda record: self._meets(record, others), order=self.order
        )

    def add(self, record: R) -> None:
        """Add a new record; ConflictError if its id is taken in its project."""
        self._insert(record)

    def put(self, record: R) -> None:
        """Add or replace a record."""
        self._put(record)

    def remove(self, record: R) -> None:
        """Remove a record."""
        key = self._get_key_fields()
        with self._open_transaction() as transaction:
            transaction.delete(self.collection, {name: getattr(record, name) for name in key})

    def get_id(self, record: R) -> str:
        """Return the id of a record in its project."""
        return str(getattr(record, self._get_key_fields()[-1]))

    def _meets(self, record: R, conditions: Mapping[str, Any]) -> bool:
        """Return whether a record has these values of fields, or values in these ranges."""
        return all(
            wanted.includes(getattr(record, name))
            if isinstance(wanted, Range)
            else getattr(record, name) == wanted
            for name, wanted in conditions.items()
        )

    def _select(self, project_id: str) -> dict[str, Any]:
        """Return the fields of the key before the id."""
        return {"project_id": project_id}

"""Repository of timetables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError
from qdash_core.models.timetable import TimetableModel
from qdash_core.repositories.base import Repository
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.pages import Page, PageRequest


class TimetableRepository(Repository[TimetableModel]):
    """Timetables of the whole store."""

    collection = "timetable"
    model = TimetableModel

    def find(self, project_id: str, name: str) -> TimetableModel | None:
        """Return the timetable, or None."""
        return self._get((project_id, name))

    def require(self, project_id: str, name: str) -> TimetableModel:
        """Return the timetable; NotFoundError with the known timetables if there is none."""
        timetable = self.find(project_id, name)
        if timetable is None:
            known = ", ".join(other.name for other in self.list_by_project(project_id)) or "none yet"
            raise NotFoundError(f"there is no timetable {name!r} in project {project_id} (known: {known})")
        return timetable

    def list_by_project(self, project_id: str) -> list[TimetableModel]:
        """Return the timetables of a project, by name."""
        return self._find({"project_id": project_id})

    def page(self, project_id: str, request: PageRequest) -> Page[TimetableModel]:
        """Return a page of the timetables of a project, by name."""
        return self._page({"project_id": project_id}, request)

    def list_due(self, now: datetime) -> list[TimetableModel]:
        """Return the due timetables of every project, the longest overdue first."""
        return self._find({"next_at": Range(most=now)}, order=("next_at",))

    def add(self, timetable: TimetableModel) -> None:
        """Add a new timetable; ConflictError when the name is taken in its project."""
        self._insert(timetable)

    def put(self, timetable: TimetableModel) -> None:
        """Update a timetable; check it first in the same transaction."""
        self._put(timetable)

    def replace_unchanged(self, timetable: TimetableModel, changed: TimetableModel) -> bool:
        """Replace a timetable if it is unchanged since it was read; return whether it was replaced."""
        read = {
            "updated_at": timetable.updated_at,
            "considered_until": timetable.considered_until,
            "execution_id": timetable.execution_id,
        }
        with self._open_transaction() as transaction:
            return transaction.compare_and_set(self.collection, read, changed.to_document())

    def remove(self, timetable: TimetableModel) -> None:
        """Remove a timetable."""
        where = {"project_id": timetable.project_id, "name": timetable.name}
        with self._open_transaction() as transaction:
            transaction.delete(self.collection, where)

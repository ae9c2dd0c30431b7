"""Repository of timetables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.timetables.models.timetable import TimetableModel
from qdash_core.repositories.keyed_repository import KeyedRepository
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from datetime import datetime


class TimetableRepository(KeyedRepository[TimetableModel]):
    """Timetables of the whole store."""

    collection = "timetable"
    model = TimetableModel
    noun = "timetable"

    def list_due(self, now: datetime) -> list[TimetableModel]:
        """Return the due timetables of every project, the longest overdue first."""
        return self.select({"next_at": Range(most=now)}, order=("next_at",))

    def replace_unchanged(self, timetable: TimetableModel, changed: TimetableModel) -> bool:
        """Replace a timetable if it is unchanged since it was read; return whether it was replaced."""
        read = {
            "updated_at": timetable.updated_at,
            "considered_until": timetable.considered_until,
            "execution_id": timetable.execution_id,
            "cooldown_id": timetable.cooldown_id,
        }
        with self._open_transaction() as transaction:
            return transaction.compare_and_set(self.collection, read, changed.to_document())

"""Executions, their numbering and lock, calibration notes, and events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import ConflictError
from qdash_core.models.base import utc_now
from qdash_core.models.execution import (
    CalibrationNoteModel,
    EventModel,
    ExecutionCounterModel,
    ExecutionLockModel,
    ExecutionModel,
    ExecutionStatus,
)
from qdash_core.repositories.base import Repository
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from qdash_core.models.base import UtcDatetime


class ExecutionRepository(Repository[ExecutionModel]):
    """Executions by project and id."""

    collection = "execution_history"
    model = ExecutionModel

    def find(self, project_id: str, execution_id: str) -> ExecutionModel | None:
        """Return the execution, or None."""
        return self._get((project_id, execution_id))

    def add(self, execution: ExecutionModel) -> None:
        """Add a new execution; ConflictError when the id is taken in its project."""
        self._insert(execution)

    def replace(self, execution: ExecutionModel, *, was: ExecutionStatus) -> None:
        """Write an execution that has moved on from the state `was`; ConflictError when it has left it already."""
        with self._writing() as transaction:
            if not transaction.compare_and_set(self.collection, {"status": was}, execution.document()):
                raise ConflictError(f"execution {execution.execution_id} is no longer {was}")

    def in_state(self, project_id: str, status: ExecutionStatus) -> list[ExecutionModel]:
        """Return the executions of a project in a state."""
        return self._find({"project_id": project_id, "status": status})

    def newest(
        self, project_id: str, *, chip_id: str | None = None, limit: int | None = None
    ) -> list[ExecutionModel]:
        """Return executions, newest first."""
        where = {"project_id": project_id} | ({} if chip_id is None else {"chip_id": chip_id})
        return self._find(where, order=("-start_at",), limit=limit)


class ExecutionCounterRepository(Repository[ExecutionCounterModel]):
    """The numbers that execution ids are made of."""

    collection = "execution_counter"
    model = ExecutionCounterModel

    def get_next_index(self, project_id: str, date: str, *, username: str = "", chip_id: str = "") -> int:
        """Return a number that no other execution of the project has on this date, counting from 0."""
        first = ExecutionCounterModel(project_id=project_id, date=date, username=username, chip_id=chip_id)
        with self._writing() as transaction:
            return transaction.increment(
                self.collection, (project_id, date), "index", initial=first.document()
            )


class ExecutionLockRepository(Repository[ExecutionLockModel]):
    """One lease a project."""

    collection = "execution_lock"
    model = ExecutionLockModel

    def find(self, project_id: str) -> ExecutionLockModel | None:
        """Return the lease as it was last written, live or not."""
        return self._get((project_id, ""))

    def owner(self, project_id: str) -> str | None:
        """Return who holds the lease, or held it last; None when nobody does."""
        with self._reading() as snapshot:
            held = snapshot.get(self.collection, (project_id, ""))
        return None if held is None else str(held["owner"])

    def put(self, lock: ExecutionLockModel) -> None:
        """Write the lease, whoever held it: decide within the same transaction."""
        self._put(lock)

    def extend(self, lock: ExecutionLockModel, expires_at: UtcDatetime) -> bool:
        """Move the expiry of a lease that is still held; returns whether it was."""
        renewed = lock.model_copy(update={"expires_at": expires_at, "updated_at": utc_now()})
        with self._writing() as transaction:
            return transaction.compare_and_set(self.collection, {"owner": lock.owner}, renewed.document())

    def remove(self, project_id: str, *, owner: str | None = None) -> bool:
        """Give up the lease, if `owner` holds it (None: whoever does); returns whether there was one."""
        with self._writing() as transaction:
            held = transaction.get(self.collection, (project_id, ""))
            if held is None or (owner is not None and held["owner"] != owner):
                return False
            return transaction.delete(self.collection, {"project_id": project_id}) > 0


class CalibrationNoteRepository(Repository[CalibrationNoteModel]):
    """The laboratory library's notes."""

    collection = "calibration_note"
    model = CalibrationNoteModel

    def put(self, note: CalibrationNoteModel) -> None:
        """Keep a note."""
        self._put(note)

    def latest(self, project_id: str, chip_id: str) -> CalibrationNoteModel | None:
        """Return the newest note of a chip, or None."""
        where = {"project_id": project_id, "chip_id": chip_id}
        found = self._find(where, order=("-timestamp",), limit=1)
        return found[0] if found else None


class EventRepository(Repository[EventModel]):
    """What happened, in the order in which it became visible."""

    collection = "event"
    model = EventModel

    def append(self, event: EventModel) -> int:
        """Add an event and return its number."""
        with self._writing() as transaction:
            return transaction.append(self.collection, event.model_dump(exclude={"seq"}))

    def since(self, project_id: str, seq: int, *, limit: int = 1000) -> list[EventModel]:
        """Return the events after number `seq`, in order."""
        return self._find({"project_id": project_id, "seq": Range(above=seq)}, order=("seq",), limit=limit)

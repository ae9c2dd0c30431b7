"""Runs that wait, processes that are there, and what runs have said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.execution import LogModel
from qdash_core.models.queue import PresenceModel, QueueEntryModel
from qdash_core.repositories.base import NumberedRepository, Repository
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from typing import Any

    from qdash_core.models.pages import Page, PageRequest


class QueueRepository(Repository[QueueEntryModel]):
    """Runs that wait or are being performed, of the whole store."""

    collection = "queue"
    model = QueueEntryModel

    def find(self, project_id: str, execution_id: str) -> QueueEntryModel | None:
        """Return the entry of an execution, or None."""
        return self._get((project_id, execution_id))

    def everything(self) -> list[QueueEntryModel]:
        """Return every entry of the store, in the order in which they begin."""
        return self._find({}, order=("rank",))

    def put(self, entry: QueueEntryModel) -> None:
        """Write an entry: decide within the same transaction."""
        self._put(entry)

    def claim(self, entry: QueueEntryModel, performer: str) -> bool:
        """Write who performs an entry, if nobody does, it is in its place and not held; returns whether that is so."""
        free = {"performer": "", "held": False, "rank": entry.rank}
        with self._writing() as transaction:
            document = entry.model_copy(update={"performer": performer}).document()
            return transaction.compare_and_set(self.collection, free, document)

    def remove(self, project_id: str, execution_id: str) -> bool:
        """Remove the entry of an execution; returns whether there was one."""
        where = {"project_id": project_id, "execution_id": execution_id}
        with self._writing() as transaction:
            return transaction.delete(self.collection, where) > 0


class PresenceRepository(Repository[PresenceModel]):
    """Processes that are there to perform runs."""

    collection = "presence"
    model = PresenceModel

    def find(self, owner: str) -> PresenceModel | None:
        """Return a presence, or None."""
        return self._get((owner,))

    def everything(self) -> list[PresenceModel]:
        """Return every presence of the store, dead ones included."""
        return self._find({}, order=("kind", "owner"))

    def put(self, presence: PresenceModel) -> None:
        """Write a presence."""
        self._put(presence)

    def extend(self, presence: PresenceModel) -> bool:
        """Write a presence anew if it is still there; returns whether that is so."""
        with self._writing() as transaction:
            return transaction.compare_and_set(
                self.collection, {"owner": presence.owner}, presence.document()
            )

    def remove(self, owner: str) -> bool:
        """Remove a presence; returns whether there was one."""
        with self._writing() as transaction:
            return transaction.delete(self.collection, {"owner": owner}) > 0


class LogRepository(NumberedRepository[LogModel]):
    """What runs have said, in the order in which they said it."""

    collection = "execution_log"
    model = LogModel

    def append(self, project_id: str, execution_id: str, text: str) -> None:
        """Add some lines of a run."""
        lines = LogModel(project_id=project_id, execution_id=execution_id, text=text)
        with self._writing() as transaction:
            transaction.append(self.collection, lines.model_dump(exclude={"seq"}))

    def page_of_execution(
        self, project_id: str, execution_id: str, request: PageRequest, *, since: int = 0
    ) -> Page[LogModel]:
        """Return a page of what an execution has said after number `since`, in order."""
        where = {"project_id": project_id, "execution_id": execution_id, "seq": Range(above=since)}
        return self._page(where, request)

    def of_execution(
        self, project_id: str, execution_id: str, *, seq: int = 0, limit: int | None = None
    ) -> list[LogModel]:
        """Return what an execution has said after number `seq`, in order."""
        where: dict[str, Any] = {
            "project_id": project_id,
            "execution_id": execution_id,
            "seq": Range(above=seq),
        }
        return self._find(where, order=("seq",), limit=limit)

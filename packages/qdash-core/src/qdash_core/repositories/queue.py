"""Repositories of queue entries, process registrations and run logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.claims import sort_resources
from qdash_core.models.execution import LogModel
from qdash_core.models.queue import PresenceModel, QueueEntryModel
from qdash_core.process.clock import machine_now
from qdash_core.repositories.base import NumberedRepository, Repository
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from typing import Any

    from qdash_core.models.claims import Claim
    from qdash_core.models.pages import Page, PageRequest


class QueueRepository(Repository[QueueEntryModel]):
    """Queue entries of the whole store."""

    collection = "queue"
    model = QueueEntryModel

    def find(self, project_id: str, execution_id: str) -> QueueEntryModel | None:
        """Return the entry of an execution, or None."""
        return self._get((project_id, execution_id))

    def list_all(self) -> list[QueueEntryModel]:
        """Return every entry of the store, in the order of start."""
        return self.select({}, order=("rank",))

    def put(self, entry: QueueEntryModel) -> None:
        """Write an entry; check it first in the same transaction."""
        self._put(entry)

    def claim(self, entry: QueueEntryModel, performer: str) -> bool:
        """Set the performer of an entry if it is unchanged, free and not held; return whether it was set."""
        free = {"performer": "", "held": False, "rank": entry.rank}
        with self._open_transaction() as transaction:
            document = entry.model_copy(update={"performer": performer}).to_document()
            return transaction.compare_and_set(self.collection, free, document)

    def set_claim(self, execution_id: str, claim: Claim) -> None:
        """Set the instrument, and its parts, that the run of an entry needs, if there is an entry that names an instrument."""
        needed = {"instrument": claim.instrument, "resources": sort_resources(claim.resources)}
        with self._open_transaction() as transaction:
            found = transaction.get(self.collection, (claim.project_id, execution_id))
            if found is not None and found.get("instrument") and found != (changed := {**found, **needed}):
                transaction.put(self.collection, changed)

    def remove(self, project_id: str, execution_id: str) -> bool:
        """Remove the entry of an execution; return whether there was one."""
        where = {"project_id": project_id, "execution_id": execution_id}
        with self._open_transaction() as transaction:
            return transaction.delete(self.collection, where) > 0


class PresenceRepository(Repository[PresenceModel]):
    """Registrations of processes that perform runs."""

    collection = "presence"
    model = PresenceModel

    def find(self, owner: str) -> PresenceModel | None:
        """Return a registration, or None."""
        return self._get((owner,))

    def list_all(self) -> list[PresenceModel]:
        """Return every registration of the store, including those of dead processes."""
        return self.select({}, order=("kind", "owner"))

    def put(self, presence: PresenceModel) -> None:
        """Write a registration."""
        self._put(presence)

    def extend(self, presence: PresenceModel) -> bool:
        """Renew a registration if it still exists; return whether it does."""
        with self._open_transaction() as transaction:
            return transaction.compare_and_set(
                self.collection, {"owner": presence.owner}, presence.to_document()
            )

    def remove(self, owner: str) -> bool:
        """Remove a registration; return whether there was one."""
        with self._open_transaction() as transaction:
            return transaction.delete(self.collection, {"owner": owner}) > 0


class LogRepository(NumberedRepository[LogModel]):
    """Logs of runs, in order."""

    collection = "execution_log"
    model = LogModel

    def append(self, project_id: str, execution_id: str, text: str) -> None:
        """Add lines to the log of an execution."""
        lines = LogModel(
            project_id=project_id, execution_id=execution_id, text=text, created_at=machine_now()
        )
        with self._open_transaction() as transaction:
            transaction.append(self.collection, lines.model_dump(exclude={"seq"}))

    def get_execution_page(
        self, project_id: str, execution_id: str, request: PageRequest, *, since: int = 0
    ) -> Page[LogModel]:
        """Return a page of the log of an execution after number `since`, in order."""
        where = {"project_id": project_id, "execution_id": execution_id, "seq": Range(above=since)}
        return self._page(where, request)

    def list_by_execution(
        self, project_id: str, execution_id: str, *, seq: int = 0, limit: int | None = None
    ) -> list[LogModel]:
        """Return the log of an execution after number `seq`, in order."""
        where: dict[str, Any] = {
            "project_id": project_id,
            "execution_id": execution_id,
            "seq": Range(above=seq),
        }
        return self.select(where, order=("seq",), limit=limit)

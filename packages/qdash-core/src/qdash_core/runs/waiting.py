"""The queue as people see and change it: runs that wait for their chip, put in order, held, and taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.repositories import Repositories
from qdash_core.runs.queue import QueueStatus, RunQueue

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.queue import PresenceModel, QueueEntryModel
    from qdash_core.runtime import Runtime


class QueueService:
    """The runs of one store that wait or are being performed.

    Parameters
    ----------
    runtime : Runtime
        Open.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._queue = RunQueue(runtime)

    def entries(self, access: Access) -> list[QueueStatus]:
        """Return the entries of a project, in order."""
        return [one for one in self._queue.entries() if one.entry.project_id == access.project_id]

    def workers(self) -> list[PresenceModel]:
        """Return the workers that live, of every machine of the store."""
        return self._queue.workers()

    def move(
        self, access: Access, execution_id: str, *, before: str | None = None, first: bool = False
    ) -> None:
        """Put an entry before another one of its project, before all, or else behind all.

        Raises
        ------
        NotFoundError, InvalidInputError
            If one of them does not wait, or it is to come before itself.
        """
        access.require(ProjectRole.EDITOR)
        if before == execution_id:
            raise InvalidInputError(f"execution {execution_id} cannot be put before itself")
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            moved = _waiting(repositories, access.project_id, execution_id)
            others = [one for one in repositories.queue.everything() if one.key != moved.key]
            place = 0 if first else len(others)
            if before is not None:
                place = others.index(_waiting(repositories, access.project_id, before))
            for rank, entry in enumerate([*others[:place], moved, *others[place:]], 1):
                if entry.rank != rank:
                    repositories.queue.put(entry.model_copy(update={"rank": rank}))

    def hold(self, access: Access, execution_id: str) -> None:
        """Let a waiting run wait until it is released. Raises as `move`."""
        self._change(access, execution_id, held=True, reason=f"held by {access.username}")

    def release(self, access: Access, execution_id: str) -> None:
        """Let a held run take its turn again. Raises as `move`."""
        self._change(access, execution_id, held=False, reason="", deaths=0)

    def remove(self, access: Access, execution_id: str) -> ExecutionModel:
        """Take a waiting run out of the queue: what was to begin is cancelled, what was to go on stays as it is.

        Raises as `move`.
        """
        access.require(ProjectRole.EDITOR)
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            entry = _waiting(repositories, access.project_id, execution_id)
            return self._queue.take_out(repositories, entry, f"removed from the queue by {access.username}")

    def _change(self, access: Access, execution_id: str, **changes: object) -> None:
        access.require(ProjectRole.EDITOR)
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            entry = _waiting(repositories, access.project_id, execution_id)
            repositories.queue.put(entry.model_copy(update=changes))


def _waiting(repositories: Repositories, project_id: str, execution_id: str) -> QueueEntryModel:
    entry = repositories.queue.find(project_id, execution_id)
    if entry is None:
        raise NotFoundError(f"execution {execution_id} of project {project_id} does not wait in the queue")
    if entry.performer:
        raise InvalidInputError(
            f"execution {execution_id} runs already: `qdash executions cancel {execution_id}` ends it"
        )
    return entry

"""Runs of a store: their submission and performance, which a feature provides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qdash_core.features.declarations import Service

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.progress import Progress
    from qdash_core.models.queue import PresenceModel, QueueEntryModel
    from qdash_core.models.request import RunRequest


class SubmittedRun(Protocol):
    """Result of a submission."""

    @property
    def execution(self) -> ExecutionModel:
        """The execution: `scheduled`, or ended if it is to be resumed; its current state if its key was used before."""


class RunSubmissions(Protocol):
    """Submissions of runs to the queue."""

    def submit(
        self, access: Access, request: RunRequest, *, key: str | None = None, trusted_files: bool = True
    ) -> SubmittedRun:
        """Check a request, record a scheduled execution, and append it to the queue.

        Another submission with the same idempotency key `key` returns the same execution; without one, each is a new
        run. `trusted_files` tells whether the request may name a file on this machine; a request over a network may
        not.

        Raises
        ------
        NotFoundError, InvalidInputError, MissingInputError
            If something in the request does not exist or does not fit. Nothing was written.
        ConflictError
            If the key belongs to another request.
        """

    def submit_resume(self, access: Access, execution_id: str) -> SubmittedRun:
        """Append a failed, cancelled or interrupted execution to the queue, to be resumed."""


class RunQueueView(Protocol):
    """Read-only view of the queue."""

    def find(self, project_id: str, execution_id: str) -> QueueEntryModel | None:
        """Return the entry of an execution, or None."""

    def list_workers(self) -> list[PresenceModel]:
        """Return the live workers on all machines of the store."""


class WaitingRuns(Protocol):
    """Waiting and running runs."""

    @property
    def view(self) -> RunQueueView:
        """View that reads them."""

    def sweep(self) -> None:
        """Remove entries and registrations of dead processes; recover runs of dead workers."""


class ProvidedRuns(Protocol):
    """Runs of a store; `queue` has the waiting runs, `submissions` adds runs."""

    @property
    def queue(self) -> WaitingRuns:
        """Waiting and running runs."""

    @property
    def submissions(self) -> RunSubmissions:
        """Submissions to the queue."""

    def run(self, access: Access, request: RunRequest, *, progress: Progress | None = None) -> ExecutionModel:
        """Submit a request, wait for its turn, perform it with the runner, and return the ended execution."""

    def follow(self, access: Access, execution_id: str, progress: Progress | None = None) -> ExecutionModel:
        """Report the progress of a run in another process, and return its execution when it is over."""

    def cancel(self, access: Access, execution_id: str, *, wait: bool = True) -> ExecutionModel:
        """Cancel an execution and return it when it has ended, or at once; a waiting run is removed from the queue."""


PROVIDED_RUNS: Service[ProvidedRuns] = Service(name="runs")
"""Key of the runs of a store."""

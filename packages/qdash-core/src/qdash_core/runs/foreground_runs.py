"""Runs that a program waits for, which a feature provides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qdash_core.features.declarations import Service

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.progress import Progress
    from qdash_core.models.request import RunRequest


class ForegroundRuns(Protocol):
    """Runs that a program waits for."""

    def run(self, access: Access, request: RunRequest, *, progress: Progress | None = None) -> ExecutionModel:
        """Submit a request, wait for its turn, perform it with the runner, and return the ended execution."""
        ...

    def follow(self, access: Access, execution_id: str, progress: Progress | None = None) -> ExecutionModel:
        """Report the progress of a run in another process, and return its execution when it is over."""
        ...


FOREGROUND_RUNS: Service[ForegroundRuns] = Service(name="foreground_runs")
"""Key of the runs that a program waits for."""

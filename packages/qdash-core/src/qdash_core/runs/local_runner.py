"""Local runner: performs each execution in a process of its own, on this machine."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.runs.performing_process import PerformingProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.hooks.runners import Stop
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.progress import Progress
    from qdash_core.settings import Settings


class LocalRunner:
    """Runner that performs each execution in a process of its own, which ends with the process that started it."""

    name = "local"

    def __init__(self) -> None:
        self._ahead: PerformingProcess | None = None

    @contextmanager
    def ahead(self, settings: Settings) -> Iterator[None]:
        """Start the process of the next `perform` early, so that it imports its modules; see `StartsAhead`."""
        with PerformingProcess(settings) as process:
            self._ahead = process
            try:
                yield
            finally:
                self._ahead = None

    def perform(
        self, execution: ExecutionModel, *, settings: Settings, progress: Progress, stop: Stop
    ) -> None:
        """Perform an execution, see `Runner`."""
        process, self._ahead = self._ahead, None
        if process is not None:
            process.perform(execution, progress=progress, stop=stop)
            return
        with PerformingProcess(settings) as process:
            process.perform(execution, progress=progress, stop=stop)

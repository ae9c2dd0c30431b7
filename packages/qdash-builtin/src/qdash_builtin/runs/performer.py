"""Performer of the runs of a store."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from qdash_builtin.runs.process_ends import stop_on_cancel
from qdash_builtin.runs.queue import RunQueue
from qdash_core.models.progress import SilentProgress
from qdash_core.models.project import ProjectRole
from qdash_core.runs.cancellation import cancel_execution, request_cancel
from qdash_core.runs.performance import perform

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.errors import QDashError
    from qdash_core.hooks.runners import Stop
    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.progress import Progress
    from qdash_core.runtime.runtime import Runtime

_performing_here = threading.RLock()
"""Lock: a process performs one flow at a time, in any of its threads."""


class RunPerformer:
    """Performer of the runs of one store; `queue` has the waiting runs."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.queue = RunQueue(runtime)

    def perform(
        self,
        project_id: str,
        execution_id: str,
        progress: Progress | None = None,
        *,
        stuck: Callable[[QDashError], None] = lambda _error: None,
        alone: bool = True,
    ) -> ExecutionModel:
        """Perform an execution in this process, see `performance.perform`; raise NotFoundError if there is none."""
        execution = self._runtime.record.find(project_id, execution_id)
        return perform(self._runtime, execution, progress or SilentProgress(), stuck=stuck, alone=alone)

    def perform_with_runner(self, execution: ExecutionModel, progress: Progress, stop: Stop) -> None:
        """Perform an execution with the runner, to its end. The errors are those of `Runner.perform`.

        If the store is in memory, or a program passed its own plugins, it runs in this process.
        """
        runtime = self._runtime
        if runtime.shared:
            runner = runtime.registry.runner(runtime.settings.runner)
            with stop_on_cancel(runtime, execution, stop):
                runner.perform(execution, settings=runtime.settings, progress=progress, stop=stop)
        else:
            with _performing_here:
                self.perform(execution.project_id, execution.execution_id, progress, alone=False)

    def cancel(self, access: Access, execution_id: str, *, wait: bool = True) -> ExecutionModel:
        """Cancel an execution and return it when it has ended; a waiting run is removed from the queue.

        Parameters
        ----------
        wait : bool
            If False, the cancellation is requested and the execution returned at once. A run without a process has ended then;
            one that does not react is stopped by its own process and by the worker, after `cancel_grace_s`.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        IllegalTransitionError
            If it has already ended.
        LockedError
            If `wait` is True, and its process neither reacts nor can be killed from here.
        """
        access.require(ProjectRole.EDITOR)
        cancel = cancel_execution if wait else request_cancel
        return cancel(self._runtime, access.project_id, execution_id, access.username)

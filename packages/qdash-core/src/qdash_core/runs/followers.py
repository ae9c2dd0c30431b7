"""Followers of runs in other processes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from qdash_core.errors import FlowError
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.models.task import TaskStatus, select_last_attempts
from qdash_core.progress import StartObserver, notify_observer, notify_start
from qdash_core.record.run_attempts import make_interrupt
from qdash_core.runs.queue import QueueWait

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.errors import QDashError
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.queue import QueueEntryModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.progress import Progress
    from qdash_core.runs.queue import RunQueue
    from qdash_core.runtime import Runtime

LOOK_S = 0.5
"""Seconds between two checks of the store."""
_LOOKS_BETWEEN_SWEEPS = 10
"""Number of checks between two clean-ups after dead processes."""
_NEWEST_RESULTS = 50
"""Number of newest results that are searched for running measurements."""


class Follower:
    """Reporter of the progress of a run in another process, as read from the store.

    Parameters
    ----------
    runtime : Runtime
        Open runtime.
    queue : RunQueue
        Queue in which the run may wait.
    project_id, execution_id : str
        The run.
    progress : Progress
        Receives every plan and result, existing ones first.
    """

    def __init__(
        self, runtime: Runtime, queue: RunQueue, project_id: str, execution_id: str, progress: Progress
    ) -> None:
        self._runtime, self._queue, self._progress = runtime, queue, progress
        self._where = project_id, execution_id
        self._told: set[str] = set()
        self._started: set[str] = set()
        self._planned: set[tuple[str, str]] = set()
        self._stages = self._attempts = 0

    def follow(self, waiting: Callable[[str], None]) -> ExecutionModel:
        """Follow the run and return the execution when it is over.

        Parameters
        ----------
        waiting : callable
            See `QueueWait`.
        """
        queue_wait = QueueWait(
            self._where[1], waiting, end_dead=self._end_dead, looks_between=_LOOKS_BETWEEN_SWEEPS
        )
        seq = self._runtime.repositories.events.get_last_seq(self._where[0])
        entry = self._queue.view.find(*self._where)  # always read before the execution, see `is_over`
        execution, results = self._runtime.record.show(*self._where)
        self._tell_of(execution)
        for result in select_last_attempts(results):
            self._tell_result(result)
        while not is_over(entry, execution):
            queue_wait.sweep_if_due()
            time.sleep(LOOK_S)
            position = self._queue.view.get_position(*self._where)
            entry = position.entry
            execution, seq = self._report_changes(seq)
            queue_wait.report_reason(position)
        self._report_changes(seq)
        return execution

    def _end_dead(self) -> None:
        """End runs whose process died, in the queue or not."""
        self._queue.sweep()
        self._runtime.external_transitions.end_interrupted(self._where[0])

    def _report_changes(self, seq: int) -> tuple[ExecutionModel, int]:
        """Report changes since an event; return the execution and the number of the last event."""
        execution = self._runtime.record.find(*self._where)
        self._tell_of(execution)
        repositories = self._runtime.repositories
        events = repositories.events.list_since(self._where[0], seq)
        for event in events:
            if event.execution_id == self._where[1] and event.task_id:
                result = repositories.results.find(self._where[0], event.task_id)
                if result is not None:
                    self._tell_result(result)
        self._report_starts(execution)
        return execution, events[-1].seq if events else seq

    def _tell_of(self, execution: ExecutionModel) -> None:
        if len(execution.attempts) > self._attempts:
            self._attempts = len(execution.attempts)
            notify_observer(self._progress.began, execution.execution_id)
        for stage in execution.stages[self._stages :]:
            self._tell_plan(stage.tasks, stage.groups)
        self._stages = len(execution.stages)

    def _tell_plan(self, tasks: list[str], groups: list[list[str]]) -> None:
        self._planned.update((task, target) for task in tasks for group in groups for target in group)
        notify_observer(self._progress.planned, tasks, groups)

    def _tell_result(self, result: TaskResultModel) -> None:
        if not result.status.terminal or result.refit_of is not None or result.task_id in self._told:
            return
        self._told.add(result.task_id)
        if (result.name, result.qid) not in self._planned:
            self._tell_plan([result.name], [[result.qid]])
        notify_observer(self._progress.finished, result)

    def _report_starts(self, execution: ExecutionModel) -> None:
        """Report running measurements: their start is not an event."""
        if execution.status is not ExecutionStatus.RUNNING or not isinstance(self._progress, StartObserver):
            return
        results = self._runtime.repositories.results
        for result in reversed(
            results.list_newest(execution.project_id, execution.chip_id, limit=_NEWEST_RESULTS)
        ):
            running = result.execution_id == execution.execution_id and result.status is TaskStatus.RUNNING
            if running and result.task_id not in self._started:
                self._started.add(result.task_id)
                notify_start(self._progress, result.name, result.qid)


def is_over(entry: QueueEntryModel | None, execution: ExecutionModel) -> bool:
    """Return whether an execution has ended or will never start, and no process will resume it.

    Parameters
    ----------
    entry : QueueEntryModel or None
        Its queue entry, read before the execution, because an ending run leaves the queue last.
    execution : ExecutionModel
        The recorded execution.
    """
    if execution.status is ExecutionStatus.RUNNING:
        return False
    return entry is None or (entry.held and execution.status is not ExecutionStatus.SCHEDULED)


_NOT_RAISED = (None, EndReason.NOTHING_COMPLETED)


def raise_if_stopped(last: ExecutionModel) -> None:
    """Raise the exception of a stopped execution, as its own process does.

    Raises
    ------
    KeyboardInterrupt
        If it was cancelled; names the run.
    FlowError
        If it failed, could not start, or was interrupted; with the recorded message.
    """
    if last.status is ExecutionStatus.CANCELLED:
        raise make_interrupt(last)
    if last.status is ExecutionStatus.FAILED and last.reason not in _NOT_RAISED:
        raise _make_failure(last)


def _make_failure(last: ExecutionModel) -> QDashError:
    if last.reason is EndReason.INTERRUPTED:
        return FlowError(
            f"execution {last.execution_id} broke off, {last.message}: "
            f"`qdash executions resume {last.id_with_options}` goes on with it"
        )
    return FlowError(last.message)

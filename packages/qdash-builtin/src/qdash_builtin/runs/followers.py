"""Followers of runs in other processes."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from qdash_builtin.runs.queue_wait import QueueWait
from qdash_core.errors import FlowError
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.models.progress import notify_observer, notify_start
from qdash_core.models.task import TaskStatus, select_last_attempts
from qdash_core.record.run_attempts import make_interrupt
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_builtin.runs.queue import RunQueue
    from qdash_builtin.runs.queue_view import QueuePosition
    from qdash_core.errors import QDashError
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.progress import Progress
    from qdash_core.models.queue import QueueEntryModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.record.run_attempts import StoppedRun
    from qdash_core.runtime.runtime import Runtime

LOOK_S = 0.5
"""Seconds between two checks of the store."""
_LOOKS_BETWEEN_SWEEPS = 10
"""Number of checks between two clean-ups after dead processes."""
_NEWEST_RESULTS = 50
"""Number of newest results that are searched for running measurements."""


@dataclass(frozen=True, slots=True)
class RunChanges:
    """Changes of a run since an event; `running` has the task and target of each running measurement.

    Parameters
    ----------
    results : list of TaskResultModel
        Results that have changed; without an event the last attempts of all.
    is_over : bool
        See `is_over`.
    seq : int
        Number of the last event.
    """

    execution: ExecutionModel
    results: list[TaskResultModel]
    running: list[tuple[str, str]]
    position: QueuePosition
    is_over: bool
    seq: int

    @property
    def reason(self) -> str:
        """Reason for the wait in the queue, or an empty text."""
        return self.position.reason


def read_changes(
    runtime: Runtime, queue: RunQueue, project_id: str, execution_id: str, since: int | None = None
) -> RunChanges:
    """Return the changes of a run since an event, or all of it for None; raise NotFoundError if there is no such run."""
    repositories = runtime.repositories
    position = queue.view.get_position(project_id, execution_id)  # before the execution, see `is_over`
    if since is None:
        seq = repositories.of(EventRepository).get_last_seq(project_id)
        execution, results = runtime.record.show(project_id, execution_id)
        results = select_last_attempts(results)
    else:
        execution = runtime.record.find(project_id, execution_id)
        events = repositories.of(EventRepository).list_since(project_id, since)
        seq = events[-1].seq if events else since
        named = [one.task_id for one in events if one.execution_id == execution_id and one.task_id]
        found = (
            repositories.of(TaskResultHistoryRepository).find(project_id, one) for one in dict.fromkeys(named)
        )
        results = [one for one in found if one is not None]
    ended = is_over(position.entry, execution)
    return RunChanges(execution, results, _list_running(runtime, execution), position, ended, seq)


def _list_running(runtime: Runtime, execution: ExecutionModel) -> list[tuple[str, str]]:
    """Return the running measurements, in the order of their starts, which are no events."""
    if execution.status is not ExecutionStatus.RUNNING:
        return []
    newest = runtime.repositories.of(TaskResultHistoryRepository).select(
        {"project_id": execution.project_id, "chip_id": execution.chip_id},
        order=("-start_at",),
        limit=_NEWEST_RESULTS,
    )
    return [
        (one.name, one.qid)
        for one in reversed(newest)
        if one.execution_id == execution.execution_id and one.status is TaskStatus.RUNNING
    ]


class Changes(Protocol):
    """Changes of a run, as `RunChanges` or as its view model."""

    @property
    def execution(self) -> Any:
        """The run, with its attempts and stages."""

    @property
    def results(self) -> Sequence[Any]:
        """Results that have changed."""

    @property
    def running(self) -> Sequence[tuple[str, str]]:
        """Task and target of each running measurement."""

    @property
    def reason(self) -> str:
        """Reason for the wait in the queue, or an empty text."""

    @property
    def is_over(self) -> bool:
        """True if the run is over."""

    @property
    def seq(self) -> int:
        """Number of the last event."""


C = TypeVar("C", bound=Changes)


class Follower(Generic[C]):
    """Reporter of the progress of a run in another process.

    Parameters
    ----------
    read : callable
        Returns the changes of the run since the event with a number, or all of it for None.
    progress : Progress
        Receives every plan and result, existing ones first.
    end_dead : callable
        Cleans up after dead processes.
    """

    def __init__(
        self,
        read: Callable[[int | None], C],
        progress: Progress,
        *,
        end_dead: Callable[[], object] = lambda: None,
    ) -> None:
        self._read, self._progress, self._end_dead = read, progress, end_dead
        self._told: set[str] = set()
        self._running: Counter[tuple[str, str]] = Counter()
        self._planned: set[tuple[str, str]] = set()
        self._stages = self._attempts = 0

    def follow(self, waiting: Callable[[str], None]) -> C:
        """Follow the run until it is over, and return its last changes; `waiting` as for `QueueWait`."""
        changes = self._read(None)
        queue_wait = QueueWait(
            changes.execution.execution_id,
            waiting,
            end_dead=self._end_dead,
            looks_between=_LOOKS_BETWEEN_SWEEPS,
        )
        self._report(changes)
        while not changes.is_over:
            queue_wait.sweep_if_due()
            time.sleep(LOOK_S)
            changes = self._read(changes.seq)
            self._report(changes)
            queue_wait.report_reason(changes.reason)
        changes = self._read(changes.seq)
        self._report(changes)
        return changes

    def _report(self, changes: C) -> None:
        execution = changes.execution
        if len(execution.attempts) > self._attempts:
            self._attempts = len(execution.attempts)
            notify_observer(self._progress.began, execution.execution_id)
        for stage in execution.stages[self._stages :]:
            self._tell_plan(stage.tasks, stage.groups)
        self._stages = len(execution.stages)
        for result in changes.results:
            self._tell_result(result)
        running = Counter(changes.running)
        for task, target in (running - self._running).elements():
            notify_start(self._progress, task, target)
        self._running = running

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


def is_over(entry: QueueEntryModel | None, execution: ExecutionModel) -> bool:
    """Return whether an execution has ended or will never start, and no process will resume it.

    `entry` is its queue entry, read before the execution, because an ending run leaves the queue last; None without
    one.
    """
    if execution.status is ExecutionStatus.RUNNING:
        return False
    return entry is None or (entry.held and execution.status is not ExecutionStatus.SCHEDULED)


_NOT_RAISED = (None, EndReason.NOTHING_COMPLETED)


def raise_if_stopped(last: StoppedRun) -> None:
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


def _make_failure(last: StoppedRun) -> QDashError:
    if last.reason is EndReason.INTERRUPTED:
        return FlowError(
            f"execution {last.execution_id} broke off, {last.message}: "
            f"`qdash executions resume {last.id_with_options}` resumes it"
        )
    return FlowError(last.message)

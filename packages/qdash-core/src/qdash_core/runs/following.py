"""Following a run that another process performs, by what the store says of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.task import TaskStatus, last_attempts
from qdash_core.progress import SeesStarts, tell, tell_started

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.progress import Progress
    from qdash_core.runs.queue import RunQueue
    from qdash_core.runtime import Runtime

LOOK_S = 0.5
"""So often the store is looked at, in seconds."""
_SWEEP_EVERY = 10
"""Looks between two looks at who has died: whoever waited for the run, or performed it, may have been the only one."""
_AT_ONCE = 50
"""So many results that were started last are looked at for what is being measured."""


class Follower:
    """Tells of one run what has happened, and what happens.

    Parameters
    ----------
    runtime : Runtime
        Open.
    queue : RunQueue
        Where it may wait.
    project_id, execution_id : str
        The run.
    progress : Progress
        Told of every plan and result, first of those that there are.
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
        """Return the execution when it has ended, and nobody is going on with it.

        Parameters
        ----------
        waiting : callable
            Told in words what it waits for, whenever that changes.
        """
        seq = self._runtime.repositories.events.last_seq(self._where[0])
        execution, results = self._runtime.record.show(*self._where)
        self._tell_of(execution)
        for result in last_attempts(results):
            self._tell_result(result)
        said, looks = "", 0
        while not self._is_over(execution):
            if looks % _SWEEP_EVERY == 0:
                self._sweep()
            looks += 1
            time.sleep(LOOK_S)
            execution, seq = self._news(seq)
            why = self._why_it_waits()
            if why != said and why:
                waiting(f"execution {self._where[1]} waits for {why}")
            said = why
        self._news(seq)
        return execution

    def _sweep(self) -> None:
        """End what nobody runs any more, with or without a place in the queue."""
        self._queue.sweep()
        self._runtime.record.end_interrupted(self._where[0])

    def _news(self, seq: int) -> tuple[ExecutionModel, int]:
        """Tell what has happened after an event, and return the execution with the number of the last one."""
        execution = self._runtime.record.find(*self._where)
        self._tell_of(execution)
        repositories = self._runtime.repositories
        events = repositories.events.since(self._where[0], seq)
        for event in events:
            if event.execution_id == self._where[1] and event.task_id:
                result = repositories.results.find(self._where[0], event.task_id)
                if result is not None:
                    self._tell_result(result)
        self._tell_starts(execution)
        return execution, events[-1].seq if events else seq

    def _tell_of(self, execution: ExecutionModel) -> None:
        if len(execution.attempts) > self._attempts:
            self._attempts = len(execution.attempts)
            tell(self._progress.began, execution.execution_id)
        for stage in execution.stages[self._stages :]:
            self._tell_plan(stage.tasks, stage.groups)
        self._stages = len(execution.stages)

    def _tell_plan(self, tasks: list[str], groups: list[list[str]]) -> None:
        self._planned.update((task, target) for task in tasks for group in groups for target in group)
        tell(self._progress.planned, tasks, groups)

    def _tell_result(self, result: TaskResultModel) -> None:
        if not result.status.terminal or result.refit_of is not None or result.task_id in self._told:
            return
        self._told.add(result.task_id)
        if (result.name, result.qid) not in self._planned:
            self._tell_plan([result.name], [[result.qid]])
        tell(self._progress.finished, result)

    def _tell_starts(self, execution: ExecutionModel) -> None:
        """Tell what is being measured, of which no event says that it began."""
        if execution.status is not ExecutionStatus.RUNNING or not isinstance(self._progress, SeesStarts):
            return
        results = self._runtime.repositories.results
        for result in reversed(results.newest(execution.project_id, execution.chip_id, limit=_AT_ONCE)):
            running = result.execution_id == execution.execution_id and result.status is TaskStatus.RUNNING
            if running and result.task_id not in self._started:
                self._started.add(result.task_id)
                tell_started(self._progress, result.name, result.qid)

    def _is_over(self, execution: ExecutionModel) -> bool:
        if execution.status is ExecutionStatus.RUNNING:
            return False
        entry = self._queue.find(*self._where)
        if execution.status is ExecutionStatus.SCHEDULED:
            return entry is None and self._still_scheduled()
        return entry is None or entry.held

    def _still_scheduled(self) -> bool:
        """Whether a run that is in no queue has not ended between the two looks: then nobody will perform it."""
        return self._runtime.record.find(*self._where).status is ExecutionStatus.SCHEDULED

    def _why_it_waits(self) -> str:
        entry = self._queue.find(*self._where)
        if entry is None:
            return ""
        if entry.detached and not entry.performer and not entry.held and not self._queue.workers():
            return "a worker: none lives, `qdash worker` starts one"
        return self._queue.waits_for(entry) or ""

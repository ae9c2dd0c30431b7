"""Working through a plan: tasks in the order of the flow, targets in groups, and what a failure leaves out."""

from __future__ import annotations

import logging
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from qdash_core.interrupts import interruptible, raise_pending
from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_core.executions.stopping import Stopping
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.executor import TaskExecutor
    from qdash_core.tasks.inputs import Values
    from qdash_core.tasks.run_parameters import RunParameter

logger = logging.getLogger(__name__)

_MAX_THREADS = 32
"""Lanes for a backend without a limit of its own."""


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A task with the run parameters it will have."""

    task: type[BaseTask]
    parameters: Mapping[str, RunParameter]


@dataclass(frozen=True, slots=True)
class Plan:
    """Tasks in order, on groups of targets that may be measured together."""

    tasks: Sequence[PlannedTask]
    groups: Sequence[Sequence[str]]

    @property
    def size(self) -> int:
        """How many results it will have."""
        return len(self.tasks) * sum(len(group) for group in self.groups)


class Progress(Protocol):
    """Somebody who watches a run."""

    def began(self, execution_id: str) -> None:
        """The execution exists."""

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        """These tasks begin, in this order, on each of these groups of targets."""

    def finished(self, result: TaskResultModel) -> None:
        """A result has been recorded."""


def tell(watcher: Callable[..., None], *news: object) -> None:
    """Tell somebody who watches; that they cannot show it must not end the run."""
    try:
        watcher(*news)
    except Exception as error:  # noqa: BLE001
        logger.warning("the progress of the run could not be shown: %s", error)


class Unwatched:
    """Nobody watches."""

    def began(self, execution_id: str) -> None:
        """Do nothing."""

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        """Do nothing."""

    def finished(self, result: TaskResultModel) -> None:
        """Do nothing."""


@dataclass(slots=True)
class _Availability:
    """Which values of each target cannot be relied on in this run, and why."""

    values: Values
    made: set[tuple[str, str]] = field(default_factory=set)
    lost: dict[tuple[str, str], str] = field(default_factory=dict)

    def reason_to_skip(self, task: type[BaseTask], sources: Mapping[str, tuple[str, str]]) -> str | None:
        """Return why a task must be skipped: the first required input whose maker failed in this run."""
        for name, declared in task.input_parameters.items():
            key = sources[name]
            if declared.required and declared.default is None and key in self.lost:
                return f"{key[1]} of {key[0]} is not available: {self.lost[key]}"
        return None

    def note(self, result: TaskResultModel) -> None:
        """Learn from a finished result what later tasks can rely on."""
        keys = [(result.qid, name) for name in result.output_parameter_names]
        completed = result.status is TaskStatus.COMPLETED
        accepted = result.accepted
        for key in keys:
            if accepted and key[1] in result.output_parameters:
                self.made.add(key)
                self.lost.pop(key, None)
            elif key not in self.made and not (completed and key[1] in self.values.of(key[0])):
                how = "did not find it" if accepted else "was flagged" if completed else str(result.status)
                self.lost[key] = f"{result.name} {how}"


class Dispatcher:
    """Runs plans of one execution.

    Parameters
    ----------
    executor : TaskExecutor
        Runs one task on one group.
    recorded : callable
        Returns what an earlier stretch of the execution recorded for a task on a target, None where it has to be run.
    values : Values
        The latest accepted values.
    lanes : int or None
        Tasks (or groups) that the backend can run at once; None: no limit.
    stopping : Stopping
        Looked at between tasks; set when one task ends the run, to tell those in other threads.
    progress : Progress
        Told of every result.
    """

    def __init__(
        self,
        executor: TaskExecutor,
        recorded: Callable[[type[BaseTask], str], TaskResultModel | None],
        values: Values,
        *,
        lanes: int | None,
        stopping: Stopping,
        progress: Progress,
    ) -> None:
        self._executor = executor
        self._recorded = recorded
        self._availability = _Availability(values)
        self._lanes = _MAX_THREADS if lanes is None else max(1, lanes)
        self._stopping = stopping
        self._progress = progress

    def run(self, plan: Plan) -> list[TaskResultModel]:
        """Run a plan group by group, in each the tasks in order. A failed task leaves out what depends on it.

        Raises
        ------
        KeyboardInterrupt
            If the run is being cancelled; says by whom, where that is known.
        QDashError
            If it may not go on.
        """
        try:
            return [
                result
                for group in plan.groups
                for planned in plan.tasks
                for result in self._run_group(planned, group)
            ]
        except KeyboardInterrupt:
            self._stopping.raise_if_set()
            raise

    def _run_group(self, planned: PlannedTask, group: Sequence[str]) -> list[TaskResultModel]:
        raise_pending()
        self._stopping.raise_if_set()
        ready, finished = [], []
        for qid in group:
            recorded = self._recorded(planned.task, qid)
            if recorded is not None:
                finished.append(recorded)
                continue
            sources = self._executor.sources(planned.task, qid)
            reason = self._availability.reason_to_skip(planned.task, sources)
            if reason is None:
                ready.append(qid)
            else:
                finished.append(self._executor.skip(planned.task, qid, reason))
        finished.extend(self._measure(planned, ready))
        for result in finished:
            self._availability.note(result)
            tell(self._progress.finished, result)
        return finished

    def _measure(self, planned: PlannedTask, qids: Sequence[str]) -> list[TaskResultModel]:
        if not qids:
            return []
        if planned.task.simultaneous:
            return self._executor.run(planned.task, qids, planned.parameters)
        if self._lanes == 1 or len(qids) == 1:
            return [self._run_one(planned, qid) for qid in qids]
        with ThreadPoolExecutor(min(self._lanes, len(qids))) as pool:
            futures = [pool.submit(self._run_one, planned, qid) for qid in qids]
            try:
                with interruptible():
                    done, _ = wait(futures, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()  # what ends the run does so at once, whatever others still do
                return [future.result() for future in futures]
            except BaseException:
                # What runs is told to stop and waited for; what waits is not begun.
                self._stopping.event.set()
                pool.shutdown(cancel_futures=True)
                raise

    def _run_one(self, planned: PlannedTask, qid: str) -> TaskResultModel:
        return self._executor.run(planned.task, [qid], planned.parameters)[0]

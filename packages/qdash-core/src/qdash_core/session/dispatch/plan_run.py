"""Run of a plan: the results of its tasks, and the values that later tasks can use."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.attempts.executor import TaskRun
from qdash_core.models.progress import notify_observer, notify_repeat, notify_start
from qdash_core.models.task import TaskStatus
from qdash_core.process.interrupts import raise_pending
from qdash_core.validation.confirmation import is_flagged_as_jump

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from qdash_core.attempts.executor import TaskExecutor
    from qdash_core.models.task import Node, TaskResultModel
    from qdash_core.session.dispatch.plans import Plan
    from qdash_core.session.run_spec import Supervision
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.inputs import Inputs


class PlanRun:
    """Run of one plan. Tasks are identified by number, because a plan may contain a task twice.

    All methods must be called in the thread that runs the plan. `availability` has the values that later tasks can
    use. `repeats` tells whether a result, unless of a trial or a simulation, that is flagged only because it is far
    from the last value, or that shows no signal where one is expected, is measured once more.
    """

    def __init__(
        self,
        plan: Plan,
        executor: TaskExecutor,
        availability: ValueAvailability,
        supervision: Supervision,
        *,
        repeats: bool = True,
    ) -> None:
        self.plan = plan
        self.stop = supervision.stop
        self.numbers = range(len(plan.tasks))
        self._executor = executor
        self._availability = availability
        self._progress = supervision.progress
        self._repeats = repeats
        self._repeated: dict[Node, TaskResultModel] = {}
        self._results: dict[tuple[int, str], TaskResultModel] = {}

    @property
    def simultaneous(self) -> bool:
        """Return whether some of its tasks can measure several targets at once."""
        return any(planned.task.simultaneous for planned in self.plan.tasks)

    def raise_if_stopped(self) -> None:
        """Raise the reason if the run must stop."""
        raise_pending()
        self.stop.raise_if_set()

    def iter_waiting_runs(self, number: int, targets: Sequence[str]) -> Iterator[TaskRun]:
        """Run a task on all of these targets, except where it needs no measurement: yield each run that waits for it.

        It must be measured and processed before the next step. Targets are in one run if the task is simultaneous.
        Results that are measured once more are in a further run.
        """
        self.raise_if_stopped()
        found = (self._find_scheduled_result(number, target) for target in targets)
        scheduled = [result for result in found if result is not None]
        task = self.plan.tasks[number].task
        for together in [scheduled] if task.simultaneous else [[result] for result in scheduled]:
            results: Sequence[TaskResultModel] = together
            while results:
                self.raise_if_stopped()
                for result in results:
                    notify_start(self._progress, task.name, result.qid)
                run = self._begin(number, results)
                while run.waiting:
                    yield run
                results = self._end(number, run.results)

    def run_task(self, number: int, targets: Sequence[str]) -> None:
        """Run a task on all of these targets in this thread, except where it needs no measurement."""
        for run in self.iter_waiting_runs(number, targets):
            run.perform()

    def _find_scheduled_result(self, number: int, target: str) -> TaskResultModel | None:
        """Return the scheduled result of a task on a target.

        Return None if it needs no measurement; the result of an earlier run attempt, or of skipping the task here,
        has then been added.
        """
        task, journal = self.plan.tasks[number].task, self._executor.journal
        result = journal.replay(task, target)
        if result is None:
            scheduled = journal.states.ensure_task_exists(task, target)
            given = self.plan.tasks[number].inputs
            reason = self._availability.find_skip_reason(task, target, given)
            if reason is None:
                return scheduled
            result = journal.skip(scheduled, reason)
        self._add_result(number, result)
        return None

    def _begin(self, number: int, scheduled: Sequence[TaskResultModel]) -> TaskRun:
        """Return the run of a task for these results."""
        planned = self.plan.tasks[number]
        first = {result.qid: self._repeated.get(result.node) for result in scheduled}
        confirming = {qid for qid, one in first.items() if one is not None and one.no_signal}
        return TaskRun(
            self._executor,
            planned.task,
            scheduled,
            planned.parameters,
            planned.inputs,
            confirming=confirming,
        )

    def _add_result(self, number: int, result: TaskResultModel) -> None:
        """Add a finished result, and report it."""
        self._results[number, result.qid] = result
        self._availability.update(result)
        notify_observer(self._progress.finished, result)

    def _end(self, number: int, results: Sequence[TaskResultModel]) -> list[TaskResultModel]:
        """Add the results of a run, and return the scheduled results of those that are measured once more.

        A flagged result remains that of its node if its repeat does not complete.
        """
        repeated: list[TaskResultModel] = []
        for result in results:
            first = self._repeated.get(result.node)
            if first is not None and TaskStatus.COMPLETED is first.status is not result.status:
                self._add_result(number, first)
            elif first is None and self._must_repeat(result):
                repeated.append(result)
            else:
                self._add_result(number, result)
        if not repeated:
            return []
        self.raise_if_stopped()
        for result in repeated:
            self._repeated[result.node] = result
            notify_repeat(self._progress, result)
        return self._executor.journal.add_attempts(repeated)

    def _must_repeat(self, result: TaskResultModel) -> bool:
        if not (self._repeats and result.kept):
            return False
        if result.no_signal:
            values = self._availability.inputs.values
            return values.expects_signal(result.qid, result.output_parameter_names)
        return is_flagged_as_jump(result)

    def get_result(self, number: int, target: str) -> TaskResultModel:
        """Return the result of a task on a target."""
        return self._results[number, target]

    def list_results(self) -> list[TaskResultModel]:
        """Return all results in the order of the plan: by group, task and target."""
        return [
            self._results[number, target]
            for group in self.plan.groups
            for number in self.numbers
            for target in group
        ]


@dataclass(slots=True)
class ValueAvailability:
    """Available values of each target: those that this run has produced or lost, with the reasons."""

    inputs: Inputs
    made: set[tuple[str, str]] = field(default_factory=set)
    lost: dict[tuple[str, str], str] = field(default_factory=dict)

    def find_skip_reason(self, task: type[BaseTask], qid: str, given: Collection[str]) -> str | None:
        """Return the reason to skip a task on a target (the first required input lost in this run and not given), or None."""
        sources = self.inputs.find_sources(task, qid)
        for name, declared in task.input_parameters.items():
            key = sources[name]
            if declared.required and declared.default is None and name not in given and key in self.lost:
                return f"{key[1]} of {key[0]} is not available: {self.lost[key]}"
        return None

    def update(self, result: TaskResultModel) -> None:
        """Update the available values after a finished result."""
        completed = result.status is TaskStatus.COMPLETED
        for name in result.output_parameter_names:
            key, accepted = (result.qid, name), result.accepts(name)
            if accepted and name in result.output_parameters:
                self.made.add(key)
                self.lost.pop(key, None)
            elif key not in self.made and not (completed and name in self.inputs.values.get_values(key[0])):
                how = "did not find it" if accepted else "was flagged" if completed else str(result.status)
                self.lost[key] = f"{result.name} {how}"

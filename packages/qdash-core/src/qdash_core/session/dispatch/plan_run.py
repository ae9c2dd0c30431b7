"""One run of a plan: what has to be measured of it, and what came of each task on each target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.interrupts import raise_pending
from qdash_core.progress import tell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_core.models.task import TaskResultModel
    from qdash_core.progress import Progress
    from qdash_core.session.dispatch.availability import Availability
    from qdash_core.session.dispatch.plans import Plan
    from qdash_core.session.stopping import Stopping
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.executor import TaskExecutor


class PlanRun:
    """A plan on its way. A task of it is named by its number, for a plan may have one twice.

    All but `measure` belong into the thread that runs the plan.

    Parameters
    ----------
    plan : Plan
        What is run.
    executor, recorded, availability, stopping, progress
        See `Dispatcher`.
    """

    def __init__(
        self,
        plan: Plan,
        executor: TaskExecutor,
        recorded: Callable[[type[BaseTask], str], TaskResultModel | None],
        availability: Availability,
        stopping: Stopping,
        progress: Progress,
    ) -> None:
        self.plan = plan
        self.stopping = stopping
        self.numbers = range(len(plan.tasks))
        self._executor = executor
        self._recorded = recorded
        self._availability = availability
        self._progress = progress
        self._results: dict[tuple[int, str], TaskResultModel] = {}

    @property
    def simultaneous(self) -> bool:
        """Whether some of it can measure several targets in one go."""
        return any(planned.task.simultaneous for planned in self.plan.tasks)

    def raise_if_stopped(self) -> None:
        """Raise what ends the run, if anything does."""
        raise_pending()
        self.stopping.raise_if_set()

    def is_settled(self, number: int, target: str) -> bool:
        """Whether a task needs no measurement on a target: an earlier stretch has made it, or it is skipped here."""
        task = self.plan.tasks[number].task
        result = self._recorded(task, target)
        if result is None:
            reason = self._availability.reason_to_skip(task, self._executor.sources(task, target))
            if reason is None:
                return False
            result = self._executor.skip(task, target, reason)
        self.take(number, result)
        return True

    def measure(self, number: int, targets: Sequence[str]) -> list[TaskResultModel]:
        """Run a task on targets, in one measurement where it is simultaneous; in any thread."""
        planned = self.plan.tasks[number]
        return self._executor.run(planned.task, targets, planned.parameters)

    def take(self, number: int, *results: TaskResultModel) -> None:
        """Take in what came of a task."""
        for result in results:
            self._results[number, result.qid] = result
            self._availability.note(result)
            tell(self._progress.finished, result)

    def run_together(self, number: int, targets: Sequence[str]) -> None:
        """Run a task on all of these targets here and now; those that it does not need are settled."""
        self.raise_if_stopped()
        ready = [target for target in targets if not self.is_settled(number, target)]
        if self.plan.tasks[number].task.simultaneous:
            self.take(number, *(self.measure(number, ready) if ready else ()))
            return
        for target in ready:
            self.raise_if_stopped()
            self.take(number, *self.measure(number, [target]))

    def result(self, number: int, target: str) -> TaskResultModel:
        """Return what came of a task on a target."""
        return self._results[number, target]

    def results(self) -> list[TaskResultModel]:
        """Return every result in the order of the plan: group by group, in each task by task."""
        return [
            self._results[number, target]
            for group in self.plan.groups
            for number in self.numbers
            for target in group
        ]

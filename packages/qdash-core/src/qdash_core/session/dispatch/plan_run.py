"""One run of a plan: what has to be measured of it, and what came of each task on each target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.interrupts import raise_pending
from qdash_core.progress import tell, tell_started

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.attempts.executor import TaskExecutor
    from qdash_core.models.task import TaskResultModel
    from qdash_core.session.dispatch.availability import Availability
    from qdash_core.session.dispatch.plans import Plan
    from qdash_core.session.parts import Supervision


class PlanRun:
    """A plan on its way. A task of it is named by its number, for a plan may have one twice.

    All but `measure` belong into the thread that runs the plan.

    Parameters
    ----------
    plan : Plan
        What is run.
    executor : TaskExecutor
        Runs one task on one target, or on several in one go.
    availability : Availability
        What later tasks can rely on.
    supervision : Supervision
        Looked at between tasks, and told of every result.
    """

    def __init__(
        self, plan: Plan, executor: TaskExecutor, availability: Availability, supervision: Supervision
    ) -> None:
        self.plan = plan
        self.stopping = supervision.stopping
        self.numbers = range(len(plan.tasks))
        self._executor = executor
        self._availability = availability
        self._progress = supervision.progress
        self._results: dict[tuple[int, str], TaskResultModel] = {}

    @property
    def simultaneous(self) -> bool:
        """Whether some of it can measure several targets in one go."""
        return any(planned.task.simultaneous for planned in self.plan.tasks)

    def raise_if_stopped(self) -> None:
        """Raise what ends the run, if anything does."""
        raise_pending()
        self.stopping.raise_if_set()

    def to_be(self, number: int, target: str) -> TaskResultModel | None:
        """Return the scheduled result of a task on a target.

        None: it needs no measurement. An earlier stretch has made it, or it is skipped here; that has been taken in.
        """
        task, journal = self.plan.tasks[number].task, self._executor.journal
        result = journal.recorded(task, target)
        if result is None:
            scheduled = journal.states.ensure_task_exists(task, target)
            reason = self._availability.reason_to_skip(task, target)
            if reason is None:
                return scheduled
            result = journal.skip(scheduled, reason)
        self.take(number, result)
        return None

    def measure(self, number: int, scheduled: Sequence[TaskResultModel]) -> list[TaskResultModel]:
        """Run a task for these results, in one measurement where it is simultaneous; in any thread."""
        planned = self.plan.tasks[number]
        return self._executor.run(planned.task, scheduled, planned.parameters)

    def note_start(self, number: int, scheduled: Sequence[TaskResultModel]) -> None:
        """Tell who watches that a task is about to be measured for these results."""
        for result in scheduled:
            tell_started(self._progress, self.plan.tasks[number].task.name, result.qid)

    def take(self, number: int, *results: TaskResultModel) -> None:
        """Take in what came of a task."""
        for result in results:
            self._results[number, result.qid] = result
            self._availability.note(result)
            tell(self._progress.finished, result)

    def run_together(self, number: int, targets: Sequence[str]) -> None:
        """Run a task on all of these targets here and now; those that it does not need are settled."""
        self.raise_if_stopped()
        scheduled = [found for target in targets if (found := self.to_be(number, target)) is not None]
        if self.plan.tasks[number].task.simultaneous:
            self.note_start(number, scheduled)
            self.take(number, *(self.measure(number, scheduled) if scheduled else ()))
            return
        for result in scheduled:
            self.raise_if_stopped()
            self.note_start(number, [result])
            self.take(number, *self.measure(number, [result]))

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

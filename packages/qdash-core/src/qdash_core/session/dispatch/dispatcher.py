"""Working through a plan: each target as soon as what it needs is free, on it the tasks in the order of the flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.scheduling.makespan import best_order
from qdash_core.session.dispatch.availability import Availability
from qdash_core.session.dispatch.batches import run_in_batches
from qdash_core.session.dispatch.laboratory_timeline import LaboratoryTimeline
from qdash_core.session.dispatch.lanes import run_in_lanes
from qdash_core.session.dispatch.plan_run import PlanRun

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_core.attempts.executor import TaskExecutor
    from qdash_core.models.task import TaskResultModel
    from qdash_core.scheduling.conflicts import Conflicts
    from qdash_core.scheduling.durations import ExpectedDurations
    from qdash_core.session.dispatch.plans import Plan
    from qdash_core.session.parts import Supervision
    from qdash_core.tasks.base import BaseTask


class Dispatcher:
    """Runs plans of one execution.

    A job is a target with all tasks of the plan; it occupies what its target needs from its first task to its last.

    Parameters
    ----------
    executor : TaskExecutor
        Runs one task on one target, or on several in one go. Its backend says how many tasks may run at once, and whether
        it has a laboratory time of its own.
    durations : callable
        Returns what tasks are expected to take.
    supervision : Supervision
        Looked at between tasks, and told of every result.
    """

    def __init__(
        self,
        executor: TaskExecutor,
        durations: Callable[[Sequence[type[BaseTask]]], ExpectedDurations],
        supervision: Supervision,
    ) -> None:
        self._executor = executor
        self._backend = executor.setup.backend
        self._availability = Availability(executor.inputs)
        self._durations = durations
        self._supervision = supervision

    def run(self, plan: Plan) -> list[TaskResultModel]:
        """Run a plan and return its results, group by group, in each task by task, whenever they were measured.

        A failed task leaves out what depends on it.

        Raises
        ------
        KeyboardInterrupt
            If the run is being cancelled; says by whom, where that is known.
        QDashError
            If it may not go on.
        """
        run = PlanRun(plan, self._executor, self._availability, self._supervision)
        try:
            for conflicts in plan.parts:
                self._run_part(run, conflicts)
        except KeyboardInterrupt:
            self._supervision.stopping.raise_if_set()
            raise
        return run.results()

    def _run_part(self, run: PlanRun, conflicts: Conflicts) -> None:
        in_lanes = conflicts.limited(self._backend.max_parallel)
        if not run.simultaneous:
            conflicts = in_lanes
        if self._backend.clock is not None:
            durations = self._expected(run.plan)
            timeline = LaboratoryTimeline(run, conflicts, self._backend.clock, durations)
            timeline.work(_order(run.plan, conflicts, durations))
        elif run.simultaneous:
            run_in_batches(run, conflicts, _grouped(run.plan, conflicts), lanes=in_lanes.max_parallel)
        elif conflicts.max_parallel == 1:
            run_in_lanes(run, conflicts, _grouped(run.plan, conflicts), numbers=run.numbers)
        else:
            order = _order(run.plan, conflicts, self._expected(run.plan))
            run_in_lanes(run, conflicts, order, numbers=run.numbers)

    def _expected(self, plan: Plan) -> ExpectedDurations:
        return self._durations([planned.task for planned in plan.tasks])


def _order(plan: Plan, conflicts: Conflicts, durations: ExpectedDurations) -> Sequence[str]:
    """Return the targets in the order in which those that can begin do."""
    if len(conflicts.targets) == 1 or (not conflicts.users and conflicts.max_parallel is None):
        return conflicts.targets
    tasks = [planned.task for planned in plan.tasks]
    expected_s = {target: durations.total(tasks, target) for target in conflicts.targets}
    return best_order(conflicts, expected_s, plan.groups)


def _grouped(plan: Plan, conflicts: Conflicts) -> list[str]:
    return [target for target in plan.targets if target in conflicts.resources]

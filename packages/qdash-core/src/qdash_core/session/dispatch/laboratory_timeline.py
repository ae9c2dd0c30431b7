"""Laboratory timeline: plans in a simulated laboratory, in parallel in laboratory time."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf
from operator import itemgetter
from typing import TYPE_CHECKING

from qdash_core.models.targets import split_coupling
from qdash_core.scheduling.makespan import order_by_load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.backends.laboratory import LaboratoryTime
    from qdash_core.scheduling.conflicts import Conflicts
    from qdash_core.scheduling.durations import ExpectedDurations
    from qdash_core.session.dispatch.plan_run import PlanRun


@dataclass(frozen=True, slots=True)
class _StartedTarget:
    """Target with its start in laboratory time."""

    target: str
    start_s: float


class LaboratoryTimeline:
    """Runner of a plan in which each target starts, in laboratory time, as soon as its resources are free.

    The order in laboratory time differs from the order of computation: all targets whose start is known are measured
    in one batch. `durations` are updated with the measured ones. `ordered` tells whether the given order of targets
    is kept; otherwise the critical targets, which change with every duration that differs from its expectation, start
    first.
    """

    def __init__(
        self,
        run: PlanRun,
        conflicts: Conflicts,
        laboratory: LaboratoryTime,
        durations: ExpectedDurations,
        *,
        ordered: bool,
    ) -> None:
        self._run = run
        self._conflicts = conflicts
        self._laboratory = laboratory
        self._durations = durations
        self._ordered = ordered
        self._tasks = [planned.task for planned in run.plan.tasks]
        self._begun_s = laboratory.latest_s
        self._free_s: dict[str, float] = {}
        lanes = conflicts.max_parallel
        self._lanes_s = None if lanes is None else [self._begun_s] * lanes

    def run(self, order: Sequence[str]) -> None:
        """Run the targets. Among those that could start at the same time, the first in `order` starts."""
        waiting = list(order)
        while waiting:
            if not self._ordered:
                waiting = self._order_by_load(waiting)
            batch = self._select_batch(waiting)
            taken = {job.target for job in batch}
            waiting = [target for target in waiting if target not in taken]
            self._measure(batch)

    def _order_by_load(self, waiting: Sequence[str]) -> list[str]:
        expected_s = {target: self._durations.sum_durations(self._tasks, target) for target in waiting}
        return order_by_load(self._conflicts.only(waiting), expected_s)

    def _select_batch(self, waiting: Sequence[str]) -> list[_StartedTarget]:
        """Return targets in the order of their starts, up to the first expected end, which frees resources for others."""
        batch: list[_StartedTarget] = []
        earliest_s = {target: self._find_earliest_start_s(target) for target in waiting}
        first_end_s = inf
        while earliest_s and self._lanes_s != []:
            lane_s = self._begun_s if self._lanes_s is None else self._lanes_s[0]
            start_s, target = min(
                ((max(found_s, lane_s), target) for target, found_s in earliest_s.items()), key=itemgetter(0)
            )
            if start_s >= first_end_s:
                break
            if self._lanes_s is not None:
                heappop(self._lanes_s)
            batch.append(_StartedTarget(target, start_s))
            first_end_s = min(first_end_s, start_s + self._durations.sum_durations(self._tasks, target))
            for one in (target, *self._conflicts.neighbours[target]):
                earliest_s.pop(one, None)
        return batch

    def _find_earliest_start_s(self, target: str) -> float:
        needed = self._conflicts.resources[target]
        return max((self._free_s.get(name, self._begun_s) for name in needed), default=self._begun_s)

    def _measure(self, batch: Sequence[_StartedTarget]) -> None:
        for job in batch:
            for one in (job.target, *(split_coupling(job.target) if "-" in job.target else ())):
                self._laboratory.place(one, job.start_s)
        targets = [job.target for job in batch]
        for number in self._run.numbers:
            self._run.run_task(number, targets)
        for job in batch:
            self._end(job)

    def _end(self, job: _StartedTarget) -> None:
        end_s = self._laboratory.now_s(job.target)
        for name in self._conflicts.resources[job.target]:
            self._free_s[name] = end_s
        if self._lanes_s is not None:
            heappush(self._lanes_s, end_s)
        for number in self._run.numbers:
            result = self._run.get_result(number, job.target)
            if result.lab_s is not None:
                self._durations.learn(result.name, job.target, result.lab_s)

"""Plans in a simulated laboratory: measured one after the other here, and side by side in laboratory time."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf
from operator import itemgetter
from typing import TYPE_CHECKING

from qdash_core.models.targets import qubits_of
from qdash_core.scheduling.makespan import critical_first

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.backends.laboratory import LaboratoryTime
    from qdash_core.scheduling.conflicts import Conflicts
    from qdash_core.scheduling.durations import ExpectedDurations
    from qdash_core.session.dispatch.plan_run import PlanRun

_ENOUGH_GROUPS = 2


@dataclass(frozen=True, slots=True)
class _Job:
    """A target whose place in the laboratory's time is decided."""

    target: str
    start_s: float


class LaboratoryTimeline:
    """Runs a plan so that each target begins, in laboratory time, as soon as what it needs is free there.

    What that is in the order of the laboratory is not the order here: targets whose begin is known already are measured
    in one batch, because many at once cost the simulation little more than one.

    Parameters
    ----------
    run : PlanRun
        The plan.
    conflicts : Conflicts
        What each target occupies, and how many may be measured at once.
    laboratory : LaboratoryTime
        The clocks.
    durations : ExpectedDurations
        Learns from what is measured.
    """

    def __init__(
        self,
        run: PlanRun,
        conflicts: Conflicts,
        laboratory: LaboratoryTime,
        durations: ExpectedDurations,
    ) -> None:
        self._run = run
        self._conflicts = conflicts
        self._laboratory = laboratory
        self._durations = durations
        self._tasks = [planned.task for planned in run.plan.tasks]
        self._begun_s = laboratory.latest_s
        self._free_s: dict[str, float] = {}
        lanes = conflicts.max_parallel
        self._lanes_s = None if lanes is None else [self._begun_s] * lanes

    def work(self, order: Sequence[str]) -> None:
        """Run the plan; of targets that could begin at the same time, the first does.

        Where two groups are enough, the first and then the second is as quick as can be, however long each target takes.
        Elsewhere what is critical changes with every duration that turns out to be another one.
        """
        waiting = list(order)
        while waiting:
            if len(self._run.plan.groups) > _ENOUGH_GROUPS:
                waiting = self._critical_first(waiting)
            batch = self._batch(waiting)
            taken = {job.target for job in batch}
            waiting = [target for target in waiting if target not in taken]
            self._measure(batch)

    def _critical_first(self, waiting: Sequence[str]) -> list[str]:
        expected_s = {target: self._durations.total(self._tasks, target) for target in waiting}
        return critical_first(self._conflicts.only(waiting), expected_s)

    def _batch(self, waiting: Sequence[str]) -> list[_Job]:
        """Return targets in the order in which they begin, until one of them is expected to end: what it lets begin is not
        known before that."""
        batch: list[_Job] = []
        earliest_s = {target: self._earliest_s(target) for target in waiting}
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
            batch.append(_Job(target, start_s))
            first_end_s = min(first_end_s, start_s + self._durations.total(self._tasks, target))
            for one in (target, *self._conflicts.neighbours[target]):
                earliest_s.pop(one, None)
        return batch

    def _earliest_s(self, target: str) -> float:
        needed = self._conflicts.resources[target]
        return max((self._free_s.get(name, self._begun_s) for name in needed), default=self._begun_s)

    def _measure(self, batch: Sequence[_Job]) -> None:
        for job in batch:
            for one in (job.target, *(qubits_of(job.target) if "-" in job.target else ())):
                self._laboratory.place(one, job.start_s)
        targets = [job.target for job in batch]
        for number in self._run.numbers:
            self._run.run_together(number, targets)
        for job in batch:
            self._end(job)

    def _end(self, job: _Job) -> None:
        end_s = self._laboratory.now_s(job.target)
        for name in self._conflicts.resources[job.target]:
            self._free_s[name] = end_s
        if self._lanes_s is not None:
            heappush(self._lanes_s, end_s)
        for number in self._run.numbers:
            result = self._run.result(number, job.target)
            if result.lab_s is not None:
                self._durations.learn(result.name, job.target, result.lab_s)

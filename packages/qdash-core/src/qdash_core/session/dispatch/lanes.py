"""Several targets at once in a laboratory, each in a lane of its own: a job begins when what it needs is free."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from qdash_core.interrupts import interruptible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.models.task import TaskResultModel
    from qdash_core.scheduling.conflicts import Conflicts
    from qdash_core.session.dispatch.plan_run import PlanRun


_MAX_THREADS = 32
"""Lanes where there is no limit."""


def run_in_lanes(run: PlanRun, conflicts: Conflicts, order: Sequence[str], *, numbers: Sequence[int]) -> None:
    """Run these tasks, in order, on each of these targets, on as many at once as the conflicts allow.

    Parameters
    ----------
    order : sequence of str
        The targets; of those that can begin, the first does.
    numbers : sequence of int
        The tasks.
    """
    lanes = min(conflicts.max_parallel or _MAX_THREADS, len(order))
    if lanes <= 1:
        for target in order:
            for number in numbers:
                run.run_together(number, [target])
        return
    with ThreadPoolExecutor(lanes) as pool:
        try:
            _Lanes(run, conflicts, order, lanes, numbers, pool).work()
        except BaseException:
            # What runs is told to stop and waited for; what waits is not begun.
            run.stopping.event.set()
            pool.shutdown(cancel_futures=True)
            raise


class _Lanes:
    """The threads only measure; what begins when is decided in the thread that runs the plan."""

    def __init__(
        self,
        run: PlanRun,
        conflicts: Conflicts,
        order: Sequence[str],
        lanes: int,
        numbers: Sequence[int],
        pool: ThreadPoolExecutor,
    ) -> None:
        self._run, self._conflicts, self._lanes, self._pool = run, conflicts, lanes, pool
        self._waiting = list(order)
        self._left = {target: list(numbers) for target in order}
        self._busy: set[str] = set()
        self._running: dict[Future[list[TaskResultModel]], tuple[int, str]] = {}

    def work(self) -> None:
        while self._waiting or self._running:
            self._run.raise_if_stopped()
            self._begin()
            if not self._running:
                continue
            with interruptible():
                done, _ = wait(self._running, return_when=FIRST_COMPLETED)
            finished = [(self._running.pop(future), future) for future in done]
            for _, future in finished:
                future.result()  # what ends the run does so at once, whatever others still do
            for (number, target), future in sorted(finished, key=lambda one: one[0]):
                self._run.take(number, *future.result())
                self._run.raise_if_stopped()
                self._go_on(target)

    def _begin(self) -> None:
        """Begin on every target that can."""
        for target in [*self._waiting]:
            if len(self._busy) < self._lanes and not self._busy & self._conflicts.neighbours[target]:
                self._waiting.remove(target)
                self._busy.add(target)
                self._go_on(target)

    def _go_on(self, target: str) -> None:
        """Hand out the next task of a target that has to be measured; without one, what the target needs is free."""
        while self._left[target]:
            number = self._left[target].pop(0)
            scheduled = self._run.to_be(number, target)
            if scheduled is not None:
                self._run.note_start(number, [scheduled])
                self._running[self._pool.submit(self._run.measure, number, [scheduled])] = number, target
                return
        self._busy.remove(target)

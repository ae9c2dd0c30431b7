"""Dispatcher: run each target of a plan as soon as its resources are free, in batches or in lanes."""

from __future__ import annotations

from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from qdash_core.process.interrupts import allow_interrupts
from qdash_core.scheduling.conflicts import Conflicts
from qdash_core.session.dispatch.laboratory_timeline import LaboratoryTimeline
from qdash_core.session.dispatch.plan_run import PlanRun, ValueAvailability

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor

    from qdash_core.attempts.executor import TaskExecutor, TaskRun
    from qdash_core.models.task import TaskResultModel
    from qdash_core.scheduling.blocks import Block
    from qdash_core.scheduling.durations import ExpectedDurations
    from qdash_core.session.dispatch.plans import Plan
    from qdash_core.session.run_spec import Supervision


_MAX_THREADS = 32
"""Number of lanes if the backend has no limit."""
_BATCHES_AT_ONCE = 2
"""Number of batches that take turns: enough for one to be measured at any time."""
_ENOUGH_GROUPS = 2
"""Number of groups up to which one after another is the optimal order for all durations."""


class Dispatcher:
    """Dispatcher of the plans of one execution.

    A target occupies its resources from its first task of the plan to its last. The blocks of a plan run one after
    another. The backend of `executor` gives the limit of tasks at once, and the clock of a simulated laboratory.
    `durations` returns the expected durations of the tasks of a plan. `repeats` is as for `PlanRun`.
    """

    def __init__(
        self,
        executor: TaskExecutor,
        durations: Callable[[Plan], ExpectedDurations],
        supervision: Supervision,
        *,
        repeats: bool = True,
    ) -> None:
        self._executor = executor
        self._backend = executor.setup.backend
        self._availability = ValueAvailability(executor.inputs)
        self._read_durations = durations
        self._supervision = supervision
        self._repeats = repeats

    def run(self, plan: Plan) -> list[TaskResultModel]:
        """Run a plan and return its results by group, task and target; tasks that depend on a failed one are skipped.

        Raises
        ------
        KeyboardInterrupt
            If the run is being cancelled, with the name of the person if it is known.
        QDashError
            If the run cannot go on.
        """
        run = PlanRun(plan, self._executor, self._availability, self._supervision, repeats=self._repeats)
        try:
            for block in plan.blocks:
                self._run_block(run, block)
        except KeyboardInterrupt:
            self._supervision.stop.raise_if_set()
            raise
        return run.list_results()

    def _run_block(self, run: PlanRun, block: Block) -> None:
        in_lanes = block.conflicts.with_limit(self._backend.max_parallel)
        if not run.simultaneous:
            block = replace(block, conflicts=in_lanes)
        conflicts = block.conflicts
        if self._backend.clock is not None:
            durations = self._read_durations(run.plan)
            ordered = run.plan.ordered or len(block.groups) <= _ENOUGH_GROUPS
            timeline = LaboratoryTimeline(run, conflicts, self._backend.clock, durations, ordered=ordered)
            timeline.run(_order(run.plan, block, durations))
        elif run.simultaneous:
            _run_in_batches(run, conflicts, conflicts.targets, lanes=in_lanes.max_parallel)
        elif conflicts.max_parallel == 1:
            _run_in_lanes(run, conflicts, conflicts.targets, numbers=run.numbers)
        else:
            order = _order(run.plan, block, self._read_durations(run.plan))
            _run_in_lanes(run, conflicts, order, numbers=run.numbers)


def _order(plan: Plan, block: Block, durations: ExpectedDurations) -> Sequence[str]:
    """Return the targets of a block in the order of their priority."""
    conflicts = block.conflicts
    if len(conflicts.targets) == 1 or (not conflicts.users and conflicts.max_parallel is None):
        return conflicts.targets
    tasks = [planned.task for planned in plan.tasks]
    expected_s = {target: durations.sum_durations(tasks, target) for target in conflicts.targets}
    return block.find_order(expected_s, ordered=plan.ordered)


def _run_in_batches(run: PlanRun, conflicts: Conflicts, order: Sequence[str], *, lanes: int | None) -> None:
    """Run the plan in batches, in each the tasks in order; two batches take turns.

    While one is measured, another thread analyses and records the last task of the other: the instrument does not
    wait. All measurements are in this thread, one at a time, and results are recorded in their order.

    A batch contains all targets that can be measured together. Tasks that are not simultaneous run in lanes. A batch
    begins with the first target of `order` that remains. `lanes` is the largest number of targets of a batch on which
    a task that is not simultaneous runs at once, or None.
    """
    batches: list[list[str]] = []
    waiting = list(order)
    while waiting:
        batches.append(_select_batch(conflicts, waiting))
        waiting = [target for target in waiting if target not in batches[-1]]
    if len(batches) == 1:
        for _ in _iter_processing(run, batches[0], lanes, None):
            pass
        return
    with ThreadPoolExecutor(1, "qdash-results") as processor:
        try:
            following = (_iter_processing(run, batch, lanes, processor) for batch in batches)
            turns = deque(islice(following, _BATCHES_AT_ONCE))
            while turns:
                batch = turns.popleft()
                if next(batch, None) is not None:
                    turns.append(batch)
                else:
                    turns.extend(islice(following, 1))
        except BaseException:
            # Measured results are still recorded, unless their analysis is told to stop.
            run.stop.event.set()
            raise


def _iter_processing(
    run: PlanRun, batch: Sequence[str], lanes: int | None, processor: Executor | None
) -> Iterator[Future[None]]:
    """Run the tasks of the plan on a batch, and yield the processing of each measurement by `processor`.

    The next step waits for its end. What uses the backend otherwise is in this thread, after the processing of all
    earlier measurements: without `processor`, everything.
    """
    for number in run.numbers:
        if not run.plan.tasks[number].task.simultaneous:
            _wait_for_all(processor)
            free = Conflicts(dict.fromkeys(batch, frozenset()), lanes)
            _run_in_lanes(run, free, batch, numbers=[number])
            continue
        for waiting in run.iter_waiting_runs(number, batch):
            waiting.measure()
            if processor is None or waiting.writes_accepted:
                _wait_for_all(processor)
                waiting.process()
            else:
                yield (future := processor.submit(waiting.process))
                _wait_for(future)


def _wait_for_all(processor: Executor | None) -> None:
    """Wait until a processor, which does one after another, has ended all that it was given."""
    if processor is not None:
        _wait_for(processor.submit(lambda: None))


def _wait_for(future: Future[None]) -> None:
    with allow_interrupts():
        wait([future])
    future.result()


def _select_batch(conflicts: Conflicts, order: Sequence[str]) -> list[str]:
    """Return the first target with those that can be measured together with it; earlier targets take precedence."""
    found: list[str] = []
    for target in order:
        if len(found) == conflicts.max_parallel:
            break
        if not conflicts.neighbours[target].intersection(found):
            found.append(target)
    return found


def _run_in_lanes(
    run: PlanRun, conflicts: Conflicts, order: Sequence[str], *, numbers: Sequence[int]
) -> None:
    """Run these tasks in order on each target, on as many targets at once as the conflicts allow.

    `order` has the targets by priority. `numbers` are the numbers of the tasks in the plan.
    """
    lanes = min(conflicts.max_parallel or _MAX_THREADS, len(order))
    if lanes <= 1:
        for target in order:
            for number in numbers:
                run.run_task(number, [target])
        return
    with ThreadPoolExecutor(lanes) as pool:
        try:
            _Lanes(run, conflicts, order, lanes, numbers, pool).run()
        except BaseException:
            # Running tasks are told to stop and awaited; waiting ones do not start.
            run.stop.event.set()
            pool.shutdown(cancel_futures=True)
            raise


class _Lanes:
    """A pool of measuring threads; the thread that runs the plan chooses the task runs that they perform."""

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
        self._waiting = {target: _iter_tasks(run, numbers, target) for target in order}
        self._busy: dict[str, Iterator[TaskRun]] = {}
        self._running: dict[Future[None], str] = {}

    def run(self) -> None:
        while self._waiting or self._running:
            self._run.raise_if_stopped()
            self._start_free_targets()
            if not self._running:
                continue
            with allow_interrupts():
                done, _ = wait(self._running, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()  # an error that ends the run is raised before other results are used
            for future in [one for one in self._running if one in done]:
                self._continue(self._running.pop(future))
                self._run.raise_if_stopped()

    def _start_free_targets(self) -> None:
        """Start every target whose resources are free."""
        for target in [*self._waiting]:
            if len(self._busy) < self._lanes and not self._conflicts.neighbours[target] & self._busy.keys():
                self._busy[target] = self._waiting.pop(target)
                self._continue(target)

    def _continue(self, target: str) -> None:
        """Submit the next run of a task on a target; if there is none, free its resources."""
        following = next(self._busy[target], None)
        if following is None:
            del self._busy[target]
        else:
            self._running[self._pool.submit(following.perform)] = target


def _iter_tasks(run: PlanRun, numbers: Sequence[int], target: str) -> Iterator[TaskRun]:
    for number in numbers:
        yield from run.iter_waiting_runs(number, [target])

"""Tally of a watched run: its current stage, the measurement in progress, the time left."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from qdash_builtin.runs.progress import find_current, is_done
from qdash_core.models.task import TaskStatus
from qdash_core.process.clock import utc_now
from qdash_core.runs.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from qdash_core.models.task import TaskResultModel

    Node = tuple[str, str, int]


class StageTally:
    """Tasks that were planned together, each on each target, with their results."""

    def __init__(self, tasks: Sequence[str], targets: Sequence[str]) -> None:
        self._expected = Counter((task, target) for task in tasks for target in targets)
        self._left = Counter({target: len(tasks) for target in targets})
        self._results: dict[str, dict[Node, TaskResultModel]] = {target: {} for target in targets}
        self.targets = list(self._left)
        self.total = self._expected.total()
        """Number of expected results."""
        self.done = 0
        """Number of results so far."""
        self.pace = Pace()
        """Pace of the results since the run began or was resumed."""
        self.measured = 0
        """Number of these results."""

    def expects(self, task: str, target: str) -> bool:
        """Return whether a result of a task on a target is still expected."""
        return self._expected[task, target] > 0

    def has_result(self, node: Node) -> bool:
        """Return whether a node of the flow has a result."""
        return node in self._results.get(node[1], ())

    def results_of(self, target: str) -> list[TaskResultModel]:
        """Return the last result of each node of a target."""
        return [*self._results[target].values()]

    def is_finished(self, target: str) -> bool:
        """Return whether a target has all its results."""
        return self._left[target] == 0

    def record(self, result: TaskResultModel) -> bool:
        """Record an expected result, or one that replaces that of its node; return False if it is there already."""
        before = self._results[result.qid].get(result.node)
        if before is None:
            self._change(result, by=1)
        self._results[result.qid][result.node] = result
        return before is None or before.task_id != result.task_id

    def expect_incomplete(self) -> None:
        """Expect the incomplete results once more, at a pace that is not known yet."""
        for results in self._results.values():
            for result in [one for one in results.values() if one.status is not TaskStatus.COMPLETED]:
                del results[result.node]
                self._change(result, by=-1)
        self.pace, self.measured = Pace(), 0

    def measure(self, time_s: float) -> None:
        """Count a new result for the pace, at a time in seconds."""
        self.measured += 1
        self.pace.record(time_s, self.measured)

    def _change(self, result: TaskResultModel, *, by: int) -> None:
        self._expected[result.name, result.qid] -= by
        self._left[result.qid] -= by
        self.done += by


class Tally:
    """Tally of one run, from the events that a watcher receives.

    `record.progress` decides which results are done and which stage is the current one, and computes the same from the
    record. Earlier results count as done, but do not contribute to the time left. `clock` returns UTC; `timer` returns
    real time in seconds, also if the clock is simulated.
    """

    def __init__(
        self, clock: Callable[[], datetime] = utc_now, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._timer = timer
        self._watching_since = clock()
        self._stages: list[StageTally] = []
        self._measuring: dict[tuple[str, str], None] = {}
        self._name = ""

    @property
    def stage(self) -> StageTally | None:
        """The first stage that is not complete, otherwise the last, or None if nothing is planned."""
        at = find_current((one.done, one.total) for one in self._stages)
        return None if at < 0 else self._stages[at]

    def began(self) -> None:
        """Start, or start again: results that did not complete are expected once more."""
        for stage in self._stages:
            stage.expect_incomplete()
        self._measuring = {}

    def planned(self, tasks: Sequence[str], targets: Sequence[str]) -> StageTally:
        """Add a stage."""
        self._stages.append(StageTally(tasks, targets))
        return self._stages[-1]

    def started(self, task: str, target: str) -> None:
        """Record that a task is being measured on a target."""
        self._measuring[task, target] = None

    def finished(self, result: TaskResultModel) -> StageTally | None:
        """Record a result; return its stage if that is complete for its target.

        A cancelled result is not done; a second result of a node, of another task attempt, replaces the first one.
        """
        self._measuring.pop((result.name, result.qid), None)
        self._name = result.name
        if not is_done(result.status):
            return None
        for stage in self._stages:
            if stage.has_result(result.node):
                is_other = stage.record(result)
                return stage if is_other and stage.is_finished(result.qid) else None
        target_stage = next((one for one in self._stages if one.expects(result.name, result.qid)), None)
        if target_stage is None:
            return None
        target_stage.record(result)
        if self.is_new(result):
            target_stage.measure(self._timer())
        return target_stage if target_stage.is_finished(result.qid) else None

    def is_new(self, result: TaskResultModel) -> bool:
        """Return whether a result ended after the watcher started."""
        return result.end_at is None or result.end_at >= self._watching_since

    def describe_measurement(self) -> str:
        """Return the current measurement, such as `qubit 3: CheckT1 (+2)`, or the last task if unknown."""
        first = next(iter(self._measuring), None)
        if first is None:
            return self._name
        task, target = first
        others = len(self._measuring) - 1
        return f"{format_target(target)}: {task}{f' (+{others})' if others else ''}"

    def left_s(self) -> float | None:
        """Return the real time left for the stage at its pace, in seconds, or None if unknown."""
        stage = self.stage
        return None if stage is None else stage.pace.estimate_left_s(stage.total - stage.done, self._timer())


def format_target(target: str) -> str:
    """Return the display name of a target: `qubit 3`, `coupling 0-1`, `chip`."""
    if not target:
        return "chip"
    return f"{'coupling' if '-' in target else 'qubit'} {target}"

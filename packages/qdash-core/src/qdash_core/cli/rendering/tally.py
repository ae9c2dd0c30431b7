"""How far a run is: what was planned, what came of it, what is being measured, and how long the rest will take."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from qdash_core.models.base import utc_now
from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from qdash_core.models.task import TaskResultModel

    Node = tuple[str, str, int]


class Stage:
    """Tasks on targets that were planned together.

    Parameters
    ----------
    tasks, targets : sequence of str
        Each task on each target.
    """

    def __init__(self, tasks: Sequence[str], targets: Sequence[str]) -> None:
        self._open = Counter((task, target) for task in tasks for target in targets)
        self._left = Counter({target: len(tasks) for target in targets})
        self._results: dict[str, dict[Node, TaskResultModel]] = {target: {} for target in targets}
        self.targets = list(self._left)
        self.total = self._open.total()
        """How many results it will have."""
        self.done = 0
        """How many it has."""

    def awaits(self, task: str, target: str) -> bool:
        """Whether a result of a task on a target is to come."""
        return self._open[task, target] > 0

    def has(self, node: Node) -> bool:
        """Whether there is a result of a node of the flow."""
        return node in self._results.get(node[1], ())

    def of(self, target: str) -> list[TaskResultModel]:
        """Return what has come of a target, of each node the last."""
        return [*self._results[target].values()]

    def is_through(self, target: str) -> bool:
        """Whether nothing is to come of a target."""
        return self._left[target] == 0

    def take(self, result: TaskResultModel) -> None:
        """Take in a result that is awaited, or takes the place of an earlier one of its node."""
        if not self.has(result.node):
            self._change(result, by=1)
        self._results[result.qid][result.node] = result

    def open_again(self) -> None:
        """Await once more what has not completed."""
        for results in self._results.values():
            for result in [one for one in results.values() if one.status is not TaskStatus.COMPLETED]:
                del results[result.node]
                self._change(result, by=-1)

    def _change(self, result: TaskResultModel, *, by: int) -> None:
        self._open[result.name, result.qid] -= by
        self._left[result.qid] -= by
        self.done += by


class Tally:
    """Counts one run. What was done before somebody began to watch is done, and says nothing of how long the rest takes.

    Parameters
    ----------
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock
        self._watching_since = self._since = clock()
        self._stages: list[Stage] = []
        self._measured = 0
        self._last = self._since
        self._measuring: dict[tuple[str, str], None] = {}
        self._name = ""

    @property
    def stage(self) -> Stage | None:
        """The first stage that is not through, else the last; None: nothing is planned."""
        last = self._stages[-1] if self._stages else None
        return next((one for one in self._stages if one.done < one.total), last)

    def began(self) -> None:
        """Begin, or begin again: what has not completed is to be done once more."""
        for stage in self._stages:
            stage.open_again()
        self._measuring = {}
        self._restart()

    def planned(self, tasks: Sequence[str], targets: Sequence[str]) -> Stage:
        """Add a stage."""
        self._stages.append(Stage(tasks, targets))
        self._restart()
        return self._stages[-1]

    def started(self, task: str, target: str) -> None:
        """Note that a task is being measured on a target."""
        self._measuring[task, target] = None

    def finished(self, result: TaskResultModel) -> Stage | None:
        """Count a result; return its stage when its target is through with it.

        What was cancelled is not done; and what was done already and is told again, because it was tried again, counts once.
        """
        self._measuring.pop((result.name, result.qid), None)
        self._name = result.name
        if result.status is TaskStatus.CANCELLED:
            return None
        for stage in self._stages:
            if stage.has(result.node):
                stage.take(result)
                return None
        stage_of = next((one for one in self._stages if one.awaits(result.name, result.qid)), None)
        if stage_of is None:
            return None
        stage_of.take(result)
        if self.is_new(result):
            self._measured += 1
            self._last = self._clock()
        return stage_of if stage_of.is_through(result.qid) else None

    def is_new(self, result: TaskResultModel) -> bool:
        """Return whether a result came after somebody began to watch."""
        return result.end_at is None or result.end_at >= self._watching_since

    def measuring(self) -> str:
        """Return what is being measured, `qubit 3: CheckT1 (+2)`; where nobody tells, of what there was a result last."""
        first = next(iter(self._measuring), None)
        if first is None:
            return self._name
        task, target = first
        others = len(self._measuring) - 1
        return f"{spoken(target)}: {task}{f' (+{others})' if others else ''}"

    def left_s(self) -> float | None:
        """Return how long the rest of the stage takes if it goes on as before, in seconds; None: that is unknown."""
        stage = self.stage
        if stage is None or not self._measured:
            return None
        each_s = (self._last - self._since).total_seconds() / self._measured
        return max(0.0, each_s * (stage.total - stage.done))

    def _restart(self) -> None:
        self._since = self._last = self._clock()
        self._measured = 0


def spoken(target: str) -> str:
    """Return what a target is called: `qubit 3`, `coupling 0-1`, `chip`."""
    if not target:
        return "chip"
    return f"{'coupling' if '-' in target else 'qubit'} {target}"

"""Expected laboratory durations of tasks, from their last runs or their declarations."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_core.repositories.repositories import Repositories
    from qdash_core.tasks.base import BaseTask

_UNKNOWN_S = 1.0


class ExpectedDurations:
    """Expected durations of tasks on the targets of a chip, in seconds, updated during a run.

    Parameters
    ----------
    known : mapping of str to mapping of str to float
        Last duration of each task on each target, in seconds.
    """

    def __init__(self, known: Mapping[str, Mapping[str, float]] | None = None) -> None:
        self._known = {name: dict(found) for name, found in (known or {}).items()}
        self._medians: dict[str, float] = {}

    def get_duration(self, task: type[BaseTask], target: str) -> float:
        """Return the last duration of a task on a target, else the chip's median, else the declared one."""
        found = self._known.get(task.name)
        if not found:
            return _UNKNOWN_S if task.expected_s is None else task.expected_s
        if target in found:
            return found[target]
        if task.name not in self._medians:
            self._medians[task.name] = median(found.values())
        return self._medians[task.name]

    def sum_durations(self, tasks: Iterable[type[BaseTask]], target: str) -> float:
        """Return the total duration of sequential tasks on a target."""
        return sum(self.get_duration(task, target) for task in tasks)

    def learn(self, name: str, target: str, seconds: float) -> None:
        """Record the duration of a task on a target."""
        self._known.setdefault(name, {})[target] = seconds
        self._medians.pop(name, None)


def read_durations(
    repositories: Repositories, project_id: str, chip_id: str, tasks: Iterable[type[BaseTask]]
) -> ExpectedDurations:
    """Return the expected durations of tasks from their last durations on the targets of a chip."""
    return ExpectedDurations(
        {
            name: {
                latest.qid: latest.lab_s
                for latest in repositories.latest_results.list_by_task(project_id, chip_id, name)
                if latest.lab_s is not None
            }
            for name in dict.fromkeys(task.name for task in tasks)
        }
    )

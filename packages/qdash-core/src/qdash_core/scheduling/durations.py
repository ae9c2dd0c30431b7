"""Expected laboratory durations of tasks, from their last runs with the same run parameters or their declarations."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from qdash_core.repositories.results import LatestResultRepository
from qdash_core.tasks.run_parameters import digest_run_parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_core.models.task import LatestResultModel
    from qdash_core.repositories.repositories import Repositories
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.run_parameters import RunParameter

_UNKNOWN_S = 1.0
_SHOTS = "shots"


class ExpectedDurations:
    """Expected durations of tasks on the targets of a chip, in seconds, updated during a run.

    `known` has the last duration of each task on each target, in seconds. `factors` multiply the declared durations
    of tasks, which hold for the declared run parameters; 1 for other tasks.
    """

    def __init__(
        self,
        known: Mapping[str, Mapping[str, float]] | None = None,
        factors: Mapping[str, float] | None = None,
    ) -> None:
        self._known = {name: dict(found) for name, found in (known or {}).items()}
        self._factors = dict(factors or {})
        self._medians: dict[str, float] = {}

    def get_duration(self, task: type[BaseTask], target: str) -> float:
        """Return the last duration of a task on a target, else the chip's median, else the declared one."""
        found = self._known.get(task.name)
        if not found:
            declared_s = _UNKNOWN_S if task.expected_s is None else task.expected_s
            return declared_s * self._factors.get(task.name, 1.0)
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
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    tasks: Mapping[type[BaseTask], Mapping[str, RunParameter]],
) -> ExpectedDurations:
    """Return the expected durations of tasks from their last durations on the targets of a chip.

    Only durations with the same run parameters count. If there are none, those with the declared parameters, or the
    declared duration, are scaled by the number of shots. `tasks` has the tasks with the run parameters that they will
    have.
    """
    known, factors = {}, {}
    for task, parameters in tasks.items():
        latest = repositories.of(LatestResultRepository).list_by_task(project_id, chip_id, task.name)
        factors[task.name] = factor = _compare_shots(task.run_parameters, parameters)
        known[task.name] = _select_durations(latest, digest_run_parameters(parameters)) or {
            target: factor * seconds
            for target, seconds in _select_usual_durations(latest, task.run_parameters).items()
        }
    return ExpectedDurations(known, factors)


def _select_durations(latest: Sequence[LatestResultModel], digest: str) -> dict[str, float]:
    """Return the last durations with the run parameters of a digest, by target, in seconds."""
    return {one.qid: one.durations_s[digest] for one in latest if digest in one.durations_s}


def _select_usual_durations(
    latest: Sequence[LatestResultModel], declared: Mapping[str, RunParameter]
) -> dict[str, float]:
    """Return the last durations with the declared run parameters, else those of records older than digests."""
    return _select_durations(latest, digest_run_parameters(declared)) or {
        one.qid: one.lab_s for one in latest if one.lab_s is not None and not one.durations_s
    }


def _compare_shots(declared: Mapping[str, RunParameter], parameters: Mapping[str, RunParameter]) -> float:
    """Return the number of shots relative to the declared number; 1 if either is unknown."""
    usual, wanted = (given[_SHOTS].value if _SHOTS in given else None for given in (declared, parameters))
    return wanted / usual if usual and wanted else 1.0

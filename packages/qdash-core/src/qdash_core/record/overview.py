"""The results of a run put in order for people: what became of each task, what deserves a look, refits below what they refit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_core.models.task import TaskResultModel


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """What became of one task on all its targets.

    Parameters
    ----------
    name : str
        The task.
    became : mapping of str to int
        See `TaskResultModel.became`, to how many results.
    lab_s : float or None
        What it took in a laboratory on average, in seconds; None: nothing is known.
    """

    name: str
    became: Mapping[str, int]
    lab_s: float | None


def summaries(results: Iterable[TaskResultModel]) -> list[TaskSummary]:
    """Return what became of each task, in the order of the results."""
    by_task: dict[str, list[TaskResultModel]] = {}
    for result in results:
        by_task.setdefault(result.name, []).append(result)
    return [
        TaskSummary(name, Counter(one.became for one in own), _mean_lab_s(own))
        for name, own in by_task.items()
    ]


def flagged_of(results: Iterable[TaskResultModel]) -> int:
    """Return how many tasks completed with values that are not used. A refit is not a task of the run."""
    return sum(one.became == "flagged" and one.refit_of is None for one in results)


def deserves_a_look(result: TaskResultModel) -> bool:
    """Whether it failed, is flagged or runs. What was skipped or cancelled is so for another's sake."""
    return result.became in ("failed", "flagged", "running")


def refits_below(results: Sequence[TaskResultModel]) -> list[TaskResultModel]:
    """Return results in their order, each refit below what it analysed again."""
    measured = {one.task_id for one in results if one.refit_of is None}
    refits: dict[str, list[TaskResultModel]] = {}
    for result in results:
        if result.refit_of in measured:
            refits.setdefault(str(result.refit_of), []).append(result)
    return [
        one
        for result in results
        if result.refit_of not in measured
        for one in (result, *refits.get(result.task_id, ()))
    ]


def _mean_lab_s(results: Iterable[TaskResultModel]) -> float | None:
    times = [one.lab_s for one in results if one.lab_s is not None]
    return sum(times) / len(times) if times else None

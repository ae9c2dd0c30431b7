"""What the record tells of a task: how often it was run, how it ended, and how long it took."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from qdash_core.models.task import TaskStatus, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.models.task import Performed

MOST_RESULTS = 10_000
"""So many results may a record be made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTally:
    """How a number of results of a task went.

    Parameters
    ----------
    results, executions : int
        How many results there are, and of how many executions.
    by_status : mapping of TaskStatus to int
        How many are in each state, without zeros.
    flagged : int
        How many of the completed ones validation flagged.
    first_at, last_at : datetime or None
        When the first and the last of them was started.
    median_wall_s, median_lab_s : float or None
        Of the completed ones, in seconds: how long one took, and how long its measurement takes in a laboratory. None:
        nothing is known of it.
    """

    results: int
    executions: int
    by_status: Mapping[TaskStatus, int]
    flagged: int
    first_at: datetime | None
    last_at: datetime | None
    median_wall_s: float | None
    median_lab_s: float | None

    @classmethod
    def of(cls, results: Sequence[Performed]) -> TaskTally:
        """Return how results went."""
        started = [one.start_at for one in results if one.start_at is not None]
        completed = [one for one in results if one.status is TaskStatus.COMPLETED]
        return cls(
            results=len(results),
            executions=len({one.execution_id for one in results}),
            by_status=Counter(one.status for one in results),
            flagged=sum(one.verdict is Verdict.FLAGGED for one in completed),
            first_at=min(started, default=None),
            last_at=max(started, default=None),
            median_wall_s=_median(completed, lambda one: one.elapsed_time),
            median_lab_s=_median(completed, lambda one: one.lab_s),
        )


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """What the newest results of a task tell of it, altogether and chip by chip.

    Parameters
    ----------
    name : str
        The task.
    newest : int
        So many results were looked at, at most.
    tally : TaskTally
        Of all that were.
    chips : mapping of str to TaskTally
        Of each chip by itself, by id.
    """

    name: str
    newest: int
    tally: TaskTally
    chips: Mapping[str, TaskTally]

    @classmethod
    def of(cls, name: str, results: Sequence[Performed], *, newest: int) -> TaskRecord:
        """Return what results tell; what was only analysed again is none."""
        measured = [one for one in results if one.refit_of is None]
        chips = {
            chip_id: TaskTally.of([one for one in measured if one.chip_id == chip_id])
            for chip_id in sorted({one.chip_id for one in measured})
        }
        return cls(name, newest, TaskTally.of(measured), chips)


def _median(results: Sequence[Performed], seconds: Callable[[Performed], float | None]) -> float | None:
    known = [taken for one in results if (taken := seconds(one)) is not None]
    return median(known) if known else None

"""Statistics of a task: numbers of runs, outcomes and durations."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from qdash_core.models.task import TaskStatus, Verdict, get_verdict_in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.runs.result_times import PerformanceSummary

MOST_RESULTS = 10_000
"""Maximum number of results that a record evaluates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCounts:
    """Statistics of a number of task results and their executions; by status without zeros.

    Parameters
    ----------
    flagged : int
        Number of completed results with the verdict flagged, after decisions of users.
    first_at, last_at : datetime or None
        Start of the earliest and of the latest result.
    median_wall_s, median_lab_s : float or None
        Median duration of completed results and of their measurements in laboratory time, in seconds. None if
        unknown.
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
    def from_results(cls, results: Sequence[PerformanceSummary]) -> TaskCounts:
        """Return the statistics of results."""
        started = [one.start_at for one in results if one.start_at is not None]
        completed = [one for one in results if one.status is TaskStatus.COMPLETED]
        return cls(
            results=len(results),
            executions=len({one.execution_id for one in results}),
            by_status=Counter(one.status for one in results),
            flagged=sum(get_verdict_in_force(one) is Verdict.FLAGGED for one in completed),
            first_at=min(started, default=None),
            last_at=max(started, default=None),
            median_wall_s=_compute_median(completed, lambda one: one.elapsed_time),
            median_lab_s=_compute_median(completed, lambda one: one.lab_s),
        )


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """Statistics of the newest results of a task, at most `newest`, in total and for each chip."""

    name: str
    newest: int
    tally: TaskCounts
    chips: Mapping[str, TaskCounts]

    @classmethod
    def from_results(cls, name: str, results: Sequence[PerformanceSummary], *, newest: int) -> TaskRecord:
        """Return the statistics of results, without refits and without simulations of chips that have another backend."""
        measured = [one for one in results if one.refit_of is None and not one.simulated]
        chips = {
            chip_id: TaskCounts.from_results([one for one in measured if one.chip_id == chip_id])
            for chip_id in sorted({one.chip_id for one in measured})
        }
        return cls(name, newest, TaskCounts.from_results(measured), chips)


def _compute_median(
    results: Sequence[PerformanceSummary], seconds: Callable[[PerformanceSummary], float | None]
) -> float | None:
    known = [taken for one in results if (taken := seconds(one)) is not None]
    return median(known) if known else None

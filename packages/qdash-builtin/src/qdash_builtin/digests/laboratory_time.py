"""Laboratory time of the tasks of several runs, as pure functions."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from qdash_builtin.digests.digest import LaboratoryTime

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_builtin.digests.finished_results import FinishedResult

_Interval = tuple[float, float]


def sum_laboratory_time(results: Iterable[FinishedResult]) -> tuple[list[LaboratoryTime], float]:
    """Return the laboratory time by task, longest first, and that of all tasks together, in seconds.

    Measurements that ran at the same time count once. If laboratory time is wall time, that of a measurement is its duration, and those of
    two runs at once count once, too; a simulated laboratory has a clock for each run. Simulated results and refits use no laboratory time.
    """
    by_task: dict[str, dict[str, list[_Interval]]] = defaultdict(lambda: defaultdict(list))
    every: dict[str, list[_Interval]] = defaultdict(list)
    counts: Counter[str] = Counter()
    for one in results:
        interval = None if one.simulated or one.refit_of is not None else _find_interval(one)
        if interval is not None:
            clock = one.execution_id if _has_laboratory_clock(one) else ""
            by_task[one.name][clock].append(interval)
            every[clock].append(interval)
            counts[one.name] += 1
    times = [
        LaboratoryTime(task, counts[task], sum(map(measure_union, clocks.values())))
        for task, clocks in by_task.items()
    ]
    return sorted(times, key=lambda one: -one.seconds), sum(map(measure_union, every.values()))


def _has_laboratory_clock(result: FinishedResult) -> bool:
    return result.lab_s is not None and result.lab_start_s is not None


def _find_interval(result: FinishedResult) -> _Interval | None:
    """Return start and end of a measurement in laboratory time, or else in wall time; None if it is unknown."""
    if result.lab_s is not None and result.lab_start_s is not None:
        return result.lab_start_s, result.lab_start_s + result.lab_s
    if result.start_at is None or result.elapsed_time is None:
        return None
    start = result.start_at.timestamp()
    return start, start + result.elapsed_time


def measure_union(intervals: Sequence[_Interval]) -> float:
    """Return the length of the union of intervals."""
    total, end = 0.0, float("-inf")
    for first, last in sorted(intervals):
        total += max(0.0, last - max(first, end))
        end = max(end, last)
    return total

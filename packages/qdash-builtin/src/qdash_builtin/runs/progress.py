"""Progress of a run: planned, completed and running measurements, and the remaining time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.runs.timelines import list_nodes
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.task import TaskStatus, select_last_attempts
from qdash_core.record.run_attempts import list_attempts
from qdash_core.runs.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TimedAttempt


@dataclass(frozen=True, slots=True)
class StageProgress:
    """Progress of the current stage of a run, whose tasks are in order; the number of the first stage is 1.

    `done` and `total` are the numbers of existing and of planned results.
    """

    number: int
    tasks: Sequence[str]
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class RunProgress:
    """Progress of a run, computed from its record.

    Parameters
    ----------
    total : int
        Number of results of all stages planned so far; a flow may plan more.
    done : int
        Number of ended results; a cancelled result will be repeated and does not count.
    outcomes : mapping
        Number of nodes by the outcome of their last task attempt, without those that were being measured when the run stopped.
    stage : StageProgress or None
        The first incomplete stage, otherwise the last one; None if nothing is planned.
    measuring : sequence of (str, str)
        Task and target of each running measurement, in the order of their starts; the target of the whole chip is empty.
    running_s : float
        Wall time of all run attempts in seconds, without the time between them.
    left_s : float or None
        Remaining time of its stage at the same pace, in seconds, or None if it is unknown.
    """

    total: int
    done: int
    outcomes: Mapping[str, int]
    stage: StageProgress | None
    measuring: Sequence[tuple[str, str]]
    running_s: float
    left_s: float | None


def is_done(status: TaskStatus) -> bool:
    """Return whether a result with this status is final: it has ended and was not cancelled."""
    return status.terminal and status is not TaskStatus.CANCELLED


def find_current(stages: Iterable[tuple[int, int]]) -> int:
    """Return the index of the first incomplete stage, otherwise of the last one; -1 if there is none.

    Each stage has its numbers of existing and of planned results.
    """
    last = -1
    for last, (done, total) in enumerate(stages):
        if done < total:
            return last
    return last


def run_progress(
    execution: ExecutionModel, results: Sequence[TimedAttempt], now: datetime, *, interrupted: bool = False
) -> RunProgress:
    """Return the progress of a run, given its results and the current time.

    A run whose process is gone (`interrupted`) measures nothing, and ran until its last sign of life.
    """
    if interrupted:
        times = (moment for one in results for moment in (one.start_at, one.end_at) if moment is not None)
        now = max(times, default=execution.start_at or now)
    last = {one.node: one for one in select_last_attempts(results)}
    requested: Counter[tuple[str, str]] = Counter()
    planned = [list_nodes(stage, requested) for stage in execution.stages]
    done = [
        [last[node] for node in nodes if node in last and is_done(last[node].status)] for nodes in planned
    ]
    total = sum(map(len, planned))
    at = find_current((len(some), len(nodes)) for some, nodes in zip(done, planned, strict=True))
    running = execution.status is ExecutionStatus.RUNNING and not interrupted
    open_now = (
        [one for one in last.values() if one.status is TaskStatus.RUNNING and one.start_at] if running else []
    )
    return RunProgress(
        total=total,
        done=sum(map(len, done)),
        outcomes=Counter(
            one.outcome_in_force for one in last.values() if running or one.status is not TaskStatus.RUNNING
        ),
        stage=StageProgress(at + 1, execution.stages[at].tasks, len(done[at]), len(planned[at]))
        if planned
        else None,
        measuring=[(one.name, one.qid) for one in sorted(open_now, key=lambda one: one.start_at or now)],
        running_s=sum(
            max(0.0, ((one.end_at or now) - one.start_at).total_seconds()) for one in list_attempts(execution)
        ),
        left_s=_estimate_left_s(execution, done[at], len(planned[at]), now) if planned and running else None,
    )


def _estimate_left_s(
    execution: ExecutionModel, done: Sequence[TimedAttempt], total: int, now: datetime
) -> float | None:
    """Return the remaining time of the stage at the pace of this run attempt, in seconds, or None if it is unknown."""
    since = execution.attempts[-1].start_at if execution.attempts else execution.start_at
    ends = sorted(one.end_at for one in done if one.end_at and since and one.end_at >= since)
    pace = Pace()
    for number, end in enumerate(ends, 1):
        pace.record(end.timestamp(), number)
    return pace.estimate_left_s(total - len(done), now.timestamp())

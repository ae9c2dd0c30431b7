"""Progress of a run: what is planned, completed, being measured, and the time left."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.task import TaskStatus, last_attempts
from qdash_core.record.run_attempts import attempts_of
from qdash_core.record.timelines import nodes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TimedAttempt


@dataclass(frozen=True, slots=True)
class StageProgress:
    """Progress of the stage that a run is at.

    Parameters
    ----------
    number : int
        The first is 1.
    tasks : sequence of str
        In order, on each of its targets.
    done, total : int
        Number of results that it has, and will have.
    """

    number: int
    tasks: Sequence[str]
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class RunProgress:
    """Progress of a run, from its record.

    Parameters
    ----------
    total : int
        Number of results of all stages planned so far; a flow may plan more.
    done : int
        Number of results that have ended; a cancelled one is still to be done.
    counts : mapping
        Number of nodes by the status of their last attempt.
    stage : StageProgress or None
        The first stage that is not complete, else the last; None where nothing is planned.
    measuring : sequence of (str, str)
        Task and target of what is being measured, in the order in which it began; the target of the chip is empty.
    running_s : float
        Wall time of all run attempts in seconds, without the time between them.
    left_s : float or None
        Time that the rest of its stage takes at the same pace, in seconds; None where it is unknown.
    """

    total: int
    done: int
    counts: Mapping[str, int]
    stage: StageProgress | None
    measuring: Sequence[tuple[str, str]]
    running_s: float
    left_s: float | None


def is_done(status: TaskStatus) -> bool:
    """Return whether nothing is left to do for a result of this status: it has ended, and was not cancelled."""
    return status.terminal and status is not TaskStatus.CANCELLED


def find_current(stages: Iterable[tuple[int, int]]) -> int:
    """Return the index of the first stage that is not complete, else of the last one; -1 if there is none.

    Parameters
    ----------
    stages : iterable of (int, int)
        Number of results that each stage has, and will have.
    """
    last = -1
    for last, (done, total) in enumerate(stages):
        if done < total:
            return last
    return last


def run_progress(execution: ExecutionModel, results: Sequence[TimedAttempt], now: datetime) -> RunProgress:
    """Return the progress of a run with these results at a moment."""
    last = {one.node: one for one in last_attempts(results)}
    asked: Counter[tuple[str, str]] = Counter()
    planned = [nodes_of(stage, asked) for stage in execution.stages]
    done = [
        [last[node] for node in nodes if node in last and is_done(last[node].status)] for nodes in planned
    ]
    total = sum(map(len, planned))
    at = find_current((len(some), len(nodes)) for some, nodes in zip(done, planned, strict=True))
    running = execution.status is ExecutionStatus.RUNNING
    open_now = (
        [one for one in last.values() if one.status is TaskStatus.RUNNING and one.start_at] if running else []
    )
    return RunProgress(
        total=total,
        done=sum(map(len, done)),
        counts=Counter(str(one.status) for one in last.values()),
        stage=StageProgress(at + 1, execution.stages[at].tasks, len(done[at]), len(planned[at]))
        if planned
        else None,
        measuring=[(one.name, one.qid) for one in sorted(open_now, key=lambda one: one.start_at or now)],
        running_s=sum(((one.end_at or now) - one.start_at).total_seconds() for one in attempts_of(execution)),
        left_s=_left_s(execution, done[at], len(planned[at]), now) if planned and running else None,
    )


def _left_s(
    execution: ExecutionModel, done: Sequence[TimedAttempt], total: int, now: datetime
) -> float | None:
    """Return the time that the rest takes at the pace of what this run attempt has measured of the stage."""
    since = execution.attempts[-1].start_at if execution.attempts else execution.start_at
    ends = [one.end_at for one in done if one.end_at and one.start_at and since and one.end_at >= since]
    if not ends or since is None:
        return None
    begins = min(one.start_at for one in done if one.start_at and one.end_at and one.end_at >= since)
    each_s = (max(ends) - max(begins, since)).total_seconds() / len(ends)
    return max(0.0, each_s * (total - len(done)) - (now - max(ends)).total_seconds())

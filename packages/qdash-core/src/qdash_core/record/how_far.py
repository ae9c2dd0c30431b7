"""How far a run is, by what is recorded of it: what is planned, what came of it, what is measured, how long the rest takes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.task import TaskStatus, last_attempts
from qdash_core.record.stretches import attempts_of
from qdash_core.record.timelines import nodes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import Stretch


@dataclass(frozen=True, slots=True)
class StageSoFar:
    """The stage that a run is at.

    Parameters
    ----------
    number : int
        The first is 1.
    tasks : sequence of str
        In order, on each of its targets.
    done, total : int
        How many results it has, and will have.
    """

    number: int
    tasks: Sequence[str]
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class HowFar:
    """How far a run is.

    Parameters
    ----------
    total : int
        How many results will come of what is planned so far: a flow may plan further stages.
    done : int
        How many have come; what was cancelled is to be done.
    counts : mapping
        Results by state, of each node of the flow its last attempt.
    stage : StageSoFar or None
        The first that is not through, else the last; None: nothing is planned.
    measuring : sequence of (str, str)
        Task and target of what is being measured, in the order in which it began; the target of the chip is empty.
    running_s : float
        For how long it has been running, in seconds of the wall, without what it waited for to be resumed.
    left_s : float or None
        How long the rest of its stage takes if it goes on as before, in seconds; None: that is unknown.
    """

    total: int
    done: int
    counts: Mapping[str, int]
    stage: StageSoFar | None
    measuring: Sequence[tuple[str, str]]
    running_s: float
    left_s: float | None


def how_far(execution: ExecutionModel, results: Sequence[Stretch], now: datetime) -> HowFar:
    """Return how far a run with these results is at a moment."""
    last = {one.node: one for one in last_attempts(results)}
    asked: Counter[tuple[str, str]] = Counter()
    planned = [nodes_of(stage, asked) for stage in execution.stages]
    done = [[last[node] for node in nodes if node in last and _is_done(last[node])] for nodes in planned]
    total = sum(map(len, planned))
    at = next(
        (place for place, nodes in enumerate(planned) if len(done[place]) < len(nodes)), len(planned) - 1
    )
    running = execution.status is ExecutionStatus.RUNNING
    open_now = (
        [one for one in last.values() if one.status is TaskStatus.RUNNING and one.start_at] if running else []
    )
    return HowFar(
        total=total,
        done=sum(map(len, done)),
        counts=Counter(str(one.status) for one in last.values()),
        stage=StageSoFar(at + 1, execution.stages[at].tasks, len(done[at]), len(planned[at]))
        if planned
        else None,
        measuring=[(one.name, one.qid) for one in sorted(open_now, key=lambda one: one.start_at or now)],
        running_s=sum(((one.end_at or now) - one.start_at).total_seconds() for one in attempts_of(execution)),
        left_s=_left_s(execution, done[at], len(planned[at]), now) if planned and running else None,
    )


def _is_done(result: Stretch) -> bool:
    return result.status.terminal and result.status is not TaskStatus.CANCELLED


def _left_s(execution: ExecutionModel, done: Sequence[Stretch], total: int, now: datetime) -> float | None:
    """Return how long the rest takes at the pace of what this stretch of running has measured of the stage."""
    since = execution.attempts[-1].start_at if execution.attempts else execution.start_at
    ends = [one.end_at for one in done if one.end_at and one.start_at and since and one.end_at >= since]
    if not ends or since is None:
        return None
    begins = min(one.start_at for one in done if one.start_at and one.end_at and one.end_at >= since)
    each_s = (max(ends) - max(begins, since)).total_seconds() / len(ends)
    return max(0.0, each_s * (total - len(done)) - (now - max(ends)).total_seconds())

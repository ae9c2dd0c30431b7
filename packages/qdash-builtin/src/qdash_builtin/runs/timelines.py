"""Timelines of runs: measurements in laboratory time, and lower bounds for stages."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.models.targets import by_number
from qdash_core.record.run_attempts import list_attempts
from qdash_core.scheduling.blocks import split_groups
from qdash_core.scheduling.conflicts import Conflicts
from qdash_core.scheduling.makespan import lower_bound, sum_group_durations

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.runs.result_times import MeasurementSummary
    from qdash_core.models.execution import ExecutionModel, StageModel
    from qdash_core.models.task import Node, TaskResultModel

MOST_SPANS = 5_000
"""Approximate number of measurements that are shown at a time."""


@dataclass(frozen=True, slots=True)
class Span:
    """Measurement in laboratory time; `block` is its number in the stage, from 1, or None if the stage has no barriers."""

    target: str
    task: str
    lab_start_s: float
    lab_s: float
    block: int | None = None

    @property
    def lab_end_s(self) -> float:
        """End of the measurement, in seconds since the start of the run."""
        return self.lab_start_s + self.lab_s


@dataclass(frozen=True, slots=True)
class BlockTimes:
    """Measured start and end of a block of a stage, in laboratory seconds since the start of the run.

    Its number in the stage is from 1; the strategy is empty if none made the groups.
    """

    strategy: str
    number: int
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Laboratory time of a stage, its lower bound, and its time group by group.

    Parameters
    ----------
    makespan_s : float
        Time from the start of its first measurement to the end of its last one.
    lower_bound_s : float
        Lower bound for every schedule with the measured duration of each target.
    group_by_group_s : float
        Time if every group had waited for the one before.
    blocks : tuple of BlockTimes
        Blocks between barriers that have measurements; empty if the stage has no barriers.
    """

    stage: StageModel
    makespan_s: float
    lower_bound_s: float
    group_by_group_s: float
    blocks: tuple[BlockTimes, ...] = ()


def make_timeline(
    execution: ExecutionModel, results: Iterable[TaskResultModel | MeasurementSummary]
) -> list[Span]:
    """Return the measurements of a run, in the order of their starts.

    Without a laboratory clock a task lasts from its start to its end in wall time, including its analysis.
    """
    blocks = _number_blocks(execution)
    spans = [span for result in results if (span := _make_span(execution, result, blocks)) is not None]
    return sorted(spans, key=lambda span: (span.lab_start_s, by_number(span.target)))


def select_part(spans: Sequence[Span], after_s: float | None = None) -> tuple[list[Span], float | None]:
    """Return the measurements of a timeline that start after a given time, about `MOST_SPANS`.

    Measurements with equal starts are returned together, even if they exceed the limit.

    Returns
    -------
    spans : list of Span
        The first measurements, in order.
    next_s : float or None
        The time after which the others start, or None if there are none.
    """
    later = [one for one in spans if after_s is None or one.lab_start_s > after_s]
    if len(later) <= MOST_SPANS:
        return later, None
    cut_s = later[MOST_SPANS].lab_start_s
    part = [one for one in later if one.lab_start_s < cut_s] or [
        one for one in later if one.lab_start_s == cut_s
    ]
    return part, part[-1].lab_start_s if len(part) < len(later) else None


def list_occupied_resources(execution: ExecutionModel) -> dict[str, list[str]]:
    """Return the resources that each target of a run occupied exclusively, in any stage."""
    found: dict[str, dict[str, None]] = {}
    for stage in execution.stages:
        for target, resources in stage.resources.items():
            found.setdefault(target, {}).update(dict.fromkeys(resources))
    return {target: [*resources] for target, resources in found.items()}


def list_stage_times(
    execution: ExecutionModel, results: Iterable[TaskResultModel | MeasurementSummary]
) -> list[StageTimes]:
    """Return the times of the measured stages of a run."""
    spans: dict[Node, list[Span]] = {}
    blocks = _number_blocks(execution)
    for result in results:
        span = _make_span(execution, result, blocks)
        if span is not None:
            spans.setdefault(result.node, []).append(span)
    requested: Counter[tuple[str, str]] = Counter()
    times = []
    for stage in execution.stages:
        measured = [span for node in list_nodes(stage, requested) for span in spans.get(node, ())]
        if measured:
            times.append(_make_stage_times(stage, measured))
    return times


def list_nodes(stage: StageModel, asked: Counter[tuple[str, str]]) -> list[Node]:
    """Return the nodes of a stage; `asked` counts the earlier requests for each task on each target."""
    nodes = []
    for name in stage.tasks:
        for target in stage.resources:
            nodes.append((name, target, asked[name, target]))
            asked[name, target] += 1
    return nodes


def _make_stage_times(stage: StageModel, measured: Sequence[Span]) -> StageTimes:
    taken_s = dict.fromkeys(stage.resources, 0.0)
    for span in measured:
        taken_s[span.target] += span.lab_s
    makespan_s = max(span.lab_end_s for span in measured) - min(span.lab_start_s for span in measured)
    conflicts = Conflicts.from_stage(stage)
    return StageTimes(
        stage,
        makespan_s,
        lower_bound(conflicts, taken_s),
        sum_group_durations(stage.groups, taken_s),
        tuple(_list_block_times(stage, measured)),
    )


def _number_blocks(execution: ExecutionModel) -> dict[Node, int]:
    """Return the number of the block of each node, from 1 in each stage that has barriers."""
    found: dict[Node, int] = {}
    requested: Counter[tuple[str, str]] = Counter()
    for stage in execution.stages:
        blocks = enumerate(split_groups(stage.groups, stage.barriers), 1) if stage.barriers else ()
        number = {target: block for block, groups in blocks for group in groups for target in group}
        nodes = list_nodes(stage, requested)
        found |= {node: number[node[1]] for node in nodes if node[1] in number}
    return found


def _list_block_times(stage: StageModel, measured: Sequence[Span]) -> list[BlockTimes]:
    found: dict[int, list[Span]] = {}
    for span in measured:
        if span.block is not None:
            found.setdefault(span.block, []).append(span)
    return [
        BlockTimes(
            stage.strategy, block, min(one.lab_start_s for one in spans), max(one.lab_end_s for one in spans)
        )
        for block, spans in sorted(found.items())
    ]


def _make_span(
    execution: ExecutionModel, result: TaskResultModel | MeasurementSummary, blocks: Mapping[Node, int]
) -> Span | None:
    if result.refit_of is not None:
        return None
    if result.lab_start_s is not None and result.lab_s is not None:
        start_s, duration_s = result.lab_start_s, result.lab_s
    elif execution.lab_seconds or result.start_at is None or result.elapsed_time is None:
        return None
    else:
        start_s, duration_s = _compute_run_time_s(execution, result.start_at), result.elapsed_time
    return Span(result.qid, result.name, start_s, duration_s, blocks.get(result.node))


def _compute_run_time_s(execution: ExecutionModel, moment: datetime) -> float:
    """Return the run time of an execution up to a moment, without the time between run attempts."""
    attempts = [one for one in list_attempts(execution) if one.start_at <= moment]
    ends = [moment if one.end_at is None else min(one.end_at, moment) for one in attempts]
    return sum((end - one.start_at).total_seconds() for one, end in zip(attempts, ends, strict=True))

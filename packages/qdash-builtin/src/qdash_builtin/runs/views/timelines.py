"""View models of the measurements and stages of a run, in laboratory time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import Field

from qdash_builtin.runs.timelines import list_occupied_resources, list_stage_times, make_timeline, select_part
from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.runs.result_times import MeasurementSummary
    from qdash_builtin.runs.timelines import StageTimes
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel


class SpanDocument(Document):
    """A measurement with its start, counted from that of the run, and its duration, in seconds."""

    target: str
    """Empty for the whole chip."""
    task: str
    lab_start_s: float
    lab_s: float
    block: int | None = None
    """Number of its block in the stage, from 1; absent if the stage has no barriers."""

    @property
    def lab_end_s(self) -> float:
        """End of the measurement, in seconds since the start of the run."""
        return self.lab_start_s + self.lab_s


class PlannedStageDocument(Document):
    """A planned stage: tasks in order, on groups of targets that can be measured together."""

    tasks: list[str]
    groups: list[list[str]]
    strategy: str = ""
    """Name of the scheduling strategy; empty if none made the groups."""
    barriers: list[int] = Field(default_factory=list)
    """Numbers of the groups, from 1, that start only after the end of all earlier groups; the first group is number 0."""


class BlockDocument(Document):
    """Measured start and end of a block between two barriers, in seconds since the start of the run."""

    number: int
    """Number of the block in its stage, from 1."""
    start_s: float
    end_s: float


class StageDocument(PlannedStageDocument):
    """Duration of a stage in laboratory time and its lower bound, in seconds."""

    makespan_s: float
    lower_bound_s: float
    group_by_group_s: float
    blocks: list[BlockDocument] = Field(default_factory=list)
    """Blocks between barriers that have measurements; empty if the stage has no barriers."""

    @classmethod
    def from_times(cls, times: StageTimes) -> Self:
        """Return the view model of a stage with measurements."""
        return cls.from_record(
            times.stage,
            blocks=times.blocks,
            makespan_s=times.makespan_s,
            lower_bound_s=times.lower_bound_s,
            group_by_group_s=times.group_by_group_s,
        )


class TimelineDocument(Document):
    """Measurements and stages of a run, in laboratory time."""

    execution_id: str
    spans: list[SpanDocument]
    """In order of start; only the first ones if there are thousands."""
    next_s: float | None = None
    """Value of `after_s` for the request of the next measurements, if there are more."""
    stages: list[StageDocument]
    """Stages with measurements, in the order of the run."""
    resources: dict[str, list[str]]
    """Exclusive resources of each target during its measurements: qubits, multiplexers, modules, ZZ of
    neighbours.
    """

    @classmethod
    def from_execution(
        cls,
        execution: ExecutionModel,
        results: Sequence[MeasurementSummary | TaskResultModel],
        *,
        selected: Sequence[MeasurementSummary | TaskResultModel] | None = None,
        after_s: float | None = None,
    ) -> Self:
        """Return the view model of a run with its measurements, or those of selected results, that begin after a given time."""
        shown = results if selected is None else selected
        spans, next_s = select_part(make_timeline(execution, shown), after_s)
        return cls.from_record(
            execution,
            spans=spans,
            next_s=next_s,
            stages=[StageDocument.from_times(one) for one in list_stage_times(execution, results)],
            resources=list_occupied_resources(execution),
        )

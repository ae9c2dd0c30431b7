"""What was measured when, and how long the stages of a run took, in the laboratory's time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.record.timelines import occupied, part_of, timeline_of, times_of_stages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.models.execution import ExecutionModel, StageModel
    from qdash_core.models.task import Timed
    from qdash_core.record.timelines import Span, StageTimes

PLANNED_EXAMPLE: dict[str, Any] = {"tasks": ["CheckRabi", "CheckT1"], "groups": [["0", "2"], ["1"]]}
STAGE_EXAMPLE: dict[str, Any] = {
    **PLANNED_EXAMPLE,
    "makespan_s": 20.5,
    "lower_bound_s": 20.5,
    "group_by_group_s": 22.0,
}


SPAN_EXAMPLE: dict[str, Any] = {
    "target": "0-1",
    "task": "CheckZX90",
    "lab_start_s": 167.2,
    "lab_s": 4.5,
}


class SpanDocument(Document):
    """A measurement: its begin since the run began, and its length, in seconds."""

    model_config = ConfigDict(json_schema_extra={"examples": [SPAN_EXAMPLE]})

    target: str
    """Empty: the chip."""
    task: str
    lab_start_s: float
    lab_s: float

    @classmethod
    def of(cls, span: Span) -> Self:
        """Return the document of a measurement."""
        return cls(target=span.target, task=span.task, lab_start_s=span.lab_start_s, lab_s=span.lab_s)


class PlannedStageDocument(Document):
    """A stage as it was planned: its tasks, in order, on targets that are measured group by group."""

    model_config = ConfigDict(json_schema_extra={"examples": [PLANNED_EXAMPLE]})

    tasks: list[str]
    groups: list[list[str]]

    @classmethod
    def of(cls, stage: StageModel) -> Self:
        """Return the document of a stage."""
        return cls(tasks=stage.tasks, groups=stage.groups)


class StageDocument(Document):
    """How long a stage took in the laboratory, and what it could have taken, in seconds."""

    model_config = ConfigDict(json_schema_extra={"examples": [STAGE_EXAMPLE]})

    tasks: list[str]
    groups: list[list[str]]
    makespan_s: float
    lower_bound_s: float
    group_by_group_s: float

    @classmethod
    def of(cls, times: StageTimes) -> Self:
        """Return the document of a stage in which something was measured."""
        return cls(
            tasks=times.stage.tasks,
            groups=times.stage.groups,
            makespan_s=times.makespan_s,
            lower_bound_s=times.lower_bound_s,
            group_by_group_s=times.group_by_group_s,
        )


class TimelineDocument(Document):
    """What a run measured when, in the laboratory's time, and how long its stages took."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "execution_id": "20261121-001",
                    "spans": [SPAN_EXAMPLE],
                    "stages": [STAGE_EXAMPLE],
                    "resources": {"0-1": ["qubit 0", "qubit 1"]},
                }
            ]
        }
    )

    execution_id: str
    spans: list[SpanDocument]
    """In the order in which they began: the first ones, where there are thousands."""
    next_s: float | None = None
    """Where there are more: `after_s` of the question for them."""
    stages: list[StageDocument]
    """Those in which something was measured, in the order of the run."""
    resources: dict[str, list[str]]
    """What each target occupied alone while it was measured, in whatever stage: qubits, multiplexers, modules, ZZ of neighbours."""

    @classmethod
    def of(cls, execution: ExecutionModel, results: Sequence[Timed], *, after_s: float | None = None) -> Self:
        """Return the document of a run and all its results, with the measurements that begin later than a moment."""
        spans, next_s = part_of(timeline_of(execution, results), after_s)
        return cls(
            execution_id=execution.execution_id,
            spans=[SpanDocument.of(one) for one in spans],
            next_s=next_s,
            stages=[StageDocument.of(one) for one in times_of_stages(execution, results)],
            resources=occupied(execution),
        )

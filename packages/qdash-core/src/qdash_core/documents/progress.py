"""What doors show of how far a run is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.execution import ExecutionStatus

if TYPE_CHECKING:
    from qdash_core.record.how_far import HowFar
    from qdash_core.record.listing import SeenExecution

_STAGE: dict[str, Any] = {"number": 2, "tasks": ["CheckRabi", "CheckT1"], "done": 11, "total": 14}
_MEASURED: dict[str, Any] = {"task": "CheckT1", "target": "3"}


class StageProgressDocument(Document):
    """The stage that a run is at."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STAGE]})

    number: int
    """The first is 1."""
    tasks: list[str]
    done: int
    total: int


class MeasuredDocument(Document):
    """A task that is being measured on a target."""

    model_config = ConfigDict(json_schema_extra={"examples": [_MEASURED]})

    task: str
    target: str
    """Empty: the chip."""


class ProgressDocument(Document):
    """How far a run is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "execution_id": "20261121-001",
                    "chip_id": "a",
                    "name": "bring-up",
                    "status": "running",
                    "message": "",
                    "total": 42,
                    "done": 39,
                    "counts": {"completed": 38, "failed": 1, "running": 2},
                    "stage": _STAGE,
                    "measuring": [_MEASURED],
                    "running_s": 93.2,
                    "left_s": 7.1,
                }
            ]
        }
    )

    execution_id: str
    chip_id: str
    name: str
    status: ExecutionStatus
    interrupted: bool | None = None
    """True where it is `running` and its process has died."""
    cancel_requested: bool | None = None
    """True where somebody has asked for its end, and it goes on still."""
    message: str
    total: int
    """How many results will come of what is planned so far; a flow may plan more."""
    done: int
    counts: dict[str, int]
    """Results by state, of each task on each target the last attempt."""
    stage: StageProgressDocument | None = None
    """The first that is not through, else the last; absent: nothing is planned."""
    measuring: list[MeasuredDocument]
    """In the order in which it began."""
    running_s: float
    """For how long it has been running, in seconds of the wall."""
    left_s: float | None = None
    """How long the rest of its stage takes at the pace so far; absent: unknown."""

    @classmethod
    def of(cls, seen: SeenExecution, far: HowFar) -> Self:
        """Return the document of an execution and how far it is."""
        execution, stage = seen.execution, far.stage
        return cls(
            execution_id=execution.execution_id,
            chip_id=execution.chip_id,
            name=execution.name,
            status=execution.status,
            interrupted=seen.interrupted or None,
            cancel_requested=(execution.cancel_request is not None and not execution.status.terminal) or None,
            message=execution.message,
            total=far.total,
            done=far.done,
            counts=dict(far.counts),
            stage=stage
            and StageProgressDocument(
                number=stage.number, tasks=list(stage.tasks), done=stage.done, total=stage.total
            ),
            measuring=[MeasuredDocument(task=task, target=target) for task, target in far.measuring],
            running_s=far.running_s,
            left_s=far.left_s,
        )

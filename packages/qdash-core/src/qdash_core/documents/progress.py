"""View models of the progress of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.task import count_statuses

if TYPE_CHECKING:
    from qdash_core.record.execution_lists import DisplayedExecution
    from qdash_core.record.progress import RunProgress

_STAGE: dict[str, Any] = {"number": 2, "tasks": ["CheckRabi", "CheckT1"], "done": 11, "total": 14}
_MEASURED: dict[str, Any] = {"task": "CheckT1", "target": "3"}


class StageProgressDocument(Document):
    """Progress of the current stage of a run."""

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
    """Empty for the whole chip."""


class ProgressDocument(Document):
    """Progress of a run."""

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
                    "outcomes": {"accepted": 37, "flagged": 1, "failed": 1, "running": 2},
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
    interrupted: OmitEmpty[bool] = None
    """True if the status is `running` and the process has died."""
    cancel_requested: OmitEmpty[bool] = None
    """True if cancellation was requested and the run has not ended yet."""
    message: str
    total: int
    """Number of results planned so far; a flow may plan more."""
    done: int
    counts: dict[str, int]
    """Results by status; only the last attempt at each task on each target counts."""
    outcomes: dict[str, int]
    """The same by outcome: the verdict of a completed result that has one, otherwise the status."""
    stage: StageProgressDocument | None = None
    """The first unfinished stage, otherwise the last one; absent if nothing is planned."""
    measuring: list[MeasuredDocument]
    """In order of start."""
    running_s: float
    """Elapsed time since the start, in seconds."""
    left_s: float | None = None
    """Time left for the stage in seconds, extrapolated from its pace so far; absent until that is known."""

    @classmethod
    def from_progress(cls, displayed: DisplayedExecution, progress: RunProgress) -> Self:
        """Return the view model of an execution and its progress."""
        execution = displayed.execution
        return cls.from_record(
            progress,
            execution_id=execution.execution_id,
            chip_id=execution.chip_id,
            name=execution.name,
            status=execution.status,
            interrupted=displayed.interrupted,
            cancel_requested=execution.cancel_request is not None and not execution.status.terminal,
            message=execution.message,
            counts=count_statuses(progress.outcomes),
            measuring=[MeasuredDocument(task=task, target=target) for task, target in progress.measuring],
        )

"""View models of the progress of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.task import count_statuses

if TYPE_CHECKING:
    from qdash_builtin.runs.execution_lists import DisplayedExecution
    from qdash_builtin.runs.progress import RunProgress


class StageProgressDocument(Document):
    """Progress of the current stage of a run."""

    number: int
    """The first is 1."""
    tasks: list[str]
    done: int
    total: int


class MeasuredDocument(Document):
    """A task that is being measured on a target."""

    task: str
    target: str
    """Empty for the whole chip."""


class ProgressDocument(Document):
    """Progress of a run."""

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

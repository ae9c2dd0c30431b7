"""Executions, their numbering, their lock, and what they leave behind."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from qdash_core.models.base import Record, UtcDatetime, utc_now


class ExecutionStatus(StrEnum):
    """State of an execution."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        """Whether the state is final (but for a resume)."""
        return self in EXECUTION_ENDS


EXECUTION_ENDS = frozenset({ExecutionStatus.COMPLETED, ExecutionStatus.FAILED, ExecutionStatus.CANCELLED})

EXECUTION_TRANSITIONS: dict[ExecutionStatus, frozenset[ExecutionStatus]] = {
    ExecutionStatus.SCHEDULED: frozenset({ExecutionStatus.RUNNING, ExecutionStatus.CANCELLED}),
    ExecutionStatus.RUNNING: EXECUTION_ENDS,
}


class ExecutionModel(Record):
    """One run. Results are documents of their own, found by `execution_id`."""

    project_id: str
    username: str
    name: str
    execution_id: str
    chip_id: str
    calib_data_path: str = ""
    note: dict[str, Any] = {}
    status: ExecutionStatus = ExecutionStatus.SCHEDULED
    tags: list[str] = []
    message: str = ""
    tasks: dict[str, int] = {}
    """Results by state, written when the run ends."""
    start_at: UtcDatetime | None = None
    end_at: UtcDatetime | None = None
    elapsed_time: float | None = None
    """Seconds of wall time."""
    lab_seconds: float | None = None
    """Seconds that the measurements take in a laboratory."""


class ExecutionCounterModel(Record):
    """The number of the last execution of a project on a date."""

    project_id: str
    date: str
    username: str = ""
    chip_id: str = ""
    index: int = 0


class ExecutionLockModel(Record):
    """A lease on a project: who runs, and until when if it is not renewed."""

    project_id: str
    owner: str
    host: str
    pid: int
    process_start: float
    """When the process started, as its host counts: a reused pid is not the same process."""
    execution_id: str = ""
    acquired_at: UtcDatetime
    expires_at: UtcDatetime


class CalibrationNoteModel(Record):
    """The laboratory library's calibration note, as it stood after a task."""

    project_id: str
    username: str
    chip_id: str
    execution_id: str
    task_id: str
    note: dict[str, Any]
    timestamp: UtcDatetime = Field(default_factory=utc_now)


class EventModel(Record):
    """Something that happened, for those who listen. Numbered by the store."""

    seq: int = 0
    project_id: str
    kind: str
    """`execution.running`, `task.completed`, ...: what it is about, and the state that was reached."""
    chip_id: str = ""
    execution_id: str = ""
    task_id: str = ""
    data: dict[str, Any] = {}

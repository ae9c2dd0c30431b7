"""View models of the statistics of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from qdash_core.results.task_records import TaskCounts, TaskRecord

_TALLY: dict[str, Any] = {
    "results": 254,
    "executions": 2,
    "by_status": {"completed": 250, "failed": 4},
    "flagged": 3,
    "first_at": "2026-11-19T21:04:00Z",
    "last_at": "2026-11-20T21:07:30Z",
    "median_wall_s": 0.12,
    "median_lab_s": 10.5,
}


class TaskTallyDocument(Document):
    """Statistics of a number of results of a task."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TALLY]})

    results: int
    """Number of started results, without refits."""
    executions: int
    by_status: dict[TaskStatus, int]
    """Number of results by status, without zeros."""
    flagged: int
    """Number of completed results with the verdict flagged."""
    first_at: UtcDatetime | None = None
    """Start of the earliest result."""
    last_at: UtcDatetime | None = None
    median_wall_s: float | None = None
    """Median duration of a completed result; absent if unknown."""
    median_lab_s: float | None = None
    """Median duration of the measurement of a completed result, in laboratory time."""

    @classmethod
    def from_tally(cls, tally: TaskCounts) -> Self:
        """Return the view model of the statistics."""
        return cls(
            results=tally.results,
            executions=tally.executions,
            by_status=dict(tally.by_status),
            flagged=tally.flagged,
            first_at=tally.first_at,
            last_at=tally.last_at,
            median_wall_s=tally.median_wall_s,
            median_lab_s=tally.median_lab_s,
        )


class TaskRecordDocument(Document):
    """Statistics of the newest results of a task, in total and for each chip."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "CheckT1", "newest": 1000, "tally": _TALLY, "chips": {"lab": _TALLY}}]
        }
    )

    name: str
    newest: int
    """Maximum number of evaluated results."""
    tally: TaskTallyDocument
    chips: dict[str, TaskTallyDocument]

    @classmethod
    def from_record(cls, record: TaskRecord) -> Self:
        """Return the view model of a task's statistics."""
        return cls(
            name=record.name,
            newest=record.newest,
            tally=TaskTallyDocument.from_tally(record.tally),
            chips={chip_id: TaskTallyDocument.from_tally(tally) for chip_id, tally in record.chips.items()},
        )

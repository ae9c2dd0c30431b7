"""View models of the statistics of a task."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.task import TaskStatus

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

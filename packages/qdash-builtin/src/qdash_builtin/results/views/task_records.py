"""View models of the statistics of a task."""

from __future__ import annotations

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.task import TaskStatus


class TaskTallyDocument(Document):
    """Statistics of a number of results of a task."""

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

    name: str
    newest: int
    """Maximum number of evaluated results."""
    tally: TaskTallyDocument
    chips: dict[str, TaskTallyDocument]

"""What the record tells of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from qdash_core.results.task_records import TaskRecord, TaskTally

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
    """How a number of results of a task went."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TALLY]})

    results: int
    """How many were started; what was only analysed again is not among them."""
    executions: int
    by_status: dict[TaskStatus, int]
    """How many are in each state, without zeros."""
    flagged: int
    """How many of the completed ones validation flagged."""
    first_at: UtcDatetime | None = None
    """When the first of them was started."""
    last_at: UtcDatetime | None = None
    median_wall_s: float | None = None
    """How long a completed one took; absent where that is not known."""
    median_lab_s: float | None = None
    """How long the measurement of a completed one takes in a laboratory."""

    @classmethod
    def of(cls, tally: TaskTally) -> Self:
        """Return the document of how results went."""
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
    """What the newest results of a task tell of it, altogether and chip by chip."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "CheckT1", "newest": 1000, "tally": _TALLY, "chips": {"lab": _TALLY}}]
        }
    )

    name: str
    newest: int
    """So many results were looked at, at most."""
    tally: TaskTallyDocument
    chips: dict[str, TaskTallyDocument]

    @classmethod
    def of(cls, record: TaskRecord) -> Self:
        """Return the document of a record."""
        return cls(
            name=record.name,
            newest=record.newest,
            tally=TaskTallyDocument.of(record.tally),
            chips={chip_id: TaskTallyDocument.of(tally) for chip_id, tally in record.chips.items()},
        )

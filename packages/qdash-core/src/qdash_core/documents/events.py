"""View model of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_core.models.execution import EventModel


class EventDocument(Document):
    """An event of a project."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "seq": 1207,
                    "at": "2026-11-21T06:14:25.118204Z",
                    "kind": "task.completed",
                    "project_id": "default",
                    "chip_id": "a",
                    "execution_id": "20261121-001",
                    "task_id": "0d9ff2a6c1aa4b3b8e54b4bb1c7b1f0e",
                    "data": {"name": "CheckT1", "qid": "3", "message": "", "verdict": "accepted"},
                }
            ]
        }
    )

    seq: int
    """Sequence number; it rises in the order in which the events of a project became visible."""
    at: UtcDatetime
    kind: str
    """Subject and new state: `execution.running`, `task.completed`, ..."""
    project_id: str
    chip_id: str | None = None
    execution_id: str | None = None
    task_id: str | None = None
    data: dict[str, Any]
    """Further details, which depend on the kind."""

    @classmethod
    def from_event(cls, event: EventModel) -> Self:
        """Return the view model of an event."""
        return cls(
            seq=event.seq,
            at=event.created_at,
            kind=event.kind,
            project_id=event.project_id,
            chip_id=event.chip_id or None,
            execution_id=event.execution_id or None,
            task_id=event.task_id or None,
            data=event.data,
        )

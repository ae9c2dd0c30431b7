"""View model of events."""

from __future__ import annotations

from typing import Any

from pydantic import AliasPath, ConfigDict, Field

from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime


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
    at: UtcDatetime = Field(validation_alias=AliasPath("created_at"))
    kind: str
    """Subject and new state: `execution.running`, `task.completed`, ..."""
    project_id: str
    chip_id: OmitEmpty[str] = None
    execution_id: OmitEmpty[str] = None
    task_id: OmitEmpty[str] = None
    data: dict[str, Any]
    """Further details, which depend on the kind."""

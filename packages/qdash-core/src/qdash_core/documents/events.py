"""View model of events."""

from __future__ import annotations

from typing import Any

from pydantic import AliasPath, Field

from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime


class EventDocument(Document):
    """An event of a project."""

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

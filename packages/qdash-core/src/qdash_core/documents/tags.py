"""View model of tags."""

from __future__ import annotations

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime


class TagDocument(Document):
    """A tag of a project."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "nightly", "username": "alice", "created_at": "2026-11-20T08:30:00Z"}]
        }
    )

    name: str
    username: str
    """The user who used it first."""
    created_at: UtcDatetime

"""View model of tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_core.models.project import TagModel


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

    @classmethod
    def from_tag(cls, tag: TagModel) -> Self:
        """Return the view model of a tag."""
        return cls(name=tag.name, username=tag.username, created_at=tag.created_at)

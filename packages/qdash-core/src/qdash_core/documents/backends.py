"""View model of the backends of a project."""

from __future__ import annotations

from pydantic import AliasPath, ConfigDict, Field

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime


class BackendDocument(Document):
    """A backend that is installed or was used in the project."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "fake",
                    "installed": True,
                    "used_first_by": "alice",
                    "used_since": "2026-11-20T08:30:00Z",
                }
            ]
        }
    )

    name: str
    installed: bool
    """True if the backend is installed where the host runs."""
    used_first_by: str | None = Field(default=None, validation_alias=AliasPath("used", "username"))
    used_since: UtcDatetime | None = Field(default=None, validation_alias=AliasPath("used", "created_at"))

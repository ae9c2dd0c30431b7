"""View model of the backends of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_core.projects.backends import BackendView


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
    used_first_by: str | None = None
    used_since: UtcDatetime | None = None

    @classmethod
    def from_backend(cls, backend: BackendView) -> Self:
        """Return the view model of a backend."""
        used = backend.used
        return cls(
            name=backend.name,
            installed=backend.installed,
            used_first_by=None if used is None else used.username,
            used_since=None if used is None else used.created_at,
        )

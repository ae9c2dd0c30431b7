"""View model of the backends of a project."""

from __future__ import annotations

from pydantic import AliasPath, Field

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime


class BackendDocument(Document):
    """A backend that is installed or was used in the project."""

    name: str
    installed: bool
    """True if the backend is installed where the host runs."""
    simulated: bool
    """True if the backend is installed and simulates measurements."""
    used_first_by: str | None = Field(default=None, validation_alias=AliasPath("used", "username"))
    used_since: UtcDatetime | None = Field(default=None, validation_alias=AliasPath("used", "created_at"))

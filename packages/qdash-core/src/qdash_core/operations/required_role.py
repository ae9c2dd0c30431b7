"""Required roles of operations."""

from __future__ import annotations

from enum import StrEnum

from qdash_core.models.project import ProjectRole


class RequiredRole(StrEnum):
    """Minimum role of a caller; `OPEN` needs no token, and `SELF` any valid token."""

    OPEN = "open"
    SELF = "self"
    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"
    ADMINISTRATOR = "administrator"

    @property
    def role(self) -> ProjectRole | None:
        """Equivalent role in the project of the request, or None if the route concerns no project."""
        return (
            ProjectRole(self)
            if self in (RequiredRole.VIEWER, RequiredRole.EDITOR, RequiredRole.OWNER)
            else None
        )

"""Checked access of a user to a project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import AccessDeniedError

if TYPE_CHECKING:
    from qdash_core.models.project import ProjectRole


@dataclass(frozen=True, slots=True)
class Access:
    """A user's access to a project, as services require it. Only `qdash.access` creates it.

    `role` is the user's role in the project, or a lower one where `limited_by` restricts it. `limited_by` is the
    credential that restricts the role, as messages name it, or None.
    """

    username: str
    project_id: str
    role: ProjectRole
    limited_by: str | None = None

    def require(self, role: ProjectRole) -> None:
        """Raise AccessDeniedError unless the user has this role or one that includes it."""
        if not self.role.includes(role):
            if self.limited_by:
                raise AccessDeniedError(
                    f"{self.limited_by} makes user {self.username!r} {self.role} of project {self.project_id!r} at most, "
                    f"and this takes {role}: act by one of a wider scope"
                )
            raise AccessDeniedError(
                f"user {self.username!r} is {self.role} of project {self.project_id!r}, and this takes {role}: "
                "an owner of the project can change that"
            )

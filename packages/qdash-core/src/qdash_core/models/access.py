"""Access as a value: who acts in which project, with which role, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import AccessDeniedError

if TYPE_CHECKING:
    from qdash_core.models.project import ProjectRole


@dataclass(frozen=True, slots=True)
class Access:
    """A user in a project: what services ask for, and what only `qdash.access` gives.

    Parameters
    ----------
    username : str
        Who acts.
    project_id : str
        Where.
    role : ProjectRole
        The role that the user has there.
    """

    username: str
    project_id: str
    role: ProjectRole

    def require(self, role: ProjectRole) -> None:
        """Refuse with AccessDeniedError unless the user has this role, or one that includes it."""
        if not self.role.includes(role):
            raise AccessDeniedError(
                f"user {self.username!r} is {self.role} of project {self.project_id!r}, and this takes {role}: "
                "an owner of the project can change that"
            )

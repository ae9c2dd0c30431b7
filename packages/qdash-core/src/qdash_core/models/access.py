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
        The role that the user has there, or less where `limited_by` says so.
    limited_by : str or None
        What they act by and is not to do all that they may, as a person reads it; None: nothing of the kind.
    """

    username: str
    project_id: str
    role: ProjectRole
    limited_by: str | None = None

    def require(self, role: ProjectRole) -> None:
        """Refuse with AccessDeniedError unless the user has this role, or one that includes it."""
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

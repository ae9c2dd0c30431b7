"""Required roles of operations."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from qdash_core.models.project import ProjectRole
from qdash_core.models.token import TokenScope

if TYPE_CHECKING:
    from qdash_core.models.caller import Caller


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


def require_role(caller: Caller, needs: RequiredRole, *, reads: bool) -> None:
    """Refuse a caller without the role that an operation requires.

    Parameters
    ----------
    caller : Caller
        Authenticated caller.
    needs : RequiredRole
        Required role; not `OPEN`, which has no caller.
    reads : bool
        Whether the request changes nothing; otherwise the token needs the write scope, whatever the role.

    Raises
    ------
    AccessDeniedError, NotFoundError
        If the caller lacks the role or the scope.
    """
    if not reads and needs is not RequiredRole.VIEWER:
        caller.require_scope(TokenScope.WRITE)
    if needs is RequiredRole.ADMINISTRATOR:
        caller.require_administrator()
    elif needs.role is not None:
        caller.access.require(needs.role)

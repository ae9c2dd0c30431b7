"""What a route asks of its caller."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from qdash_core.models.project import ProjectRole
from qdash_core.models.token import TokenScope

if TYPE_CHECKING:
    from qdash_core.projects.callers import Caller


class Needs(StrEnum):
    """The least that a caller has to be; `OPEN` asks for no token, and `SELF` for any good one."""

    OPEN = "open"
    SELF = "self"
    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"
    ADMINISTRATOR = "administrator"

    @property
    def role(self) -> ProjectRole | None:
        """The role in the project of the request that this is; None: it is about no project."""
        return ProjectRole(self) if self in (Needs.VIEWER, Needs.EDITOR, Needs.OWNER) else None


def require(caller: Caller, needs: Needs, *, reads: bool) -> None:
    """Refuse a caller who is less than a route asks for.

    Parameters
    ----------
    caller : Caller
        Who calls.
    needs : Needs
        The least that they have to be; not `OPEN`, where there is no caller.
    reads : bool
        Whether nothing is changed; else the token has to be one for writing, whatever the route needs.

    Raises
    ------
    AccessDeniedError, NotFoundError
        If it is so.
    """
    if not reads and needs is not Needs.VIEWER:
        caller.require_scope(TokenScope.WRITE)
    if needs is Needs.ADMINISTRATOR:
        caller.require_administrator()
    elif needs.role is not None:
        caller.access.require(needs.role)

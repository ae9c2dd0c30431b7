"""Check of the role that an operation requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.token import TokenScope
from qdash_core.operations.required_role import RequiredRole

if TYPE_CHECKING:
    from qdash_core.models.caller import Caller


def require_role(caller: Caller, needs: RequiredRole, *, reads: bool) -> None:
    """Refuse a caller without the role that an operation requires.

    The role is not `OPEN`, which has no caller. Unless the request `reads`, the token needs the write scope, whatever
    the role. Raises AccessDeniedError or NotFoundError if the caller lacks the role or the scope.
    """
    if not reads and needs is not RequiredRole.VIEWER:
        caller.require_scope(TokenScope.WRITE)
    if needs is RequiredRole.ADMINISTRATOR:
        caller.require_administrator()
    elif needs.role is not None:
        caller.access.require(needs.role)

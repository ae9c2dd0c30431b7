"""Who calls: from the token and the project of a request to a user with an access."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_api.guarding.needs import Needs
from qdash_core.errors import AccessDeniedError, QDashError
from qdash_core.models.project import ProjectRole
from qdash_core.models.token import TokenScope
from qdash_core.projects.access import require_administrator
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_core.application import QDash
    from qdash_core.models.access import Access
    from qdash_core.models.token import AccessTokenModel

_ROLES = {
    Needs.VIEWER: ProjectRole.VIEWER,
    Needs.EDITOR: ProjectRole.EDITOR,
    Needs.OWNER: ProjectRole.OWNER,
}
_ALL_SCOPES = (TokenScope.READ, TokenScope.WRITE, TokenScope.ADMIN)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who has sent a request.

    Attributes
    ----------
    access
        To the project of the request; None: there is none, for the reason in `refusal`.
    """

    username: str
    token: AccessTokenModel
    access: Access | None
    refusal: QDashError | None = None

    def access_or_refusal(self) -> Access:
        """Return the access; raise why there is none."""
        if self.access is None:
            assert self.refusal is not None
            raise self.refusal
        return self.access


def caller_of(qdash: QDash, secret: str, project_id: str | None) -> Caller | None:
    """Return who has this secret, with the access to a project; None: nobody has."""
    token = qdash.tokens.verify(secret)
    if token is None:
        return None
    try:
        return Caller(token.username, token, qdash.access(token.username, project_id))
    except QDashError as error:
        return Caller(token.username, token, None, error)


def require(qdash: QDash, caller: Caller, needs: Needs, *, reads: bool) -> None:
    """Refuse a caller who is less than a route asks for.

    Raises
    ------
    AccessDeniedError, NotFoundError
        If it is so.
    """
    _require_scope(caller, needs, reads=reads)
    if needs in _ROLES:
        caller.access_or_refusal().require(_ROLES[needs])
    elif needs is Needs.ADMINISTRATOR:
        require_administrator(Repositories(qdash.store), caller.username)


def _require_scope(caller: Caller, needs: Needs, *, reads: bool) -> None:
    least = TokenScope.READ if reads else TokenScope.WRITE
    if needs is Needs.ADMINISTRATOR:
        least = TokenScope.ADMIN
    if _ALL_SCOPES.index(caller.token.scope) < _ALL_SCOPES.index(least):
        raise AccessDeniedError(
            f"token {caller.token.name!r} is for scope {caller.token.scope}, and this takes {least}"
        )

"""Authenticated caller of the host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import AccessDeniedError, QDashError
from qdash_core.models.token import TokenScope

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.token import AccessTokenModel


@dataclass(frozen=True, slots=True)
class Caller:
    """Authenticated caller, with the access to the requested project.

    The token is not stored if a plugin authenticated the caller. `project` is the access to the requested project, at
    most the scope of the token, or the error that refuses it. `owns_default` tells whether the user owns project
    `default`, and so administers the store with a token of scope `admin`.
    """

    username: str
    token: AccessTokenModel
    project: Access | QDashError
    owns_default: bool

    @property
    def access(self) -> Access:
        """Access to the requested project; raises the error that denies it."""
        if isinstance(self.project, QDashError):
            raise self.project
        return self.project

    @property
    def administers(self) -> bool:
        """True if the caller administers the store with this token."""
        return self.owns_default and self.token.scope is TokenScope.ADMIN

    def require_scope(self, scope: TokenScope) -> None:
        """Raise AccessDeniedError if the token has a narrower scope."""
        if not self.token.scope.includes(scope):
            raise AccessDeniedError(
                f"{self.token.description} is of scope {self.token.scope}, and this takes {scope}: act by one of a wider scope"
            )

    def require_administrator(self) -> None:
        """Raise AccessDeniedError if the caller does not administer the store, or not by this token."""
        if not self.owns_default:
            raise AccessDeniedError(
                f"user {self.username!r} does not administer this store: owners of project 'default' do"
            )
        self.require_scope(TokenScope.ADMIN)

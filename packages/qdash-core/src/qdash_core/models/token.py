"""Access tokens for the API."""

from datetime import timedelta
from enum import StrEnum
from typing import Literal

from qdash_core.models.base import Record, UtcDatetime
from qdash_core.models.project import ProjectRole

USUAL_LIFE = timedelta(days=30)
"""Default lifetime of a token."""


class TokenScope(StrEnum):
    """Rights of a token; each scope includes those before it."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def includes(self, scope: "TokenScope") -> bool:
        """Return whether this scope permits everything that `scope` permits."""
        ranks = list(TokenScope)
        return ranks.index(self) >= ranks.index(scope)

    @property
    def role(self) -> ProjectRole:
        """Highest project role of a user who acts with a token of this scope."""
        return (ProjectRole.VIEWER, ProjectRole.EDITOR, ProjectRole.OWNER)[list(TokenScope).index(self)]


class AccessTokenModel(Record):
    """A token of a user, without its secret."""

    token_hash: str
    """Hexadecimal SHA-256 of the secret."""
    user_id: str
    username: str
    name: str
    kind: Literal["token", "session"] = "token"
    """`session`: made by logging in, and ended by logging out."""
    scope: TokenScope = TokenScope.READ
    expires_at: UtcDatetime | None = None
    """None if it never expires."""
    last_used_at: UtcDatetime | None = None
    """Rounded down to the minute."""

    @property
    def description(self) -> str:
        """Kind and name: `token 'night'`."""
        return f"{self.kind} {self.name!r}"

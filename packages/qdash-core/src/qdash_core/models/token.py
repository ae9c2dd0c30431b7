"""Tokens by which programs and people act through the API."""

from datetime import timedelta
from enum import StrEnum
from typing import Literal

from qdash_core.models.base import Record, UtcDatetime
from qdash_core.models.project import ProjectRole

USUAL_LIFE = timedelta(days=30)
"""So long a token holds of which nothing else is said."""


class TokenScope(StrEnum):
    """What may be done with a token; each includes those before it."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def includes(self, scope: "TokenScope") -> bool:
        """Whether what may be done with `scope` may be done with this one."""
        ranks = list(TokenScope)
        return ranks.index(self) >= ranks.index(scope)

    @property
    def role(self) -> ProjectRole:
        """The most that somebody is in a project when they act by a token of this scope."""
        return (ProjectRole.VIEWER, ProjectRole.EDITOR, ProjectRole.OWNER)[list(TokenScope).index(self)]


class AccessTokenModel(Record):
    """A token of a user, without its secret."""

    token_hash: str
    """SHA-256 of the secret, in hexadecimal."""
    user_id: str
    username: str
    name: str
    kind: Literal["token", "session"] = "token"
    """`session`: made by logging in, and ended by logging out."""
    scope: TokenScope = TokenScope.READ
    expires_at: UtcDatetime | None = None
    """None: never."""
    last_used_at: UtcDatetime | None = None
    """To the minute."""

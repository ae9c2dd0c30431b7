"""Tokens by which programs and people act through the API."""

from enum import StrEnum

from qdash_core.models.base import Record, UtcDatetime


class TokenScope(StrEnum):
    """What may be done with a token; each includes those before it."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class AccessTokenModel(Record):
    """A token of a user, without its secret."""

    token_hash: str
    """SHA-256 of the secret, in hexadecimal."""
    user_id: str
    username: str
    name: str
    scope: TokenScope = TokenScope.READ
    expires_at: UtcDatetime | None = None
    """None: never."""
    last_used_at: UtcDatetime | None = None
    """To the minute."""

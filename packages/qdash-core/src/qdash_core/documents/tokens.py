"""What doors show of tokens, sessions and set-up links. A secret is in what makes it, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.token import TokenScope

if TYPE_CHECKING:
    from pydantic.config import JsonDict

    from qdash_core.models.token import AccessTokenModel
    from qdash_core.projects.logins import SetUpLink
    from qdash_core.projects.sessions import Session

_TOKEN: JsonDict = {
    "name": "night-shift",
    "kind": "token",
    "scope": "write",
    "username": "alice",
    "created_at": "2026-04-01T09:00:00Z",
    "expires_at": "2026-05-01T09:00:00Z",
    "last_used_at": "2026-04-02T17:41:00Z",
}


class TokenDocument(Document):
    """A token of a user, without its secret."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TOKEN]})

    name: str
    kind: Literal["token", "session"]
    """`session`: made by logging in, and ended by logging out."""
    scope: TokenScope
    username: str
    created_at: UtcDatetime
    expires_at: UtcDatetime | None = None
    """Absent: never."""
    last_used_at: UtcDatetime | None = None
    """To the minute."""

    @classmethod
    def of(cls, token: AccessTokenModel) -> Self:
        """Return the document of a token."""
        return cls._like(token)


class NewTokenDocument(Document):
    """A token that was made just now, with its secret, which is shown this once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"secret": "qdash_Zm9yIGV4YW1wbGUsIG5vdCBhIHNlY3JldCBhdCBhbGw", "token": _TOKEN}]
        }
    )

    secret: str
    token: TokenDocument

    @classmethod
    def of(cls, secret: str, token: AccessTokenModel) -> Self:
        """Return the document of a new token."""
        return cls(secret=secret, token=TokenDocument.of(token))


class RevokedTokenDocument(Document):
    """A token that holds no longer."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "night-shift", "username": "alice", "revoked": True}]}
    )

    name: str
    username: str
    revoked: Literal[True] = True


class SessionDocument(Document):
    """A login: `token` goes into `Authorization: Bearer TOKEN` until it expires or is logged out."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "token": "qdash_Zm9yIGV4YW1wbGUsIG5vdCBhIHNlY3JldCBhdCBhbGw",
                    "username": "alice",
                    "expires_at": "2026-04-01T21:00:00Z",
                }
            ]
        }
    )

    token: str
    username: str
    expires_at: UtcDatetime

    @classmethod
    def of(cls, session: Session) -> Self:
        """Return the document of a login."""
        ends = session.token.expires_at
        assert ends is not None, "a session ends"
        return cls(token=session.secret, username=session.token.username, expires_at=ends)


class SetUpLinkDocument(Document):
    """A link by which a user sets their password, once: `code` goes into the body of `POST /auth/setup`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "username": "alice",
                    "code": "Zm9yIGV4YW1wbGUsIG5vdCBhIHNlY3JldCBhdCBhbGw",
                    "path": "/auth/setup#Zm9yIGV4YW1wbGUsIG5vdCBhIHNlY3JldCBhdCBhbGw",
                    "expires_at": "2026-04-02T09:00:00Z",
                }
            ]
        }
    )

    username: str
    code: str
    path: str
    """Of the page behind the address of the host. What follows `#` is sent to nobody."""
    expires_at: UtcDatetime

    @classmethod
    def of(cls, link: SetUpLink) -> Self:
        """Return the document of a link."""
        return cls(
            username=link.username,
            code=link.code,
            path=f"/auth/setup#{link.code}",
            expires_at=link.expires_at,
        )

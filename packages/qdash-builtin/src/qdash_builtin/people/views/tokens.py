"""View models of tokens, login sessions and set-up links; only new ones carry a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.token import TokenScope

if TYPE_CHECKING:
    from qdash_builtin.people.logins import SetUpLink
    from qdash_builtin.people.sessions import LoginSession
    from qdash_core.models.token import AccessTokenModel
    from qdash_core.settings import Settings


class TokenDocument(Document):
    """A token of a user, without its secret."""

    name: str
    kind: Literal["token", "session"]
    """`session` if made by logging in; logging out ends it."""
    scope: TokenScope
    username: str
    created_at: UtcDatetime
    expires_at: UtcDatetime | None = None
    """Absent if it never expires."""
    last_used_at: UtcDatetime | None = None
    """To the minute."""


class NewTokenDocument(Document):
    """A new token with its secret, which is shown only once."""

    secret: str
    token: TokenDocument

    @classmethod
    def from_token(cls, secret: str, token: AccessTokenModel) -> Self:
        """Return the view model of a new token."""
        return cls(secret=secret, token=TokenDocument.from_record(token))


class RevokedTokenDocument(Document):
    """A revoked token."""

    name: str
    username: str
    revoked: Literal[True] = True


class SessionDocument(Document):
    """A login session: send `token` as `Authorization: Bearer TOKEN` until it expires or is logged out."""

    token: str
    username: str
    expires_at: UtcDatetime

    @classmethod
    def from_session(cls, session: LoginSession) -> Self:
        """Return the view model of a login."""
        ends = session.token.expires_at
        assert ends is not None, "a session ends"
        return cls(token=session.secret, username=session.token.username, expires_at=ends)


class SetUpLinkDocument(Document):
    """A one-time link to set a user's password: `code` goes into the body of `POST /auth/setup`."""

    username: str
    code: str
    path: str
    """Path of the page on the host. Browsers do not send the part after `#`."""
    expires_at: UtcDatetime
    url: str
    """URL of the page of the dashboard if one is set, otherwise of the host."""

    @classmethod
    def from_link(cls, link: SetUpLink, settings: Settings) -> Self:
        """Return the view model of a link to the pages of the settings."""
        url = link.make_url(settings.api_url.rstrip("/"), settings.dashboard_url)
        return cls.from_record(link, path=f"/auth/setup#{link.code}", url=url)

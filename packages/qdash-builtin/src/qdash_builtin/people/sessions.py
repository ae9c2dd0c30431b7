"""Login sessions: tokens made by a login and ended by logout, a new password or time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_builtin.people.repositories.tokens import AccessTokenRepository
from qdash_builtin.people.token_secrets import hash_secret, is_expired, make_secret
from qdash_core.models.token import AccessTokenModel, TokenScope

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from qdash_core.models.project import UserModel
    from qdash_core.repositories.repositories import Repositories

SESSION = "session-"
"""Prefix of the names of login sessions. No other token has it."""
_MOST = 50
"""Maximum number of login sessions of a user. A further login ends the oldest."""


@dataclass(frozen=True, slots=True)
class LoginSession:
    """Login session of a user: its secret, which is not stored, and its stored token."""

    secret: str = field(repr=False)
    token: AccessTokenModel


def begin_login_session(
    repositories: Repositories, user: UserModel, *, life: timedelta, now: datetime
) -> LoginSession:
    """Create a login session; remove the user's expired sessions, and the oldest above the limit."""
    for place, token in enumerate(reversed(_list_sessions(repositories, user))):
        if is_expired(token, now) or place >= _MOST - 1:
            repositories.of(AccessTokenRepository).remove(token)
    secret = make_secret()
    token = AccessTokenModel(
        token_hash=hash_secret(secret),
        user_id=user.user_id,
        username=user.username,
        name=f"{SESSION}{secrets.token_hex(4)}",
        kind="session",
        scope=TokenScope.ADMIN,
        expires_at=now + life,
        created_at=now,
    )
    repositories.of(AccessTokenRepository).put(token)
    return LoginSession(secret, token)


def end_sessions(repositories: Repositories, user: UserModel, *, but: AccessTokenModel | None = None) -> None:
    """End the login sessions of a user except one, so that an old password gives no access."""
    for token in _list_sessions(repositories, user):
        if but is None or token.token_hash != but.token_hash:
            repositories.of(AccessTokenRepository).remove(token)


def _list_sessions(repositories: Repositories, user: UserModel) -> list[AccessTokenModel]:
    """Return the sessions of a user, the oldest first."""
    found = (
        token
        for token in repositories.of(AccessTokenRepository).list_by_user(user.user_id)
        if token.kind == "session"
    )
    return sorted(found, key=lambda token: token.created_at)

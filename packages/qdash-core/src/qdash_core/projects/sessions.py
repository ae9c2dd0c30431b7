"""Sessions: tokens that logging in makes, and logging out, another password or their end takes away."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.models.token import AccessTokenModel, TokenScope
from qdash_core.projects.token_secrets import hash_of, is_over, new_secret

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from qdash_core.models.project import UserModel
    from qdash_core.repositories.repositories import Repositories

SESSION = "session-"
"""So the names of sessions begin, and no other token's."""
_MOST = 50
"""So many logins of a user hold at once: whoever logs in more often has forgotten the oldest."""


@dataclass(frozen=True, slots=True)
class Session:
    """What somebody has who has logged in.

    Parameters
    ----------
    secret : str
        By which they act; it is not kept.
    token : AccessTokenModel
        What is kept.
    """

    secret: str = field(repr=False)
    token: AccessTokenModel


def begin_session(repositories: Repositories, user: UserModel, *, life: timedelta, now: datetime) -> Session:
    """Make the token of a login; the user's sessions that are over go, and the oldest of too many."""
    for place, token in enumerate(reversed(_sessions(repositories, user))):
        if is_over(token, now) or place >= _MOST - 1:
            repositories.tokens.remove(token)
    secret = new_secret()
    token = AccessTokenModel(
        token_hash=hash_of(secret),
        user_id=user.user_id,
        username=user.username,
        name=f"{SESSION}{secrets.token_hex(4)}",
        kind="session",
        scope=TokenScope.ADMIN,
        expires_at=now + life,
        created_at=now,
    )
    repositories.tokens.put(token)
    return Session(secret, token)


def end_sessions(repositories: Repositories, user: UserModel, *, but: AccessTokenModel | None = None) -> None:
    """End what a user has logged in to, but for one session: whoever knew an old password is out."""
    for token in _sessions(repositories, user):
        if but is None or token.token_hash != but.token_hash:
            repositories.tokens.remove(token)


def _sessions(repositories: Repositories, user: UserModel) -> list[AccessTokenModel]:
    """Return the sessions of a user, the oldest first."""
    found = (token for token in repositories.tokens.of_user(user.user_id) if token.kind == "session")
    return sorted(found, key=lambda token: token.created_at)

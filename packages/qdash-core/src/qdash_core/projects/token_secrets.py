"""Secrets of tokens: random, shown once, kept as a hash, and what one proves."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.project import UserModel
    from qdash_core.models.token import AccessTokenModel
    from qdash_core.repositories.repositories import Repositories

_PREFIX = "qdash_"
"""By it people and scanners of repositories see what it is."""

_SECRET_BYTES = 32


def new_secret() -> str:
    """Return a secret that nobody guesses."""
    return _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def hash_of(secret: str) -> str:
    """Return the SHA-256 of a secret. It is random and long: nothing slower is needed to keep it from being guessed."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def valid_token(
    repositories: Repositories, secret: str, *, now: datetime
) -> tuple[AccessTokenModel, UserModel] | None:
    """Return the token that a secret belongs to, and whose it is; None when it is not, or no longer, good."""
    token = repositories.tokens.find(hash_of(secret))
    if token is None or is_over(token, now):
        return None
    user = repositories.users.find(token.username)
    if user is None or user.disabled or user.user_id != token.user_id:
        return None
    return token, user


def is_over(token: AccessTokenModel, now: datetime) -> bool:
    """Whether a token has expired."""
    return token.expires_at is not None and token.expires_at <= now

"""Secrets of tokens."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from qdash_builtin.people.repositories.tokens import AccessTokenRepository
from qdash_core.repositories.identity import UserRepository

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.project import UserModel
    from qdash_core.models.token import AccessTokenModel
    from qdash_core.repositories.repositories import Repositories

_PREFIX = "qdash_"
"""Prefix by which people and secret scanners recognise a token."""

_SECRET_BYTES = 32


def make_secret() -> str:
    """Return a new random secret."""
    return _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a secret. Secrets are random and long, so they need no slower hash."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def find_valid_token(
    repositories: Repositories, secret: str, *, now: datetime
) -> tuple[AccessTokenModel, UserModel] | None:
    """Return the valid token of a secret and its user, or None if there is none."""
    token = repositories.of(AccessTokenRepository).find(hash_secret(secret))
    if token is None or is_expired(token, now):
        return None
    user = repositories.of(UserRepository).find(token.username)
    if user is None or user.disabled or user.user_id != token.user_id:
        return None
    return token, user


def is_expired(token: AccessTokenModel, now: datetime) -> bool:
    """Return whether a token has expired."""
    return token.expires_at is not None and token.expires_at <= now

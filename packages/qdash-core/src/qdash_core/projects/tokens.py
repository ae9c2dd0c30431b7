"""Tokens: made, checked, listed, revoked. A secret is shown once, and never kept."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_core.models.base import utc_now
from qdash_core.models.token import AccessTokenModel, TokenScope
from qdash_core.projects.access import acting_user, require_self_or_administrator
from qdash_core.projects.members import USE_IS_NOTED_EVERY
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.repositories.store import Store

_PREFIX = "qdash_"
"""By it people and scanners of repositories see what it is."""

_SECRET_BYTES = 32


class TokenService:
    """Tokens of one store.

    Parameters
    ----------
    store : Store
        Where they are kept.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def create(
        self,
        username: str,
        name: str,
        *,
        scope: TokenScope = TokenScope.READ,
        expires_at: datetime | None = None,
    ) -> tuple[str, AccessTokenModel]:
        """Make a token of one's own and return its secret, which is not kept, and what is kept.

        Parameters
        ----------
        username, name : str
            Who acts, and under which name: one of several that the user may have.
        scope : TokenScope
            What may be done with it.
        expires_at : datetime or None
            When it ends; None: never.

        Raises
        ------
        AccessDeniedError
            If there is no such user, or the user is disabled.
        InvalidInputError, ConflictError
            If it has no name, would have ended already, or the user has one of this name.
        """
        if not name.strip():
            raise InvalidInputError("a token needs a name, by which it can be revoked")
        if expires_at is not None and expires_at <= self._clock():
            raise InvalidInputError(f"a token that expires at {expires_at.isoformat()} would be of no use")
        secret = _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            user = acting_user(repositories, username)
            if any(token.name == name for token in repositories.tokens.of_user(user.user_id)):
                raise ConflictError(
                    f"user {username} has a token {name!r} already: revoke it, or take another name"
                )
            token = AccessTokenModel(
                token_hash=_hash(secret),
                user_id=user.user_id,
                username=username,
                name=name,
                scope=scope,
                expires_at=expires_at,
                created_at=self._clock(),
            )
            repositories.tokens.put(token)
        return secret, token

    def verify(self, secret: str) -> AccessTokenModel | None:
        """Return the token that a secret belongs to, and note its use; None when it is not, or no longer, good."""
        now = self._clock()
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            token = repositories.tokens.find(_hash(secret))
            if token is None or (token.expires_at is not None and token.expires_at <= now):
                return None
            user = repositories.users.find(token.username)
            if user is None or user.disabled or user.user_id != token.user_id:
                return None
        if token.last_used_at is not None and now - token.last_used_at < USE_IS_NOTED_EVERY:
            return token
        return self._note_use(token, now)

    def _note_use(self, token: AccessTokenModel, now: datetime) -> AccessTokenModel | None:
        with self._store.transaction(durable=False) as transaction:
            tokens = Repositories(transaction).tokens
            if tokens.find(token.token_hash) is None:  # revoked meanwhile: not to be written again
                return None
            used = token.model_copy(update={"last_used_at": now, "updated_at": now})
            tokens.put(used)
        return used

    def of_user(self, username: str, *, by: str) -> list[AccessTokenModel]:
        """Return the tokens of a user, by name, for that user or an administrator.

        Raises
        ------
        NotFoundError, AccessDeniedError
            If there is no such user, or `by` is somebody else and no administrator.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            require_self_or_administrator(repositories, username, by)
            return repositories.tokens.of_user(repositories.users.require(username).user_id)

    def revoke(self, username: str, name: str, *, by: str) -> None:
        """End a token now, as its user or an administrator.

        Raises
        ------
        NotFoundError, AccessDeniedError
            If there is no such user or token, or `by` is somebody else and no administrator.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            require_self_or_administrator(repositories, username, by)
            tokens = repositories.tokens.of_user(repositories.users.require(username).user_id)
            for token in tokens:
                if token.name == name:
                    repositories.tokens.remove(token)
                    return
        known = ", ".join(token.name for token in tokens) or "none"
        raise NotFoundError(f"user {username} has no token {name!r} (known: {known})")


def _hash(secret: str) -> str:
    """Return the SHA-256 of a secret. It is random and long: nothing slower is needed to keep it from being guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()

"""Service for access tokens. A secret is shown once and never stored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qdash_builtin.people.access_checks import require_self_or_administrator
from qdash_builtin.people.repositories.tokens import AccessTokenRepository
from qdash_builtin.people.sessions import SESSION
from qdash_builtin.people.token_secrets import hash_secret, make_secret
from qdash_core.access.checks import get_acting_user
from qdash_core.access.enrolment import USE_IS_NOTED_EVERY
from qdash_core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError
from qdash_core.models.pages import Page
from qdash_core.models.token import AccessTokenModel, TokenScope
from qdash_core.parsing.similar_names import suggest
from qdash_core.process.clock import machine_now
from qdash_core.repositories.identity import UserRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.models.pages import PageRequest
    from qdash_core.repositories.store import Store

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class TokenService:
    """Tokens of one store."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = machine_now) -> None:
        self._store = store
        self._clock = clock

    def create(
        self,
        username: str,
        name: str,
        *,
        scope: TokenScope = TokenScope.READ,
        expires_at: datetime | None = None,
        under: AccessTokenModel | None = None,
        limits_to_parent: bool = False,
    ) -> tuple[str, AccessTokenModel]:
        """Create a token for the acting user; return its secret, which is not stored, and its record.

        Its name tells the user's tokens apart; it never expires if `expires_at` is None.

        Parameters
        ----------
        under : AccessTokenModel or None
            The token that authenticates the request, or None. The new token exceeds neither its scope nor,
            unless it is a login session, its expiry.
        limits_to_parent : bool
            Whether the new token ends with `under` if it would exceed its expiry, instead of being refused.

        Raises
        ------
        AccessDeniedError
            If there is no such user, the user is disabled, or the new token would exceed `under`.
        InvalidInputError, ConflictError
            If the name is invalid, the expiry is past, or the user has a token of this name.
        """
        _require_name(name)
        if expires_at is not None and expires_at <= self._clock():
            raise InvalidInputError(f"a token that expires at {expires_at.isoformat()} would be of no use")
        if under is not None:
            if limits_to_parent and _outlives(under, expires_at):
                expires_at = under.expires_at
            _require_no_more(under, scope, expires_at)
        secret = make_secret()
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            user = get_acting_user(repositories, username)
            if any(
                token.name == name
                for token in repositories.of(AccessTokenRepository).list_by_user(user.user_id)
            ):
                raise ConflictError(
                    f"user {username} has a token {name!r} already: revoke it, or take another name"
                )
            token = AccessTokenModel(
                token_hash=hash_secret(secret),
                user_id=user.user_id,
                username=username,
                name=name,
                scope=scope,
                expires_at=expires_at,
                created_at=self._clock(),
            )
            repositories.of(AccessTokenRepository).put(token)
        return secret, token

    def record_use(self, token: AccessTokenModel) -> None:
        """Record that a token was used, at most once a minute."""
        now = self._clock()
        if token.last_used_at is not None and now - token.last_used_at < USE_IS_NOTED_EVERY:
            return
        with self._store.transaction(durable=False) as transaction:
            tokens = Repositories(transaction).of(AccessTokenRepository)
            if (
                tokens.find(token.token_hash) is not None
            ):  # a token revoked meanwhile must not be written again
                tokens.put(token.model_copy(update={"last_used_at": now, "updated_at": now}))

    def end(self, token: AccessTokenModel) -> None:
        """End a token on behalf of its holder, as at logout."""
        Repositories(self._store).of(AccessTokenRepository).remove(token)

    def page(self, username: str, request: PageRequest, *, by: str) -> Page[AccessTokenModel]:
        """Return a page of `list_by_user`, tokens before login sessions; raise the same errors."""
        return Page.from_all_items(
            self.list_by_user(username, by=by), request, lambda one: (int(one.kind != "token"), one.name)
        )

    def list_by_user(self, username: str, *, by: str) -> list[AccessTokenModel]:
        """Return the tokens of a user, by name, for that user or an administrator.

        Raises
        ------
        NotFoundError, AccessDeniedError
            If there is no such user, or `by` is somebody else and no administrator.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            require_self_or_administrator(repositories, username, by)
            return repositories.of(AccessTokenRepository).list_by_user(
                repositories.of(UserRepository).require(username).user_id
            )

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
            tokens = repositories.of(AccessTokenRepository).list_by_user(
                repositories.of(UserRepository).require(username).user_id
            )
            for token in tokens:
                if token.name == name:
                    repositories.of(AccessTokenRepository).remove(token)
                    return
        known = [token.name for token in tokens]
        raise NotFoundError(
            f"user {username} has no token {name!r}{suggest(name, known)} (known: {', '.join(known) or 'none'})"
        )


def _require_no_more(under: AccessTokenModel, scope: TokenScope, expires_at: datetime | None) -> None:
    if not under.scope.includes(scope):
        raise AccessDeniedError(
            f"{under.kind} {under.name!r} is of scope {under.scope}: it makes no token of scope {scope}"
        )
    if under.expires_at is not None and _outlives(under, expires_at):
        raise AccessDeniedError(
            f"token {under.name!r} ends {under.expires_at.isoformat()}: it makes no token that outlives it; log in instead"
        )


def _outlives(under: AccessTokenModel, expires_at: datetime | None) -> bool:
    """Return whether a new token would hold longer than the token that makes it, which a login session allows."""
    if under.kind == "session" or under.expires_at is None:
        return False
    return expires_at is None or expires_at > under.expires_at


def _require_name(name: str) -> None:
    """Raise InvalidInputError if a name cannot be part of a path, or is reserved for login sessions."""
    if not _NAME.fullmatch(name) or name.startswith(SESSION):
        raise InvalidInputError(
            f"name {name!r} of a token: up to 64 letters, digits, `_`, `-` and `.`, beginning with a letter or a "
            f"digit, and not with `{SESSION}`, which logins are called"
        )

"""Authentication of the host's callers by token, or by a plugin."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_builtin.people.token_secrets import find_valid_token
from qdash_core.access.checks import get_membership, grants_administration, is_administrator
from qdash_core.errors import LoginError, QDashError, StoreError
from qdash_core.models.access import Access
from qdash_core.models.caller import Caller
from qdash_core.models.project import DEFAULT_PROJECT
from qdash_core.models.token import AccessTokenModel, TokenScope
from qdash_core.process.clock import machine_now
from qdash_core.repositories.identity import UserRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_builtin.people.logins import LoginService
    from qdash_builtin.people.use_recorder import UseRecorder
    from qdash_core.models.authentication import AuthenticationAttempt
    from qdash_core.models.project import ProjectMembershipModel, UserModel
    from qdash_core.repositories.store import Store


_UNAUTHENTICATED = (
    "a valid token is required: send `Authorization: Bearer TOKEN` with a token from `POST /auth/login` or "
    "`qdash token create`"
)
_NOT_SET_UP = (
    "no user has a password yet: open the set-up link that the host printed when it started, or create a token on its "
    "machine with `qdash token create`"
)


class TokenAuthenticator:
    """Authenticator of callers of one store by their tokens.

    Parameters
    ----------
    store : Store
        It is only read: `UseRecorder` records the use.
    identify : callable
        Returns the name of the user whom a plugin recognises in an attempt, or None.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime] = machine_now,
        identify: Callable[[AuthenticationAttempt], str | None] = lambda _: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._identify = identify

    def authenticate(
        self, secret: str, project_id: str | None = None, attempt: AuthenticationAttempt | None = None
    ) -> Caller | None:
        """Return the caller with this secret or of this attempt, and the access to a project, or None if nobody is recognised.

        Parameters
        ----------
        secret : str
            Secret of a token, or empty.
        project_id : str or None
            None for the user's default project.
        attempt : AuthenticationAttempt or None
            The request, for plugins that recognise callers without a valid token, or None to ask none.
        """
        caller = self._find_caller(secret, None, project_id) if secret else None
        if caller is not None or attempt is None:
            return caller
        username = self._identify(attempt)
        return None if username is None else self._find_caller("", username, project_id)

    def _find_caller(self, secret: str, username: str | None, project_id: str | None) -> Caller | None:
        """Return the caller with a secret, or a present user by name who acts as after a login."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            found = (
                find_valid_token(repositories, secret, now=self._clock())
                if username is None
                else _make_session(repositories, username, now=self._clock())
            )
            if found is None:
                return None
            token, user = found
            membership = _find_membership(repositories, user, project_id)
            owns_default = _owns_default(repositories, user, membership)
        return Caller(user.username, token, _limit_to_token(membership, token), owns_default)


class HostAuthenticator(TokenAuthenticator):
    """Authenticator of the callers of a host, a `qdash_core.Authenticator`; it closes `uses`.

    `logins` makes the first set-up link, and knows whether it is needed. The rest is that of a `TokenAuthenticator`.
    """

    def __init__(
        self,
        store: Store,
        logins: LoginService,
        uses: UseRecorder,
        *,
        identify: Callable[[AuthenticationAttempt], str | None],
    ) -> None:
        super().__init__(store, identify=identify)
        self._logins, self._uses = logins, uses
        self._has_been_set_up = False

    def make_refusal(self) -> LoginError:
        """Return the error for a caller who is not recognised, which says what to do."""
        self._has_been_set_up = self._has_been_set_up or not self._logins.needs_set_up()
        if self._has_been_set_up:
            return LoginError(_UNAUTHENTICATED)
        return LoginError(_NOT_SET_UP, needs_set_up=True)

    def record_use(self, caller: Caller) -> None:
        """Note that a caller uses the host now."""
        self._uses.record(caller)

    def list_first_steps(self, url: str, dashboard_url: str | None) -> list[str]:
        """Return how to set the first password, with a new set-up link; nothing if a user has a password."""
        link = self._logins.make_first_link()
        if link is None:
            return []
        body = json.dumps({"code": link.code, "password": "..."})
        return [
            f"no user has a password yet; set that of {link.username} with this link, which is valid once, for 24 hours:",
            f"  {link.make_url(url, dashboard_url)}",
            f"or from a terminal: curl {url}/auth/setup -H 'content-type: application/json' -d '{body}'",
        ]

    def close(self) -> None:
        """Write the pending uses, unless the store is locked."""
        self._uses.close()


def _make_session(
    repositories: Repositories, username: str, *, now: datetime
) -> tuple[AccessTokenModel, UserModel] | None:
    """Return a token for one request, which is not stored, and its user; None for an unknown or disabled user."""
    user = repositories.of(UserRepository).find(username)
    if user is None or user.disabled:
        return None
    token = AccessTokenModel(
        token_hash=f"plugin {user.user_id}",  # the hash of no secret
        user_id=user.user_id,
        username=user.username,
        name="plugin",
        kind="session",
        scope=TokenScope.ADMIN,
        created_at=now,
    )
    return token, user


def _find_membership(
    repositories: Repositories, user: UserModel, project_id: str | None
) -> ProjectMembershipModel | QDashError:
    try:
        return get_membership(repositories, user, project_id)
    except StoreError:
        raise
    except QDashError as refusal:
        return refusal


def _owns_default(
    repositories: Repositories, user: UserModel, membership: ProjectMembershipModel | QDashError
) -> bool:
    """Return whether a user owns project `default`, with a query only if `membership` is of another project."""
    if not isinstance(membership, QDashError) and membership.project_id == DEFAULT_PROJECT:
        return grants_administration(membership)
    return is_administrator(repositories, user.username)


def _limit_to_token(
    membership: ProjectMembershipModel | QDashError, token: AccessTokenModel
) -> Access | QDashError:
    if isinstance(membership, QDashError):
        return membership
    access = Access(membership.username, membership.project_id, membership.role)
    if token.scope.role.includes(access.role):
        return access
    return replace(access, role=token.scope.role, limited_by=f"scope {token.scope} of {token.description}")

"""Logins, set-up links and changes of passwords."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import BoundedSemaphore
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from qdash_builtin.people.login_limits import count_failure, forget_failures, refuse_too_many
from qdash_builtin.people.models.login import SetUpLinkModel
from qdash_builtin.people.ownership import list_owners
from qdash_builtin.people.passwords import NOBODYS, hash_password, is_outdated, is_password_correct
from qdash_builtin.people.personal_projects import ensure_owned_project
from qdash_builtin.people.repositories.logins import SetUpLinkRepository
from qdash_builtin.people.sessions import begin_login_session, end_sessions
from qdash_builtin.people.token_secrets import hash_secret
from qdash_builtin.people.users import check_first_password, set_password_hash
from qdash_core.access.checks import get_acting_user, require_administrator
from qdash_core.errors import InvalidInputError, LoginError, TooManyError
from qdash_core.models.authentication import AuthenticationAttempt
from qdash_core.models.project import DEFAULT_PROJECT, DEFAULT_USER
from qdash_core.process.clock import machine_now, utc_now
from qdash_core.repositories.identity import UserRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from qdash_builtin.people.sessions import LoginSession
    from qdash_core.models.project import UserModel
    from qdash_core.models.token import AccessTokenModel
    from qdash_core.repositories.store import Store

LINK_LIFE = timedelta(hours=24)
_CODE_BYTES = 32
_AT_ONCE = 2
"""Maximum number of concurrent password comparisons; each takes 19 MiB."""
_MOST_INSIDE = 8
"""Maximum number of running and waiting comparisons. Others are rejected, to keep threads of the host
free."""
_PATIENCE_S = 2.0


@dataclass(frozen=True, slots=True)
class SetUpLink:
    """A single-use link to set a password. The store has only the hash of its secret code."""

    code: str = field(repr=False)
    username: str
    expires_at: datetime

    def make_url(self, host_url: str, dashboard_url: str | None) -> str:
        """Return the address of the page where the user sets the password: of the dashboard if there is one, else of the host.

        The code is behind `#`, so that no server or log sees it.
        """
        if dashboard_url is None:
            return f"{host_url}/auth/setup#{self.code}"
        return f"{dashboard_url}/setup?{urlencode({'user': self.username})}#{self.code}"


class LoginService:
    """Set-up links, logins and passwords of one store.

    `identify` returns the name of the user whom a plugin recognises in a login, or None.
    """

    def __init__(
        self,
        store: Store,
        *,
        session_life: timedelta = timedelta(hours=12),
        clock: Callable[[], datetime] = machine_now,
        identify: Callable[[AuthenticationAttempt], str | None] = lambda _: None,
    ) -> None:
        self._identify = identify
        self._store = store
        self._session_life = session_life
        self._clock = clock
        self._inside = BoundedSemaphore(_MOST_INSIDE)
        self._comparing = BoundedSemaphore(_AT_ONCE)

    def needs_set_up(self) -> bool:
        """Return whether no password has been set yet."""
        with self._store.read() as snapshot:
            return not Repositories(snapshot).of(UserRepository).has_any_password()

    def make_first_link(self) -> SetUpLink | None:
        """Return a new set-up link for the administrator, or None if a password has been set.

        Revoke earlier links.
        """
        if not self.needs_set_up():  # a host serves reads while the store is locked
            return None
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            if repositories.of(UserRepository).has_any_password():
                return None
            administrators = list_owners(repositories, DEFAULT_PROJECT)
            first = DEFAULT_USER if DEFAULT_USER in administrators else next(iter(administrators), None)
            return self._link(repositories, first) if first else None

    def make_link(self, username: str, *, by: str) -> SetUpLink:
        """Return a new link for a user to set or reset the password; revoke earlier links.

        Raises
        ------
        AccessDeniedError
            If `by` does not administer the store.
        NotFoundError
            If there is no such user.
        InvalidInputError, ConflictError
            If the user is disabled, or it would be the first password of the store and not that of an
            administrator.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            require_administrator(repositories, by)
            if repositories.of(UserRepository).require(username).disabled:
                raise InvalidInputError(f"user {username!r} is disabled: `qdash user enable {username}`")
            check_first_password(repositories, username)
            return self._link(repositories, username)

    def set_up(self, code: str, password: str, *, full_name: str | None = None) -> LoginSession:
        """Set the password of the user of a link, invalidate the link, end old sessions, and log the user in.

        A user who has had no password and owns no project gets a personal one; None keeps the full name. Wrong codes
        are not counted: codes cannot be guessed, and a limit could lock users out of their links.

        Raises
        ------
        LoginError
            If the code is unknown, or its link was used, replaced or has expired.
        InvalidInputError
            If the password is too short or too long.
        TooManyError
            If too many passwords are being compared.
        """
        with self._store.read() as snapshot:
            self._find_user(Repositories(snapshot), code)  # before the slow hash
        with self._limit_concurrency():
            hashed = hash_password(password)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            user = self._find_user(repositories, code)
            if user.hashed_password is None:
                user = ensure_owned_project(repositories, user, now=utc_now())
            user = set_password_hash(user, hashed, now=utc_now())
            repositories.of(SetUpLinkRepository).remove(user.username)
            end_sessions(repositories, user)
            return self._begin_login_session(repositories, _with_full_name(user, full_name))

    def log_in(self, username: str, password: str, *, address: str = "") -> LoginSession:
        """Begin a login session, by a password of QDash or one that a plugin recognises; replace an outdated password hash.

        Raises
        ------
        LoginError
            If the user is unknown or disabled, or the password is wrong. An unknown user takes as long to
            reject.
        TooManyError
            If too many attempts have failed, or are under way.
        """
        with self._count_failures(username, address):
            anew = None
            with self._limit_concurrency():
                known = self._find_by_password(username, password)
                if known is not None and known.hashed_password and is_outdated(known.hashed_password):
                    anew = hash_password(password)
            if known is None:
                known = self._require_recognised(AuthenticationAttempt(username, password, address=address))
            with self._store.transaction() as transaction:
                repositories = Repositories(transaction)
                user = repositories.of(UserRepository).find(known.username)
                if user is None or user.disabled or user.hashed_password != known.hashed_password:
                    raise _make_login_error()
                forget_failures(repositories, username, address)
                if anew is not None:
                    user = set_password_hash(user, anew, now=utc_now())
                return self._begin_login_session(repositories, user)

    def change_password(self, token: AccessTokenModel, old: str, new: str, *, address: str = "") -> None:
        """Change the password of the user of a token, and end the user's other login sessions.

        Raises
        ------
        LoginError
            If the old one is wrong.
        InvalidInputError
            If the new one is too short or too long.
        TooManyError
            If too many attempts have failed, or are under way.
        """
        username = token.username
        with self._limit_concurrency(), self._count_failures(username, address):
            self._require_password(username, old)
            hashed = hash_password(new)
            with self._store.transaction() as transaction:
                repositories = Repositories(transaction)
                user = get_acting_user(repositories, username)
                repositories.of(UserRepository).put(set_password_hash(user, hashed, now=utc_now()))
                end_sessions(repositories, user, but=token)

    @contextmanager
    def _limit_concurrency(self) -> Iterator[None]:
        with _acquire(self._inside, timeout_s=0), _acquire(self._comparing, timeout_s=_PATIENCE_S):
            yield

    @contextmanager
    def _count_failures(self, username: str, address: str) -> Iterator[None]:
        """Raise TooManyError if too many logins have failed, and count a LoginError."""
        with self._store.read() as snapshot:
            refuse_too_many(Repositories(snapshot), username, address, now=self._clock())
        try:
            yield
        except LoginError:
            with self._store.transaction(durable=False) as transaction:
                count_failure(Repositories(transaction), username, address, now=self._clock())
            raise

    def _require_recognised(self, attempt: AuthenticationAttempt) -> UserModel:
        """Return the present user whom a plugin recognises in a login; raise LoginError if there is none."""
        username = self._identify(attempt)
        user = None if username is None else self._find_present(username)
        if user is None:
            raise _make_login_error()
        return user

    def _require_password(self, username: str, password: str) -> UserModel:
        user = self._find_by_password(username, password)
        if user is None:
            raise _make_login_error()
        return user

    def _find_by_password(self, username: str, password: str) -> UserModel | None:
        """Return the present user with this password, or None after an equal time."""
        user = self._find_present(username)
        matches = is_password_correct(password, (user and user.hashed_password) or NOBODYS)
        return user if user is not None and user.hashed_password is not None and matches else None

    def _find_present(self, username: str) -> UserModel | None:
        with self._store.read() as snapshot:
            user = Repositories(snapshot).of(UserRepository).find(username)
        return None if user is None or user.disabled else user

    def _find_user(self, repositories: Repositories, code: str) -> UserModel:
        link = repositories.of(SetUpLinkRepository).find(hash_secret(code))
        if link is None or link.expires_at <= self._clock():
            raise LoginError(
                "this is not the code of a set-up link, or it was used, replaced, or has ended: ask for another one"
            )
        return get_acting_user(repositories, link.username)

    def _link(self, repositories: Repositories, username: str) -> SetUpLink:
        code, now = secrets.token_urlsafe(_CODE_BYTES), self._clock()
        link = SetUpLinkModel(
            code_hash=hash_secret(code),
            username=username,
            expires_at=now + LINK_LIFE,
            created_at=now,
            updated_at=now,
        )
        repositories.of(SetUpLinkRepository).replace(link)
        return SetUpLink(code, username, link.expires_at)

    def _begin_login_session(self, repositories: Repositories, user: UserModel) -> LoginSession:
        repositories.of(UserRepository).put(user)
        return begin_login_session(repositories, user, life=self._session_life, now=self._clock())


@contextmanager
def _acquire(semaphore: BoundedSemaphore, *, timeout_s: float) -> Iterator[None]:
    if not semaphore.acquire(timeout=timeout_s):
        raise TooManyError("too many people log in at this moment: try again", retry_after_s=_PATIENCE_S)
    try:
        yield
    finally:
        semaphore.release()


def _with_full_name(user: UserModel, full_name: str | None) -> UserModel:
    return user if full_name is None else user.model_copy(update={"full_name": full_name.strip() or None})


def _make_login_error() -> LoginError:
    return LoginError("user name or password is wrong")

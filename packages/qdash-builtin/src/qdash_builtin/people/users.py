"""Service for users, their preferences and passwords."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_builtin.people.access_checks import require_self_or_administrator
from qdash_builtin.people.off_boarding import OffBoarding, off_board
from qdash_builtin.people.ownership import list_owners
from qdash_builtin.people.passwords import hash_password
from qdash_builtin.people.personal_projects import ensure_owned_project
from qdash_builtin.people.sessions import end_sessions
from qdash_core.access.checks import get_acting_user, require_administrator, require_project
from qdash_core.access.enrolment import check_user_name
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.base import refuse_stale
from qdash_core.models.pages import Page
from qdash_core.models.project import DEFAULT_PROJECT, UserModel
from qdash_core.process.clock import utc_now
from qdash_core.repositories.identity import ProjectMembershipRepository, ProjectRepository, UserRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.models.pages import PageRequest
    from qdash_core.models.project import ProjectMembershipModel, ProjectModel
    from qdash_core.repositories.store import Store

_PREFERENCES = frozenset({"full_name", "default_project_id", "time_zone", "theme", "hides_guide"})
_EDITABLE = frozenset({"full_name", "disabled"})


class _PreviewError(Exception):
    """Exception that rolls back the transaction of a preview."""


@dataclass(frozen=True, slots=True)
class UserView:
    """A user with their projects: active memberships and invitations, by project."""

    user: UserModel
    memberships: Sequence[ProjectMembershipModel]
    owns: Sequence[str]


class UserService:
    """Users of one store. The acting user is given by name, since users need not belong to a project.

    `end_runs` ends the runs of the user with the first name, on behalf of the second. Without passwords, anybody may
    act as an administrator.
    """

    def __init__(
        self,
        store: Store,
        *,
        end_runs: Callable[[str, str], None] = lambda _username, _by: None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._end_runs = end_runs
        self._clock = clock

    def create(self, username: str, *, by: str, full_name: str | None = None) -> UserView:
        """Create a user, who owns a personal project and is a member of no other; `by` has to be an administrator.

        The name has up to 64 letters, digits and the characters `_.@+-`.

        Raises
        ------
        AccessDeniedError
            If who acts may not.
        InvalidInputError, ConflictError
            If the name is invalid or taken.
        """
        check_user_name(username)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            require_administrator(repositories, by)
            if repositories.of(UserRepository).find(username) is not None:
                raise ConflictError(f"there is a user {username!r} already")
            now = self._clock()
            user = UserModel.create(username, now=now)
            user = user.model_copy(update={"full_name": _check_full_name(full_name)})
            repositories.of(UserRepository).add(user)
            ensure_owned_project(repositories, user, now=now)
            return _view(repositories, username)

    def show(self, username: str, *, by: str) -> UserView:
        """Return a user to themselves or an administrator.

        Raise AccessDeniedError for others, NotFoundError if unknown.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            require_self_or_administrator(repositories, username, by)
            return _view(repositories, username)

    def page(self, request: PageRequest, *, by: str) -> Page[UserView]:
        """Return a page of all users, by name.

        Raises
        ------
        AccessDeniedError
            If `by` is no administrator.
        InvalidInputError
            If the request has the cursor of another list.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            require_administrator(repositories, by)
            found = repositories.of(UserRepository).page(request)
            names = [user.username for user in found.items]
            memberships = repositories.of(ProjectMembershipRepository).list_by_users(names)
            projects = repositories.of(ProjectRepository).list_by_owners(names)
        return Page([_make_view(user, memberships, projects) for user in found.items], found.next)

    def edit(self, username: str, *, by: str, as_of: datetime | None = None, **fields: Any) -> UserView:
        """Change the given fields among `full_name` and `disabled` of a user.

        A disabled user is denied everything until enabled again; memberships and tokens stay, and runs are
        cancelled.

        Raises
        ------
        AccessDeniedError
            If `by` does not administer the store and changes more than their own `full_name`.
        NotFoundError
            If there is no such user.
        InvalidInputError
            If another field is given, or a value is invalid.
        StaleError
            If the user is not any more as they were at `as_of`.
        ConflictError
            If the store would have no administrator left.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            require_self_or_administrator(repositories, username, by)
            if "disabled" in fields:
                require_administrator(repositories, by)
            user = repositories.of(UserRepository).require(username)
            refuse_stale(f"user {username!r}", user.updated_at, as_of)
            repositories.of(UserRepository).put(
                user.with_validated_changes(_strip_fields(fields), _EDITABLE, now=self._clock())
            )
            if fields.get("disabled"):
                _require_an_administrator(repositories, username)
            view = _view(repositories, username)
        if fields.get("disabled"):
            self._end_runs(username, by)
        return view

    def off_board(self, username: str, *, by: str, to: str | None = None, force: bool = False) -> OffBoarding:
        """Off-board a user: disable them, revoke memberships, end tokens and cancel runs. Their records stay.

        Without `force`, only return the consequences: nothing is changed. `by` has to be an administrator; `to` becomes
        the owner of the user's projects.

        Raises
        ------
        AccessDeniedError
            If who acts may not.
        NotFoundError
            If there is no such user.
        InvalidInputError
            If the new owner cannot take over.
        ConflictError
            If there is no new owner for owned projects, or the store would have no administrator left.
        """
        with suppress(_PreviewError), self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            require_administrator(repositories, by)
            user = repositories.of(UserRepository).require(username)
            done = off_board(transaction, user, to, now=self._clock(), applied=force)
            _require_an_administrator(repositories, username)
            if not force:
                raise _PreviewError
        if force:
            self._end_runs(username, by)
        return done

    def set_preferences(
        self, username: str, *, as_of: datetime | None = None, **preferences: Any
    ) -> UserView:
        """Change the given preferences of a user: `full_name`, `default_project_id`, `time_zone`, `theme`, `hides_guide`.

        None removes a preference.

        Raises
        ------
        StaleError
            If the user is not any more as they were at `as_of`.
        AccessDeniedError
            If there is no such user, or the user is disabled.
        NotFoundError
            If there is no such project.
        InvalidInputError
            If a preference is invalid, or the user is not a member of the project.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            user = get_acting_user(repositories, username)
            refuse_stale(f"user {username!r}", user.updated_at, as_of)
            changed = user.with_validated_changes(_strip_fields(preferences), _PREFERENCES, now=self._clock())
            project_id = preferences.get("default_project_id")
            if project_id is not None:
                require_project(repositories, project_id, username)
                membership = repositories.of(ProjectMembershipRepository).find(project_id, username)
                if membership is None or not membership.active:
                    raise InvalidInputError(f"user {username!r} is not a member of project {project_id!r}")
            repositories.of(UserRepository).put(changed)
            return _view(repositories, username)

    def set_password(self, username: str, password: str, *, by: str) -> None:
        """Set a user's password, by the user or an administrator, and end the user's login sessions.

        The first one ends the embedded mode.

        Raises
        ------
        AccessDeniedError
            If who acts may not.
        NotFoundError
            If there is no such user.
        InvalidInputError
            If it is too short or too long.
        ConflictError
            If it is the first one and not that of an administrator, since nobody could then administer the
            store.
        """
        hashed = hash_password(password)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            require_self_or_administrator(repositories, username, by)
            user = repositories.of(UserRepository).require(username)
            check_first_password(repositories, username)
            repositories.of(UserRepository).put(set_password_hash(user, hashed, now=self._clock()))
            end_sessions(repositories, user)


def check_first_password(repositories: Repositories, username: str) -> None:
    """Raise ConflictError if the first password would be that of a user who is not an administrator."""
    administrators = list_owners(repositories, DEFAULT_PROJECT)
    if username not in administrators and not repositories.of(UserRepository).has_any_password():
        raise ConflictError(
            f"the first password is that of an owner of project {DEFAULT_PROJECT!r} ({', '.join(administrators)}): "
            "`qdash user password` sets it, and from then on only they make users"
        )


def set_password_hash(user: UserModel, hashed: str, *, now: datetime) -> UserModel:
    """Return a copy of a user with this password hash."""
    return user.with_changes(hashed_password=hashed, now=now)


def _strip_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(fields)
    if "full_name" in found:
        found["full_name"] = _check_full_name(found["full_name"])
    for name in ("theme", "hides_guide"):
        if name in found and found[name] is None:
            found[name] = UserModel.model_fields[name].default
    return found


def _check_full_name(full_name: str | None) -> str | None:
    return (full_name or "").strip() or None


def _require_an_administrator(repositories: Repositories, username: str) -> None:
    if not list_owners(repositories, DEFAULT_PROJECT):
        raise ConflictError(
            f"user {username!r} is the last who administers the store: make somebody else an owner of project "
            f"{DEFAULT_PROJECT!r} first"
        )


def _view(repositories: Repositories, username: str) -> UserView:
    user = repositories.of(UserRepository).require(username)
    memberships = repositories.of(ProjectMembershipRepository).list_by_user(username)
    return _make_view(user, memberships, repositories.of(ProjectRepository).list_by_owner(username))


def _make_view(
    user: UserModel, memberships: Sequence[ProjectMembershipModel], projects: Sequence[ProjectModel]
) -> UserView:
    return UserView(
        user,
        [one for one in memberships if one.username == user.username and one.status != "revoked"],
        sorted(one.project_id for one in projects if one.owner_username == user.username),
    )

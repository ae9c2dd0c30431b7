"""Users and projects: the embedded defaults, and what users prefer."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.base import utc_now
from qdash_core.models.project import (
    DEFAULT_PROJECT,
    DEFAULT_USER,
    ZONE_OF_OLDER_HOMES,
    ProjectMembershipModel,
    ProjectModel,
    ProjectRole,
    UserModel,
)
from qdash_core.projects.access import require_project
from qdash_core.repositories.repositories import Repositories
from qdash_core.timezones import zone_of_this_machine

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.repositories.store import Store

USE_IS_NOTED_EVERY = timedelta(minutes=1)
"""So exactly is it kept when something was used last: not every use is to be a write."""

_PREFERENCES = frozenset({"default_project_id", "time_zone", "theme"})


class ProjectService:
    """Users and projects of one store.

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

    def ensure_defaults(self) -> None:
        """Make user `admin` and project `default`, with the zone of this machine, unless they exist."""
        with self._store.read() as snapshot:
            if Repositories(snapshot).projects.find(DEFAULT_PROJECT) is not None:
                return
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            if repositories.projects.find(DEFAULT_PROJECT) is None:
                admin = _new_user(DEFAULT_USER, DEFAULT_PROJECT)
                repositories.users.add(admin)
                default = _new_project(DEFAULT_PROJECT, admin)
                repositories.projects.add(default.model_copy(update={"time_zone": zone_of_this_machine()}))
                repositories.memberships.put(_member(admin, DEFAULT_PROJECT, ProjectRole.OWNER))

    def time_zone(self) -> str:
        """Return the name of the zone in which days are counted and people read times, unless a setting says another."""
        with self._store.read() as snapshot:
            default = Repositories(snapshot).projects.find(DEFAULT_PROJECT)
        return (default and default.time_zone) or ZONE_OF_OLDER_HOMES

    def preferences(self, username: str) -> UserModel:
        """Return a user with their default project, time zone and theme; NotFoundError when there is none."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).users.require(username)

    def set_preferences(self, username: str, **preferences: Any) -> UserModel:
        """Change what a user prefers: `default_project_id`, `time_zone`, `theme`; those that are not named stay.

        Raises
        ------
        NotFoundError
            If there is no such user or project.
        InvalidInputError
            If a preference cannot be, or the user is not a member of the project.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            user = repositories.users.require(username)
            changed = user.changed(preferences, _PREFERENCES, now=self._clock())
            project_id = preferences.get("default_project_id")
            if project_id is not None:
                require_project(repositories, project_id)
                membership = repositories.memberships.find(project_id, username)
                if membership is None or membership.status != "active":
                    raise InvalidInputError(f"user {username!r} is not a member of project {project_id!r}")
            repositories.users.put(changed)
        return changed

    def enroll(self, username: str, project_id: str | None = None) -> None:
        """Make an unknown user an editor of a project while nobody has a password; anybody else stays what they are.

        For doors to an embedded store: whoever can open it may act under any name.

        Parameters
        ----------
        username : str
            Who acts.
        project_id : str or None
            Where, and the user's default project from now on; None: the default project.

        Raises
        ------
        NotFoundError
            If there is no such project.
        InvalidInputError
            If it cannot be the name of a user.
        """
        with self._store.read() as snapshot:
            if Repositories(snapshot).users.find(username) is not None:
                return
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            wanted = project_id or DEFAULT_PROJECT
            require_project(repositories, wanted)
            if repositories.users.find(username) is not None or repositories.users.anyone_has_a_password():
                return
            if not username or username != username.strip():
                raise InvalidInputError(f"{username!r} is not a user name")
            user = _new_user(username, wanted)
            repositories.users.add(user)
            repositories.memberships.put(_member(user, wanted, ProjectRole.EDITOR))

    def note_access(self, username: str, project_id: str) -> None:
        """Note that a member has used a project; at most once a minute it is written."""
        with self._store.transaction() as transaction:
            memberships = Repositories(transaction).memberships
            membership = memberships.find(project_id, username)
            if membership is None:
                return
            now, last = self._clock(), membership.last_accessed_at
            if last is None or now - last >= USE_IS_NOTED_EVERY:
                memberships.put(membership.model_copy(update={"last_accessed_at": now}))


def _new_user(username: str, project_id: str) -> UserModel:
    return UserModel(user_id=str(uuid.uuid4()), username=username, default_project_id=project_id)


def _new_project(project_id: str, owner: UserModel) -> ProjectModel:
    return ProjectModel(
        project_id=project_id, owner_user_id=owner.user_id, owner_username=owner.username, name=project_id
    )


def _member(user: UserModel, project_id: str, role: ProjectRole) -> ProjectMembershipModel:
    return ProjectMembershipModel(
        project_id=project_id, user_id=user.user_id, username=user.username, role=role, status="active"
    )

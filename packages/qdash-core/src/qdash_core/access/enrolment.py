"""Default project of a home, and enrolment of users without invitation."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from qdash_core.access.checks import require_project
from qdash_core.errors import InvalidInputError
from qdash_core.models.project import (
    DEFAULT_PROJECT,
    DEFAULT_USER,
    ProjectMembershipModel,
    ProjectModel,
    ProjectRole,
    UserModel,
)
from qdash_core.process.clock import utc_now
from qdash_core.process.timezones import get_local_zone
from qdash_core.repositories.identity import ProjectMembershipRepository, ProjectRepository, UserRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.repositories.store import Store

_USER_NAME = re.compile(r"[^\W_][\w.@+-]{0,63}")
"""Pattern of user names, which can follow an option and be part of a URL."""
USE_IS_NOTED_EVERY = timedelta(minutes=1)
"""Resolution of the recorded time of last use, so that not every use is a write."""


def find_default_project(store: Store) -> ProjectModel | None:
    """Return project `default`, which every home has, or None if the store is not a home yet."""
    with store.read() as snapshot:
        return Repositories(snapshot).of(ProjectRepository).find(DEFAULT_PROJECT)


def ensure_default_project(
    store: Store, *, simulated_clock: bool = False, clock: Callable[[], datetime] = utc_now
) -> ProjectModel:
    """Return project `default`.

    Create it and user `admin` if it is missing, with this machine's time zone and the kind of the home's clock.
    """
    with store.transaction() as transaction:
        repositories = Repositories(transaction)
        if repositories.of(ProjectRepository).find(DEFAULT_PROJECT) is None:
            now = clock()
            admin = UserModel.create(DEFAULT_USER, now=now, project_id=DEFAULT_PROJECT)
            repositories.of(UserRepository).add(admin)
            project = ProjectModel(
                project_id=DEFAULT_PROJECT,
                name=DEFAULT_PROJECT,
                owner_user_id=admin.user_id,
                owner_username=admin.username,
                time_zone=get_local_zone(),
                simulated_clock=simulated_clock,
                created_at=now,
                updated_at=now,
            )
            add_owned_project(repositories, project, admin)
        return repositories.of(ProjectRepository).require(DEFAULT_PROJECT)


def add_owned_project(
    repositories: Repositories, project: ProjectModel, owner: UserModel
) -> ProjectMembershipModel:
    """Add a project with its owner as its only member, and return this membership."""
    membership = ProjectMembershipModel.create_active(
        project.project_id, owner, ProjectRole.OWNER, now=project.created_at
    )
    repositories.of(ProjectRepository).add(project)
    repositories.of(ProjectMembershipRepository).put(membership)
    return membership


def enroll(
    store: Store,
    username: str,
    project_id: str | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
) -> None:
    """Make an unknown user an editor of a project while no password has been set in the store.

    This serves interfaces to an embedded store, which anyone who can open it may use under any name. The project
    becomes the user's default; None is project `default`.

    Raises
    ------
    NotFoundError
        If there is no such project.
    InvalidInputError
        If the user name is invalid.
    """
    with store.read() as snapshot:
        if Repositories(snapshot).of(UserRepository).find(username) is not None:
            return
    with store.transaction() as transaction:
        repositories = Repositories(transaction)
        users = repositories.of(UserRepository)
        if users.find(username) is not None or users.has_any_password():
            return
        wanted = project_id or DEFAULT_PROJECT
        require_project(repositories, wanted, username)
        check_user_name(username)
        now = clock()
        user = UserModel.create(username, now=now, project_id=wanted)
        users.add(user)
        editor = ProjectMembershipModel.create_active(wanted, user, ProjectRole.EDITOR, now=now)
        repositories.of(ProjectMembershipRepository).put(editor)


def check_user_name(username: str) -> None:
    """Raise InvalidInputError if a user name is not valid."""
    if not _USER_NAME.fullmatch(username):
        raise InvalidInputError(
            f"{username!r} is not a user name: up to 64 letters, digits, '.', '_', '-', '+' and '@', "
            "beginning with a letter or digit"
        )


def record_access(
    store: Store, username: str, project_id: str, *, clock: Callable[[], datetime] = utc_now
) -> None:
    """Record that a member used a project, at most once a minute."""

    def is_due(membership: ProjectMembershipModel) -> bool:
        last = membership.last_accessed_at
        return last is None or clock() - last >= USE_IS_NOTED_EVERY

    known = Repositories(store).of(ProjectMembershipRepository).find(project_id, username)
    if known is None or not is_due(known):
        return
    with store.transaction(durable=False) as transaction:
        memberships = Repositories(transaction).of(ProjectMembershipRepository)
        membership = memberships.find(project_id, username)
        if membership is not None and is_due(membership):
            memberships.put(membership.model_copy(update={"last_accessed_at": clock()}))

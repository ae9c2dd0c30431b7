"""Personal projects: each new user owns one, in which they can work without an invitation.

A personal project is recognised by its owner and its name. While it is empty and has no other members, the first project
that its owner joins or creates replaces it as the default, and off-boarding its owner deletes it.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

from qdash_builtin.people.deletion import count_contents
from qdash_builtin.people.ownership import find_personal_project, make_personal_name
from qdash_core.access.enrolment import add_owned_project
from qdash_core.models.project import ProjectModel
from qdash_core.repositories.identity import ProjectMembershipRepository, ProjectRepository, UserRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from qdash_core.models.project import UserModel
    from qdash_core.repositories.store import Transaction

_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST = 60
"""Maximum length of an id before its number, below that of any project id."""


def ensure_owned_project(repositories: Repositories, user: UserModel, *, now: datetime) -> UserModel:
    """Return a stored user who owns a project.

    A user without one gets a personal project, which becomes the default of a user without a default project. Its id is
    the user name without characters that ids do not have, with a number if the id is taken.
    """
    if repositories.of(ProjectRepository).list_by_owner(user.username):
        return user
    project_id = next(
        one for one in _iter_ids(user.username) if repositories.of(ProjectRepository).find(one) is None
    )
    add_owned_project(
        repositories,
        ProjectModel(
            project_id=project_id,
            owner_user_id=user.user_id,
            owner_username=user.username,
            name=make_personal_name(user.username),
            created_at=now,
            updated_at=now,
        ),
        user,
    )
    if user.default_project_id is not None:
        return user
    with_default = user.with_changes(default_project_id=project_id, now=now)
    repositories.of(UserRepository).put(with_default)
    return with_default


def replace_unused_default(
    transaction: Transaction, user: UserModel, project_id: str, *, now: datetime
) -> None:
    """Make a project the default of a user who has none, or whose default is an unused personal project."""
    unused = [project.project_id for project in list_unused_personal_projects(transaction, user.username)]
    if user.default_project_id is None or user.default_project_id in unused:
        users = Repositories(transaction).of(UserRepository)
        users.put(user.with_changes(default_project_id=project_id, now=now))


def list_unused_personal_projects(transaction: Transaction, username: str) -> list[ProjectModel]:
    """Return the personal project of a user if it is empty and has no other members; at most one."""
    repositories = Repositories(transaction)
    project = find_personal_project(repositories, username)
    if project is None or count_contents(transaction, project.project_id):
        return []
    members = repositories.of(ProjectMembershipRepository).list_by_project(project.project_id)
    used = any(one.username != username and one.status != "revoked" for one in members)
    return [] if used else [project]


def _iter_ids(username: str) -> Iterator[str]:
    wanted = _NOT_IN_IDS.sub("-", username).strip("._-")[:_LONGEST] or "personal"
    yield wanted
    for number in count(2):
        yield f"{wanted}-{number}"

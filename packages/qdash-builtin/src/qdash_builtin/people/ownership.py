"""Ownership of projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import ConflictError
from qdash_core.models.project import ProjectMembershipModel, ProjectRole
from qdash_core.repositories.identity import ProjectMembershipRepository, ProjectRepository, UserRepository

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.project import ProjectModel, UserModel
    from qdash_core.repositories.repositories import Repositories


def list_owners(repositories: Repositories, project_id: str) -> list[str]:
    """Return the names of the active owners of a project, without disabled users."""
    found = []
    for membership in repositories.of(ProjectMembershipRepository).list_by_project(project_id):
        if membership.active and membership.role is ProjectRole.OWNER:
            user = repositories.of(UserRepository).find(membership.username)
            if user is not None and not user.disabled:
                found.append(membership.username)
    return found


def is_essential_owner(repositories: Repositories, project: ProjectModel, username: str) -> bool:
    """Return whether a project would lose its owner, or its last active owner, without this user."""
    return project.owner_username == username or list_owners(repositories, project.project_id) == [username]


def require_other_owner(repositories: Repositories, membership: ProjectMembershipModel) -> None:
    """Raise ConflictError if a project needs this member as an owner."""
    project = repositories.of(ProjectRepository).require(membership.project_id)
    if membership.active and is_essential_owner(repositories, project, membership.username):
        raise ConflictError(
            f"user {membership.username!r} owns project {project.project_id!r}: "
            f"`qdash project transfer {project.project_id} --to NAME` first"
        )


def require_free_name(repositories: Repositories, owner: str, name: str, *, but: str) -> None:
    """Raise ConflictError if the owner has another project of this name; `but` is the project that may keep it."""
    for project in repositories.of(ProjectRepository).list_by_owner(owner):
        if project.name == name and project.project_id != but:
            raise ConflictError(
                f"user {owner!r} owns a project named {name!r} already, {project.project_id!r}: take another name"
            )


def transfer_ownership(
    repositories: Repositories, project: ProjectModel, to: UserModel, *, now: datetime
) -> ProjectModel:
    """Make a user the owner of a project; the previous owner stays a member with the role of an owner.

    Raises
    ------
    ConflictError
        If the new owner has a project of the same name.
    """
    require_free_name(repositories, to.username, project.name, but=project.project_id)
    moved = project.with_changes(owner_user_id=to.user_id, owner_username=to.username, now=now)
    repositories.of(ProjectRepository).put(moved)
    known = repositories.of(ProjectMembershipRepository).find(project.project_id, to.username)
    joined = ProjectMembershipModel.create_active(project.project_id, to, ProjectRole.OWNER, now=now)
    if known is not None:
        joined = known.with_changes(role=ProjectRole.OWNER, status="active", now=now)
    repositories.of(ProjectMembershipRepository).put(joined)
    return moved


def make_personal_name(username: str) -> str:
    """Return the name of the personal project of a user."""
    return f"{username}'s project"


def find_personal_project(repositories: Repositories, username: str) -> ProjectModel | None:
    """Return the personal project of a user, or None if there is none."""
    owned = repositories.of(ProjectRepository).list_by_owner(username)
    return next((project for project in owned if project.name == make_personal_name(username)), None)


def reset_default_project(repositories: Repositories, user: UserModel, *, now: datetime) -> None:
    """Replace the default project of a user by the personal one, or unset it if there is no other."""
    personal = find_personal_project(repositories, user.username)
    project_id = None if personal is None else personal.project_id
    if project_id == user.default_project_id:
        project_id = None
    repositories.of(UserRepository).put(user.with_changes(default_project_id=project_id, now=now))


def revoke_membership(
    repositories: Repositories, membership: ProjectMembershipModel, *, now: datetime
) -> ProjectMembershipModel:
    """Revoke a membership; the default project of a user who loses it is the personal one, if there is one."""
    ended = membership.with_changes(status="revoked", now=now)
    repositories.of(ProjectMembershipRepository).put(ended)
    user = repositories.of(UserRepository).find(membership.username)
    if user is not None and user.default_project_id == membership.project_id:
        reset_default_project(repositories, user, now=now)
    return ended

"""Access checks for projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import AccessDeniedError, NotFoundError
from qdash_core.models.access import Access
from qdash_core.models.project import DEFAULT_PROJECT, ProjectRole
from qdash_core.parsing.similar_names import suggest
from qdash_core.repositories.identity import ProjectMembershipRepository, ProjectRepository, UserRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_core.models.project import ProjectMembershipModel, UserModel
    from qdash_core.repositories.store import Store


def get_access(
    store: Store, username: str, project_id: str | None = None, role: ProjectRole = ProjectRole.VIEWER
) -> Access:
    """Return the access of a user to a project, without writing or enrolling anything.

    `project_id` is None for the user's default project; `role` is the minimum role.

    Raises
    ------
    NotFoundError
        If there is no such project, or a password has been set in the store and the user is neither a member
        nor invited.
    AccessDeniedError
        If there is no such user, or the user is disabled, not a member of the project, or has a lower role.
    """
    with store.read() as snapshot:
        return read_access(Repositories(snapshot), username, project_id, role)


def read_access(
    repositories: Repositories,
    username: str,
    project_id: str | None = None,
    role: ProjectRole = ProjectRole.VIEWER,
) -> Access:
    """Return the access as `get_access` does, within a transaction or snapshot."""
    membership = get_membership(repositories, get_acting_user(repositories, username), project_id)
    access = Access(username, membership.project_id, membership.role)
    access.require(role)
    return access


def get_membership(
    repositories: Repositories, user: UserModel, project_id: str | None = None
) -> ProjectMembershipModel:
    """Return the membership of a user in a project, or in the default project; raise as `get_access`."""
    wanted = project_id or user.default_project_id or DEFAULT_PROJECT
    return _require_active(require_project(repositories, wanted, user.username), user.username, wanted)


def require_project(
    repositories: Repositories, project_id: str, username: str
) -> ProjectMembershipModel | None:
    """Return the membership of a user in a project, or None if the user is not a member.

    Raise NotFoundError if there is no such project. The message names the projects of the user, or all projects while
    no password has been set. Once one has been set, a project appears missing to users who are neither members nor
    invited, so that guessing names does not reveal the projects of others.
    """
    membership = repositories.of(ProjectMembershipRepository).find(project_id, username)
    if repositories.of(ProjectRepository).find(project_id) is not None and (
        project_id == DEFAULT_PROJECT  # known to everyone
        or (membership is not None and membership.status != "revoked")
        or not repositories.of(UserRepository).has_any_password()
    ):
        return membership
    if repositories.of(UserRepository).has_any_password():
        mine = repositories.of(ProjectMembershipRepository).list_by_user(username)
        known = [one.project_id for one in mine if one.status != "revoked"]
    else:
        known = [project.project_id for project in repositories.of(ProjectRepository).list_all()]
    raise NotFoundError(
        f"there is no project {project_id!r}{suggest(project_id, known)} (known: {', '.join(known) or 'none'})"
    )


def get_acting_user(repositories: Repositories, username: str) -> UserModel:
    """Return the acting user; AccessDeniedError if unknown or disabled."""
    user = repositories.of(UserRepository).find(username)
    if user is None:
        raise AccessDeniedError(f"there is no user {username!r}: `qdash user create` adds one")
    if user.disabled:
        raise AccessDeniedError(f"user {username!r} is disabled")
    return user


def require_administrator(repositories: Repositories, username: str) -> UserModel:
    """Return the acting user if they administer the store; AccessDeniedError otherwise.

    Administrators are the owners of project `default`, or all users while no password has been set.
    """
    user = get_acting_user(repositories, username)
    if repositories.of(UserRepository).has_any_password() and not is_administrator(repositories, username):
        raise AccessDeniedError(
            f"user {username!r} does not administer this store: owners of project {DEFAULT_PROJECT!r} do"
        )
    return user


def is_administrator(repositories: Repositories, username: str) -> bool:
    """Return whether a user owns project `default`, whether or not a password has been set."""
    membership = repositories.of(ProjectMembershipRepository).find(DEFAULT_PROJECT, username)
    return membership is not None and grants_administration(membership)


def grants_administration(membership: ProjectMembershipModel) -> bool:
    """Return whether this membership makes the user an administrator of the store."""
    return (
        membership.project_id == DEFAULT_PROJECT
        and membership.active
        and membership.role is ProjectRole.OWNER
    )


def _require_active(
    membership: ProjectMembershipModel | None, username: str, project_id: str
) -> ProjectMembershipModel:
    match None if membership is None else membership.status:
        case "active":
            assert membership is not None
            return membership
        case "pending":
            raise AccessDeniedError(
                f"user {username!r} is invited to project {project_id!r} and has not accepted yet: "
                f"accept as this user with `qdash member accept --project {project_id}` (at home with `--user {username}`) "
                f"or `POST /projects/{project_id}/members/accept`"
            )
        case _:
            raise AccessDeniedError(
                f"user {username!r} is not a member of project {project_id!r}: an owner of it invites members"
            )

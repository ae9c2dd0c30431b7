"""What gives access: users, projects and memberships as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import AccessDeniedError, NotFoundError
from qdash_core.models.access import Access
from qdash_core.models.project import DEFAULT_PROJECT, ProjectRole
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_core.models.project import ProjectMembershipModel, UserModel
    from qdash_core.repositories.store import Store


def access_to(
    store: Store, username: str, project_id: str | None = None, role: ProjectRole = ProjectRole.VIEWER
) -> Access:
    """Return the access of a user to a project. Nothing is written, and nobody is enrolled.

    Parameters
    ----------
    store : Store
        Where users and projects are kept.
    username : str
        Who acts.
    project_id : str or None
        None: the user's default project.
    role : ProjectRole
        What the user is to be at least.

    Raises
    ------
    NotFoundError
        If there is no such project, or, once somebody has a password, the user is neither a member of it nor invited.
    AccessDeniedError
        If there is no such user, or the user is disabled, not a member of the project, or has a lesser role.
    """
    with store.read() as snapshot:
        return access_in(Repositories(snapshot), username, project_id, role)


def access_in(
    repositories: Repositories,
    username: str,
    project_id: str | None = None,
    role: ProjectRole = ProjectRole.VIEWER,
) -> Access:
    """Return what `access_to` does, as a transaction or snapshot sees it; raises likewise."""
    membership = membership_of(repositories, acting_user(repositories, username), project_id)
    access = Access(username, membership.project_id, membership.role)
    access.require(role)
    return access


def membership_of(
    repositories: Repositories, user: UserModel, project_id: str | None = None
) -> ProjectMembershipModel:
    """Return by what a user acts in a project; None: in the user's default project. Raises as `access_to`."""
    wanted = project_id or user.default_project_id or DEFAULT_PROJECT
    return _require_active(require_project(repositories, wanted, user.username), user.username, wanted)


def require_still(repositories: Repositories, access: Access, role: ProjectRole) -> None:
    """Refuse with AccessDeniedError an access that does not, or no longer, include a role: what is changed asks again."""
    access.require(role)
    access_in(repositories, access.username, access.project_id, role)


def require_project(
    repositories: Repositories, project_id: str, username: str
) -> ProjectMembershipModel | None:
    """Return what a user is in a project, None being no member, or refuse with NotFoundError one that there is not.

    The error names the projects of the user, or all while nobody has a password.

    Once somebody has a password, a project is not there for who is neither a member nor invited: what others work on is
    not told to those who guess names.
    """
    membership = repositories.memberships.find(project_id, username)
    if repositories.projects.find(project_id) is not None and (
        project_id == DEFAULT_PROJECT  # which everybody knows of
        or (membership is not None and membership.status != "revoked")
        or not repositories.users.anyone_has_a_password()
    ):
        return membership
    if repositories.users.anyone_has_a_password():
        mine = repositories.memberships.of_user(username)
        known = [one.project_id for one in mine if one.status != "revoked"]
    else:
        known = [project.project_id for project in repositories.projects.everything()]
    raise NotFoundError(f"there is no project {project_id!r} (known: {', '.join(known) or 'none'})")


def acting_user(repositories: Repositories, username: str) -> UserModel:
    """Return who acts where no project is needed; AccessDeniedError for who is unknown or disabled."""
    user = repositories.users.find(username)
    if user is None:
        raise AccessDeniedError(f"there is no user {username!r}: `qdash user create` adds one")
    if user.disabled:
        raise AccessDeniedError(f"user {username!r} is disabled")
    return user


def require_administrator(repositories: Repositories, username: str) -> UserModel:
    """Return who may do what concerns all; AccessDeniedError for others.

    That is an owner of project `default`, or anybody who may act while nobody has a password.
    """
    user = acting_user(repositories, username)
    if repositories.users.anyone_has_a_password() and not administers(repositories, username):
        raise AccessDeniedError(
            f"user {username!r} does not administer this store: owners of project {DEFAULT_PROJECT!r} do"
        )
    return user


def administers(repositories: Repositories, username: str) -> bool:
    """Whether a user owns project `default`, whether or not anybody has a password."""
    membership = repositories.memberships.find(DEFAULT_PROJECT, username)
    return membership is not None and makes_administrator(membership)


def makes_administrator(membership: ProjectMembershipModel) -> bool:
    """Whether it is by this membership that a user administers the store."""
    return (
        membership.project_id == DEFAULT_PROJECT
        and membership.active
        and membership.role is ProjectRole.OWNER
    )


def require_self_or_administrator(repositories: Repositories, username: str, by: str) -> None:
    """Refuse with AccessDeniedError who acts for somebody else and does not administer the store."""
    acting_user(repositories, by)
    if by != username:
        require_administrator(repositories, by)


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
                f"`qdash member accept --project {project_id} --user {username}`, "
                f"or `POST /projects/{project_id}/members/accept`"
            )
        case _:
            raise AccessDeniedError(
                f"user {username!r} is not a member of project {project_id!r}: an owner of it invites members"
            )

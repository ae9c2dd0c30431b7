"""Off-boarding of users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.people.deletion import delete_project
from qdash_builtin.people.ownership import is_essential_owner, revoke_membership, transfer_ownership
from qdash_builtin.people.personal_projects import list_unused_personal_projects
from qdash_builtin.people.repositories.tokens import AccessTokenRepository
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.name_summary import name_projects
from qdash_core.repositories.identity import (
    ProjectMembershipRepository,
    ProjectRepository,
    UserRepository,
)
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from qdash_core.models.project import ProjectModel, UserModel
    from qdash_core.repositories.store import Transaction


@dataclass(frozen=True, slots=True)
class OffBoarding:
    """Summary of an off-boarding: transferred and deleted projects, revoked memberships and invitations, and ended
    tokens.

    Parameters
    ----------
    to : str or None
        The new owner of the user's projects, or None if there is none.
    applied : bool
        False for a preview, after which nothing is changed.
    """

    username: str
    to: str | None
    transferred: Sequence[str]
    deleted: Sequence[str]
    revoked: Sequence[str]
    n_tokens: int
    applied: bool


def off_board(
    transaction: Transaction, user: UserModel, to: str | None, *, now: datetime, applied: bool
) -> OffBoarding:
    """Transfer the projects of a user, revoke memberships, end tokens, and disable the user.

    An unused personal project is deleted. If it is not `applied`, the caller rolls the transaction back.

    Raises
    ------
    NotFoundError, InvalidInputError
        If the new owner does not exist, is disabled, or is the leaving user.
    ConflictError
        If the user owns projects and there is no new owner, or the new owner has a project of the same name.
    """
    repositories = Repositories(transaction)
    unused = [project.project_id for project in list_unused_personal_projects(transaction, user.username)]
    for project_id in unused:
        delete_project(transaction, project_id, now=now)
    owned = _list_owned_projects(repositories, user.username)
    if owned:
        heir = _get_new_owner(repositories, user.username, [project.project_id for project in owned], to)
        for project in owned:
            transfer_ownership(repositories, project, heir, now=now)
    ended = [
        one
        for one in repositories.of(ProjectMembershipRepository).list_by_user(user.username)
        if one.status != "revoked"
    ]
    for membership in ended:
        revoke_membership(repositories, membership, now=now)
    repositories.of(UserRepository).put(user.with_changes(disabled=True, default_project_id=None, now=now))
    return OffBoarding(
        username=user.username,
        to=to,
        transferred=[project.project_id for project in owned],
        deleted=unused,
        revoked=[membership.project_id for membership in ended],
        n_tokens=repositories.of(AccessTokenRepository).remove_all(user.user_id),
        applied=applied,
    )


def _list_owned_projects(repositories: Repositories, username: str) -> list[ProjectModel]:
    """Return the projects that a user owns, and those that would have no owner without the user, by id."""
    owned = {
        project.project_id: project for project in repositories.of(ProjectRepository).list_by_owner(username)
    }
    for membership in repositories.of(ProjectMembershipRepository).list_by_user(username):
        project = repositories.of(ProjectRepository).find(membership.project_id)
        if project is not None and is_essential_owner(repositories, project, username):
            owned[project.project_id] = project
    return [owned[project_id] for project_id in sorted(owned)]


def _get_new_owner(
    repositories: Repositories, username: str, owned: Sequence[str], to: str | None
) -> UserModel:
    if to is None:
        raise ConflictError(
            f"user {username!r} owns {name_projects(owned)}: `--to NAME` names who takes over, or `qdash project transfer` "
            "comes first"
        )
    heir = repositories.of(UserRepository).require(to)
    if heir.disabled or to == username:
        raise InvalidInputError(f"user {to!r} cannot take over: {'disabled' if heir.disabled else 'goes'}")
    return heir

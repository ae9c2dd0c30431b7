"""Service for projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_builtin.people.access_checks import recheck_access
from qdash_builtin.people.deletion import count_contents, delete_project, find_deletion_obstacle
from qdash_builtin.people.ownership import require_free_name, transfer_ownership
from qdash_builtin.people.personal_projects import replace_unused_default
from qdash_core.access.checks import get_acting_user
from qdash_core.access.enrolment import add_owned_project
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.base import refuse_stale
from qdash_core.models.ids import check_id, check_tag
from qdash_core.models.pages import Page
from qdash_core.models.project import (
    ProjectMembershipModel,
    ProjectModel,
    ProjectRole,
    UserModel,
)
from qdash_core.process.clock import utc_now
from qdash_core.repositories.identity import ProjectMembershipRepository, ProjectRepository, UserRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.pages import PageRequest
    from qdash_core.repositories.store import Store

_EDITABLE = frozenset({"name", "description", "tags"})


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project with a user's active membership or invitation.

    Parameters
    ----------
    contents : mapping of str to int or None
        Number of chips, executions, cryostats, cool-downs, flows and notes, without zeros, or None if not
        counted.
    """

    project: ProjectModel
    membership: ProjectMembershipModel
    contents: Mapping[str, int] | None = None


class ProjectService:
    """Projects of one store. Every change checks the caller's role again."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def create(
        self,
        project_id: str,
        *,
        username: str,
        name: str | None = None,
        description: str | None = None,
        tags: Sequence[str] = (),
    ) -> ProjectView:
        """Create a project owned by the user.

        It becomes the default of a user without one or with an unused personal one. The id has up to 64 letters,
        digits, `-`, `_` and `.`; it is also the name unless one is given.

        Raises
        ------
        AccessDeniedError
            If there is no such user, or the user is disabled.
        InvalidInputError, ConflictError
            If the id, the name or a tag is invalid, the id is taken, or the user owns a project of this name.
        """
        check_id(project_id, "project")
        given = _validate_fields(
            {"name": project_id if name is None else name, "description": description, "tags": tags}
        )
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            owner = get_acting_user(repositories, username)
            if repositories.of(ProjectRepository).find(project_id) is not None:
                raise ConflictError(f"there is a project {project_id!r} already")
            replace_unused_default(transaction, owner, project_id, now=self._clock())
            return self._add(repositories, project_id, owner, **given)

    def list_by_user(self, username: str) -> list[ProjectView]:
        """Return the projects that a user is a member of or invited to, by id.

        AccessDeniedError if there is no such user, or the user is disabled.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            get_acting_user(repositories, username)
            memberships = repositories.of(ProjectMembershipRepository).list_by_user(username)
            present = {one.project_id: one for one in memberships if one.status != "revoked"}
            projects = repositories.of(ProjectRepository).get_many(list(present))
        return [ProjectView(project, present[project.project_id]) for project in projects]

    def page(self, username: str, request: PageRequest) -> Page[ProjectView]:
        """Return a page of `list_by_user`; raise the same errors."""
        return Page.from_all_items(
            self.list_by_user(username), request, lambda view: (view.project.project_id,)
        )

    def show(self, access: Access) -> ProjectView:
        """Return a project with the counts of its contents."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            project = repositories.of(ProjectRepository).require(access.project_id)
            membership = repositories.of(ProjectMembershipRepository).find(access.project_id, access.username)
            assert membership is not None, "an access is that of a member"
            return ProjectView(project, membership, count_contents(snapshot, access.project_id))

    def edit(self, access: Access, *, as_of: datetime | None = None, **fields: Any) -> ProjectModel:
        """Change the given fields among name, description and tags.

        Raises
        ------
        StaleError
            If the project was changed since `as_of`.
        AccessDeniedError
            If the access is not that of an owner, or no longer.
        InvalidInputError, ConflictError
            If a value is invalid, or the owner has another project of this name.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            project = _get_owned_project(repositories, access)
            refuse_stale(f"project {project.project_id!r}", project.updated_at, as_of)
            changed = project.with_validated_changes(_validate_fields(fields), _EDITABLE, now=self._clock())
            require_free_name(repositories, project.owner_username, changed.name, but=project.project_id)
            repositories.of(ProjectRepository).put(changed)
        return changed

    def transfer(self, access: Access, to: str) -> ProjectModel:
        """Transfer a project to another active member; the previous owner keeps the role of an owner.

        Raises
        ------
        AccessDeniedError
            If the access is not that of an owner, or no longer.
        NotFoundError
            If there is no such user.
        InvalidInputError, ConflictError
            If the user is not a member, is disabled, or owns a project of the same name.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            project = _get_owned_project(repositories, access)
            user = repositories.of(UserRepository).require(to)
            membership = repositories.of(ProjectMembershipRepository).find(project.project_id, to)
            if user.disabled or membership is None or not membership.active:
                raise InvalidInputError(
                    f"user {to!r} cannot own project {project.project_id!r}: "
                    + ("disabled" if user.disabled else "not a member; `qdash member invite` comes first")
                )
            return transfer_ownership(repositories, project, user, now=self._clock())

    def delete(self, access: Access) -> None:
        """Delete an empty project.

        Raises
        ------
        AccessDeniedError
            If the access is not that of an owner, or no longer.
        ConflictError
            If it is not empty, or is project `default`.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            project_id = _get_owned_project(repositories, access).project_id
            obstacle = find_deletion_obstacle(project_id, count_contents(transaction, project_id))
            if obstacle is not None:
                raise ConflictError(obstacle)
            delete_project(transaction, project_id, now=self._clock())

    def _add(
        self, repositories: Repositories, project_id: str, owner: UserModel, **given: Any
    ) -> ProjectView:
        now = self._clock()
        project = ProjectModel(
            **{"name": project_id, **given},
            project_id=project_id,
            owner_user_id=owner.user_id,
            owner_username=owner.username,
            created_at=now,
            updated_at=now,
        )
        require_free_name(repositories, owner.username, project.name, but=project_id)
        return ProjectView(project, add_owned_project(repositories, project, owner))


def _get_owned_project(repositories: Repositories, access: Access) -> ProjectModel:
    recheck_access(repositories, access, ProjectRole.OWNER)
    return repositories.of(ProjectRepository).require(access.project_id)


def _validate_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return validated fields of a project, with stripped text and unique tags.

    Raise InvalidInputError if invalid.
    """
    found = dict(fields)
    if "name" in found:
        found["name"] = found["name"].strip()
        if not found["name"]:
            raise InvalidInputError("a project needs a name")
    if found.get("description") is not None:
        found["description"] = found["description"].strip() or None
    if "tags" in found:
        found["tags"] = list(dict.fromkeys(found["tags"]))
        for tag in found["tags"]:
            check_tag(tag)
    return found

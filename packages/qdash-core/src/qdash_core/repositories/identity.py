"""Repositories of users, projects and memberships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError
from qdash_core.models.project import (
    ProjectMembershipModel,
    ProjectModel,
    UserModel,
)
from qdash_core.repositories.base import Repository
from qdash_core.repositories.store import OneOf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.models.pages import Page, PageRequest


class UserRepository(Repository[UserModel]):
    """Users by name."""

    collection = "user"
    model = UserModel

    def find(self, username: str) -> UserModel | None:
        """Return the user of this name, or None."""
        return self._get((username,))

    def add(self, user: UserModel) -> None:
        """Add a new user; ConflictError when the name is taken."""
        self._insert(user)

    def require(self, username: str) -> UserModel:
        """Return the user of this name; NotFoundError if there is none."""
        user = self.find(username)
        if user is None:
            raise NotFoundError(f"there is no user {username!r}")
        return user

    def put(self, user: UserModel) -> None:
        """Update a user."""
        self._put(user)

    def list_all(self) -> list[UserModel]:
        """Return every user, by name."""
        return self.select({}, order=("username",))

    def page(self, request: PageRequest) -> Page[UserModel]:
        """Return a page of the users, by name."""
        return self._page({}, request)

    def has_any_password(self) -> bool:
        """Return whether a password has been set, which ends access for unknown users."""
        return any(user.hashed_password for user in self.select({}))


class ProjectRepository(Repository[ProjectModel]):
    """Projects by id."""

    collection = "project"
    model = ProjectModel

    def find(self, project_id: str) -> ProjectModel | None:
        """Return the project, or None."""
        return self._get((project_id,))

    def add(self, project: ProjectModel) -> None:
        """Add a new project; ConflictError when the id is taken."""
        self._insert(project)

    def require(self, project_id: str) -> ProjectModel:
        """Return the project; NotFoundError if there is none."""
        project = self.find(project_id)
        if project is None:
            raise NotFoundError(f"there is no project {project_id!r}")
        return project

    def put(self, project: ProjectModel) -> None:
        """Update a project."""
        self._put(project)

    def list_by_owner(self, username: str) -> list[ProjectModel]:
        """Return the projects owned by a user, by name."""
        return self.select({"owner_username": username}, order=("name",))

    def list_by_owners(self, usernames: Sequence[str]) -> list[ProjectModel]:
        """Return the projects owned by these users, by id."""
        return self.select({"owner_username": OneOf(tuple(usernames))}, order=("project_id",))

    def get_many(self, project_ids: Sequence[str]) -> list[ProjectModel]:
        """Return the existing projects among these ids, by id."""
        return self.select({"project_id": OneOf(tuple(project_ids))}, order=("project_id",))

    def list_all(self) -> list[ProjectModel]:
        """Return every project."""
        return self.select({}, order=("project_id",))


class ProjectMembershipRepository(Repository[ProjectMembershipModel]):
    """Memberships by project and user."""

    collection = "project_membership"
    model = ProjectMembershipModel

    def find(self, project_id: str, username: str) -> ProjectMembershipModel | None:
        """Return the membership, or None."""
        return self._get((project_id, username))

    def list_by_project(self, project_id: str) -> list[ProjectMembershipModel]:
        """Return the memberships of a project, including revoked ones, by name."""
        return self.select({"project_id": project_id}, order=("username",))

    def list_by_user(self, username: str) -> list[ProjectMembershipModel]:
        """Return the memberships of a user, including revoked ones, by project."""
        return sorted(self.select({"username": username}), key=lambda found: found.project_id)

    def list_by_users(self, usernames: Sequence[str]) -> list[ProjectMembershipModel]:
        """Return the memberships of these users, including revoked ones, by project and name."""
        return self.select({"username": OneOf(tuple(usernames))}, order=("project_id", "username"))

    def list_all(self) -> list[ProjectMembershipModel]:
        """Return every membership, by project and name."""
        return self.select({}, order=("project_id", "username"))

    def put(self, membership: ProjectMembershipModel) -> None:
        """Add or replace a membership."""
        self._put(membership)

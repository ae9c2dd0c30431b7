"""Repositories of users, tokens, projects, memberships and backends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError
from qdash_core.models.project import (
    BackendModel,
    ProjectMembershipModel,
    ProjectModel,
    UserModel,
)
from qdash_core.models.token import AccessTokenModel
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
        return self._find({}, order=("username",))

    def page(self, request: PageRequest) -> Page[UserModel]:
        """Return a page of the users, by name."""
        return self._page({}, request)

    def has_any_password(self) -> bool:
        """Return whether a password has been set, which ends access for unknown users."""
        return any(user.hashed_password for user in self._find({}))


class AccessTokenRepository(Repository[AccessTokenModel]):
    """Tokens by the hash of their secret."""

    collection = "access_token"
    model = AccessTokenModel

    def find(self, token_hash: str) -> AccessTokenModel | None:
        """Return the token whose secret has this hash, or None."""
        return self._get((token_hash,))

    def list_by_user(self, user_id: str) -> list[AccessTokenModel]:
        """Return the tokens of a user, by name."""
        return self._find({"user_id": user_id}, order=("name",))

    def put(self, token: AccessTokenModel) -> None:
        """Add or replace a token."""
        self._put(token)

    def remove(self, token: AccessTokenModel) -> None:
        """Remove a token, which invalidates its secret."""
        with self._open_transaction() as transaction:
            transaction.delete(self.collection, {"token_hash": token.token_hash})

    def remove_all(self, user_id: str) -> int:
        """Remove every token of a user; return their number."""
        with self._open_transaction() as transaction:
            return transaction.delete(self.collection, {"user_id": user_id})


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
        return self._find({"owner_username": username}, order=("name",))

    def list_by_owners(self, usernames: Sequence[str]) -> list[ProjectModel]:
        """Return the projects owned by these users, by id."""
        return self._find({"owner_username": OneOf(tuple(usernames))}, order=("project_id",))

    def get_many(self, project_ids: Sequence[str]) -> list[ProjectModel]:
        """Return the existing projects among these ids, by id."""
        return self._find({"project_id": OneOf(tuple(project_ids))}, order=("project_id",))

    def list_all(self) -> list[ProjectModel]:
        """Return every project."""
        return self._find({}, order=("project_id",))


class ProjectMembershipRepository(Repository[ProjectMembershipModel]):
    """Memberships by project and user."""

    collection = "project_membership"
    model = ProjectMembershipModel

    def find(self, project_id: str, username: str) -> ProjectMembershipModel | None:
        """Return the membership, or None."""
        return self._get((project_id, username))

    def list_by_project(self, project_id: str) -> list[ProjectMembershipModel]:
        """Return the memberships of a project, including revoked ones, by name."""
        return self._find({"project_id": project_id}, order=("username",))

    def list_by_user(self, username: str) -> list[ProjectMembershipModel]:
        """Return the memberships of a user, including revoked ones, by project."""
        return sorted(self._find({"username": username}), key=lambda found: found.project_id)

    def list_by_users(self, usernames: Sequence[str]) -> list[ProjectMembershipModel]:
        """Return the memberships of these users, including revoked ones, by project and name."""
        return self._find({"username": OneOf(tuple(usernames))}, order=("project_id", "username"))

    def list_all(self) -> list[ProjectMembershipModel]:
        """Return every membership, by project and name."""
        return self._find({}, order=("project_id", "username"))

    def put(self, membership: ProjectMembershipModel) -> None:
        """Add or replace a membership."""
        self._put(membership)


class BackendRepository(Repository[BackendModel]):
    """Backends that a project uses, by name."""

    collection = "backend"
    model = BackendModel

    def ensure(self, project_id: str, name: str, *, username: str) -> None:
        """Add a backend unless it exists, with this user as its first user."""
        with self._open_transaction() as transaction:
            if transaction.get(self.collection, (project_id, name)) is None:
                backend = BackendModel(project_id=project_id, username=username, name=name)
                transaction.insert(self.collection, backend.to_document())

    def list_by_project(self, project_id: str) -> list[BackendModel]:
        """Return the backends of a project, by name."""
        return self._find({"project_id": project_id})

"""Users, projects and memberships."""

from qdash_core.models.project import ProjectMembershipModel, ProjectModel, UserModel
from qdash_core.repositories.base import Repository


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

    def anyone_has_a_password(self) -> bool:
        """Whether a password has been set: then strangers are no longer welcome."""
        return any(user.hashed_password for user in self._find({}))


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

    def everything(self) -> list[ProjectModel]:
        """Return every project."""
        return self._find({}, order=("project_id",))


class ProjectMembershipRepository(Repository[ProjectMembershipModel]):
    """Who is what in which project."""

    collection = "project_membership"
    model = ProjectMembershipModel

    def find(self, project_id: str, username: str) -> ProjectMembershipModel | None:
        """Return the membership, or None."""
        return self._get((project_id, username))

    def put(self, membership: ProjectMembershipModel) -> None:
        """Add or replace a membership."""
        self._put(membership)

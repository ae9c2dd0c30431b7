"""Access for tests, without the query of the store by `qdash.access`."""

from qdash_core.models.access import Access
from qdash_core.models.project import DEFAULT_PROJECT, DEFAULT_USER, ProjectRole


def access_of(
    username: str, project_id: str = DEFAULT_PROJECT, role: ProjectRole = ProjectRole.OWNER
) -> Access:
    return Access(username, project_id, role)


ADMIN = access_of(DEFAULT_USER)

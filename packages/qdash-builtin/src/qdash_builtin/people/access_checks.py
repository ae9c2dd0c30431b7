"""Access checks of changes of users, members and projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.access.checks import get_acting_user, read_access, require_administrator

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.project import ProjectRole
    from qdash_core.repositories.repositories import Repositories


def recheck_access(repositories: Repositories, access: Access, role: ProjectRole) -> None:
    """Raise AccessDeniedError if an access does not include a role, or has lost it since.

    Every change checks again.
    """
    access.require(role)
    read_access(repositories, access.username, access.project_id, role)


def require_self_or_administrator(repositories: Repositories, username: str, by: str) -> None:
    """Raise AccessDeniedError if a user acts for another one and does not administer the store."""
    get_acting_user(repositories, by)
    if by != username:
        require_administrator(repositories, by)

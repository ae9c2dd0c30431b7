"""Contents of a project, and the deletion of an empty one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.people.ownership import reset_default_project
from qdash_core.models.project import DEFAULT_PROJECT
from qdash_core.repositories.identity import UserRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from qdash_core.repositories.store import Snapshot, Transaction


def count_contents(snapshot: Snapshot, project_id: str) -> Mapping[str, int]:
    """Return the numbers of the main contents of a project, such as chips, executions and issues, without zeros."""
    counts = {
        collection.contents: snapshot.count(name, {"project_id": project_id})
        for name, collection in snapshot.collections.items()
        if collection.contents
    }
    return {what: count for what, count in counts.items() if count}


def find_deletion_obstacle(project_id: str, contents: Mapping[str, int]) -> str | None:
    """Return the reason why a project with these contents cannot be deleted, or None."""
    if project_id == DEFAULT_PROJECT:
        return f"project {project_id!r} cannot be deleted: its owners administer the store"
    if contents:
        held = ", ".join(f"{what}: {count}" for what, count in contents.items())
        return f"project {project_id!r} is not empty ({held}): only an empty project can be deleted"
    return None


def delete_project(transaction: Transaction, project_id: str, *, now: datetime) -> None:
    """Delete a project with its memberships, tags and other references, and replace it as a default project.

    The audit log stays; it records the user who deleted the project.
    """
    repositories = Repositories(transaction)
    for user in repositories.of(UserRepository).list_all():
        if user.default_project_id == project_id:
            reset_default_project(repositories, user, now=now)
    for collection in transaction.collections.values():
        if "project_id" in collection.fields and collection.name != "audit":
            transaction.delete(collection.name, {"project_id": project_id})

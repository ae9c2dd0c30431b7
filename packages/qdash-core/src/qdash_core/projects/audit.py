"""The audit log: who asked for which change through the host, when, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.base import utc_now
from qdash_core.models.project import ProjectRole
from qdash_core.projects.access import require_administrator, require_still
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.audit import AuditModel
    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.repositories.store import Store


class AuditService:
    """The audit log of one store. Rows of a project that is deleted stay; old ones go when a run begins.

    Parameters
    ----------
    store : Store
        Where it is kept.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def asked(self, row: AuditModel) -> AuditModel:
        """Write what is asked for, before it is done, and return it with its number; StoreError when it cannot be written."""
        return Repositories(self._store).audit.append(row)

    def answered(self, row: AuditModel, status: int) -> None:
        """Write the status of the answer to what was asked for, into the row as `asked` returned it."""
        with self._store.transaction(durable=False) as transaction:
            answered = {"status": status, "updated_at": self._clock()}
            Repositories(transaction).audit.put(row.model_copy(update=answered))

    def told(self, row: AuditModel, status: int, username: str | None) -> None:
        """Write that somebody showed, or failed to show, who they are.

        Parameters
        ----------
        row : AuditModel
            What was asked for.
        status : int
            Of the answer.
        username : str or None
            Who they said that they are: kept where there is such a user, for others may type a password there.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            known = repositories.users.find(username) if username else None
            told = {"status": status, "username": known and known.username}
            repositories.audit.append(row.model_copy(update=told))

    def of_project(
        self,
        access: Access,
        request: PageRequest,
        *,
        username: str | None = None,
        since: datetime | None = None,
    ) -> Page[AuditModel]:
        """Return a page of what was asked for in a project, the newest first, to its owners.

        Parameters
        ----------
        access : Access
            That of an owner.
        request : PageRequest
            Which page.
        username : str or None
            Who asked; None: anybody.
        since : datetime or None
            Nothing older; None: all there is.

        Raises
        ------
        AccessDeniedError
            If the access is not that of an owner, or no longer.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            require_still(repositories, access, ProjectRole.OWNER)
            begin = repositories.projects.require(
                access.project_id
            ).created_at  # one of the same id may be gone
            since = begin if since is None else max(since, begin)
            return _page(repositories, request, since, project_id=access.project_id, username=username)

    def everywhere(
        self,
        request: PageRequest,
        *,
        by: str,
        project_id: str | None = None,
        username: str | None = None,
        since: datetime | None = None,
    ) -> Page[AuditModel]:
        """Return a page of what was asked for anywhere, as `of_project`, to an administrator; AccessDeniedError for others."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            require_administrator(repositories, by)
            return _page(repositories, request, since, project_id=project_id, username=username)


def _page(
    repositories: Repositories, request: PageRequest, since: datetime | None, **of: str | None
) -> Page[AuditModel]:
    where = {field: value for field, value in of.items() if value is not None}
    return repositories.audit.page(where, request, since=since)

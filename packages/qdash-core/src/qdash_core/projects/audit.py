"""The audit log: who asked for which change through the host, when, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.base import utc_now
from qdash_core.models.pages import Page
from qdash_core.models.project import ProjectRole
from qdash_core.projects.access import require_administrator, require_still
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.audit import AuditModel
    from qdash_core.models.pages import PageRequest
    from qdash_core.repositories.store import Store


class AuditService:
    """The audit log of one store. Rows are kept; those of a project that is deleted stay.

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

    def answered(self, row: AuditModel, status: int, *, username: str | None = None) -> None:
        """Write the answer to what was asked for.

        Parameters
        ----------
        row : AuditModel
            As `asked` returned it.
        status : int
            Of the answer.
        username : str or None
            Who it turned out to be, as of who has logged in; None: as it was.
        """
        known = {"status": status, "username": username or row.username, "updated_at": self._clock()}
        with self._store.transaction(durable=False) as transaction:
            Repositories(transaction).audit.put(row.model_copy(update=known))

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
    found = repositories.audit.page(where, request)
    if since is None:
        return found
    young = [row for row in found.items if row.created_at >= since]
    return Page(young, found.next if len(young) == len(found.items) else None)

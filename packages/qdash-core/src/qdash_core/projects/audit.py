"""Audit log: the user, time and result of each change requested through the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.base import utc_now
from qdash_core.models.project import ProjectRole
from qdash_core.projects.access import recheck_access, require_administrator
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.audit import AuditModel
    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.repositories.store import Store


class AuditService:
    """Audit log of one store. Rows of deleted projects stay; old rows are removed when a run starts.

    Parameters
    ----------
    store : Store
        The store.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def record_request(self, row: AuditModel) -> AuditModel:
        """Record a request before it is performed, and return its row with a number.

        Raise StoreError if that fails.
        """
        return Repositories(self._store).audit.append(row)

    def record_parts(self, row: AuditModel, paths: Iterable[str]) -> list[AuditModel]:
        """Record each object that a request changes by its path, before it is performed, and return their rows.

        Raise StoreError if that fails.
        """
        with self._store.transaction() as transaction:
            audit = Repositories(transaction).audit
            return [audit.append(row.model_copy(update={"path": path})) for path in paths]

    def record_response(self, rows: Iterable[AuditModel], status: int) -> None:
        """Record the response status of a request in its rows."""
        with self._store.transaction(durable=False) as transaction:
            answered = {"status": status, "updated_at": self._clock()}
            for row in rows:
                Repositories(transaction).audit.put(row.model_copy(update=answered))

    def record_login(self, row: AuditModel, status: int, username: str | None) -> None:
        """Record a successful or failed login.

        Parameters
        ----------
        row : AuditModel
            The request.
        status : int
            HTTP status of the response.
        username : str or None
            The given user name. It is recorded only if such a user exists, since it may be a mistyped
            password.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            known = repositories.users.find(username) if username else None
            fields = {"status": status, "username": known and known.username}
            repositories.audit.append(row.model_copy(update=fields))

    def list_by_project(
        self,
        access: Access,
        request: PageRequest,
        *,
        username: str | None = None,
        since: datetime | None = None,
    ) -> Page[AuditModel]:
        """Return a page of the audit log of a project, newest first, to an owner.

        Parameters
        ----------
        access : Access
            The access of an owner.
        request : PageRequest
            The page to return.
        username : str or None
            The user of the requests, or None for any.
        since : datetime or None
            Time of the oldest request, or None for no limit.

        Raises
        ------
        AccessDeniedError
            If the user is not, or no longer, an owner.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            recheck_access(repositories, access, ProjectRole.OWNER)
            begin = repositories.projects.require(
                access.project_id
            ).created_at  # excludes a deleted project with the same id
            since = begin if since is None else max(since, begin)
            return _page(repositories, request, since, project_id=access.project_id, username=username)

    def list_all(
        self,
        request: PageRequest,
        *,
        by: str,
        project_id: str | None = None,
        username: str | None = None,
        since: datetime | None = None,
    ) -> Page[AuditModel]:
        """Return a page of the audit log of the store; AccessDeniedError unless `by` administers it."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            require_administrator(repositories, by)
            return _page(repositories, request, since, project_id=project_id, username=username)


def _page(
    repositories: Repositories, request: PageRequest, since: datetime | None, **of: str | None
) -> Page[AuditModel]:
    where = {field: value for field, value in of.items() if value is not None}
    return repositories.audit.page(where, request, since=since)

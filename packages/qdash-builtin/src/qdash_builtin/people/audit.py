"""Audit log: the user, time and result of each change requested through the host."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qdash_builtin.people.access_checks import recheck_access
from qdash_builtin.people.repositories.audit import AuditRepository
from qdash_core.access.checks import require_administrator
from qdash_core.models.pages import LARGEST_PAGE, PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.process.clock import machine_now
from qdash_core.repositories.identity import ProjectRepository, UserRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from qdash_builtin.people.models.audit import AuditModel
    from qdash_core.models.access import Access
    from qdash_core.models.pages import Page
    from qdash_core.repositories.store import Store


MOST_IN_FILE = 10_000
"""Maximum number of rows in a file."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Filter of the audit log; None matches any request.

    Parameters
    ----------
    action : str or None
        Words that the name of the operation or the method contains, in any case: `role`, `delete`.
    subject : str or None
        Text that the path contains, in any case.
    since, until : datetime or None
        Start, inclusive, and end, exclusive, of the time of the requests.
    """

    username: str | None = None
    project_id: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def make_conditions(self) -> dict[str, Any]:
        """Return the conditions that the store checks; InvalidInputError if the time range is empty."""
        conditions = {
            "username": self.username,
            "project_id": self.project_id,
            "created_at": Range.from_period(self.since, self.until),
        }
        return {name: value for name, value in conditions.items() if value is not None}

    def selects(self, row: AuditModel) -> bool:
        """Return whether a row meets the conditions that the store cannot check."""
        action = f"{row.operation.replace('_', ' ')} {row.method}".casefold()
        words = (self.action or "").replace("_", " ").casefold().split()
        return all(word in action for word in words) and (
            (self.subject or "").casefold() in row.path.casefold()
        )


class AuditService:
    """Audit log of one store. Rows of deleted projects stay; old rows are removed when a run starts."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = machine_now) -> None:
        self._store = store
        self._clock = clock

    def record_request(self, row: AuditModel) -> AuditModel:
        """Record a request before it is performed, and return its row with a number.

        Raise StoreError if that fails.
        """
        return Repositories(self._store).of(AuditRepository).append(row)

    def record_objects(self, row: AuditModel, paths: Iterable[str]) -> list[AuditModel]:
        """Record each object that a request changes by its path, before it is performed, and return their rows.

        Raise StoreError if that fails.
        """
        with self._store.transaction() as transaction:
            audit = Repositories(transaction).of(AuditRepository)
            return [audit.append(row.model_copy(update={"path": path})) for path in paths]

    def record_response(self, rows: Iterable[AuditModel], status: int) -> None:
        """Record the response status of a request in its rows."""
        with self._store.transaction(durable=False) as transaction:
            answered = {"status": status, "updated_at": self._clock()}
            for row in rows:
                Repositories(transaction).of(AuditRepository).put(row.model_copy(update=answered))

    def record_login(self, row: AuditModel, status: int, username: str | None) -> None:
        """Record a login, successful or failed by the HTTP status of its response.

        The user name is recorded only if such a user exists, since it may be a mistyped password.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            known = repositories.of(UserRepository).find(username) if username else None
            fields = {"status": status, "username": known and known.username}
            repositories.of(AuditRepository).append(row.model_copy(update=fields))

    def list_by_project(
        self, access: Access, request: PageRequest, wanted: AuditFilter | None = None
    ) -> Page[AuditModel]:
        """Return a page of the audit log of a project, newest first, to an owner.

        With a filter for an action or a subject it may be short although it has a `next`.

        Raises
        ------
        AccessDeniedError
            If the user is not, or no longer, an owner.
        """
        wanted = wanted or AuditFilter()
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            recheck_access(repositories, access, ProjectRole.OWNER)
            begin = (
                repositories.of(ProjectRepository).require(access.project_id).created_at
            )  # excludes a deleted project with the same id
            since = begin if wanted.since is None else max(wanted.since, begin)
            of_project = replace(wanted, project_id=access.project_id)
            conditions = of_project.make_conditions() | {"created_at": Range(least=since, below=wanted.until)}
            return repositories.of(AuditRepository).page(conditions, request, wanted.selects)

    def list_all(
        self, request: PageRequest, wanted: AuditFilter | None = None, *, by: str
    ) -> Page[AuditModel]:
        """Return a page of the audit log of the store, as `list_by_project`; AccessDeniedError unless `by` administers it."""
        wanted = wanted or AuditFilter()
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            require_administrator(repositories, by)
            return repositories.of(AuditRepository).page(wanted.make_conditions(), request, wanted.selects)

    def read_project(self, access: Access, wanted: AuditFilter) -> list[AuditModel]:
        """Return the newest rows of the audit log of a project, at most `MOST_IN_FILE`; raise as `list_by_project`."""
        return _read_pages(lambda request: self.list_by_project(access, request, wanted))

    def read_all(self, wanted: AuditFilter, *, by: str) -> list[AuditModel]:
        """Return the newest rows of the audit log of the store, at most `MOST_IN_FILE`; raise as `list_all`."""
        return _read_pages(lambda request: self.list_all(request, wanted, by=by))


def _read_pages(read: Callable[[PageRequest], Page[AuditModel]]) -> list[AuditModel]:
    found: list[AuditModel] = []
    request = PageRequest(LARGEST_PAGE)
    while True:
        page = read(request)
        found += page.items
        if page.next is None or len(found) >= MOST_IN_FILE:
            return found[:MOST_IN_FILE]
        request = PageRequest(LARGEST_PAGE, page.next)

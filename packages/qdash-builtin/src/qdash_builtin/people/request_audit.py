"""Audit log entries of requests, written once its caller is authorized and completed with the status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.people.field_changes import compare_fields
from qdash_builtin.people.models.audit import AuditModel, FieldChange
from qdash_core.models.access import Access
from qdash_core.process.clock import machine_now

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_builtin.people.audit import AuditService
    from qdash_core.access.request_audit import AuditedRequest
    from qdash_core.models.caller import Caller

_MOST_CHANGES = 50
"""Maximum number of fields that an entry keeps."""
_LONGEST_PATH = 500
"""Maximum length of a path in the audit log."""
_PATHS_WITHOUT_PROJECT = ("/auth/", "/tokens", "/users", "/projects")


class RequestEntry:
    """Audit log entry of a request that may change something, a `qdash_core.AuditEntry`.

    The project in the path of the request counts as the project of the entry only if the request succeeds: a user who
    accepts an invitation is no member before.
    """

    def __init__(self, audit: AuditService, request: AuditedRequest) -> None:
        self._audit = audit
        self._row = _make_row(request)
        self._path_project = request.path_project
        self._created_project: str | None = None
        self._object_rows: list[AuditModel] = []
        self._changes: list[FieldChange] = []
        self.is_written = False
        """True once the entry has been written."""

    def record_versions(self, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
        """Keep the fields that differ between two versions of the changed object."""
        self._changes = compare_fields(before, after)

    def record_drafter(self, drafter: str) -> None:
        """Keep which assistant drafted what the request performs."""
        self._changes = [FieldChange(field="drafted_by", after=drafter)]

    def record_project(self, project_id: str) -> None:
        """Keep the project that the request has created."""
        self._created_project = project_id

    def begin(self, operation: str = "") -> None:
        """Write the entry of an operation before the request is performed; raise StoreError if that fails."""
        self._row = self._audit.record_request(self._row.model_copy(update={"operation": operation}))
        self.is_written = True

    def add_objects(self, paths: Iterable[str]) -> None:
        """Write an entry for each object that the request changes, with the path of the object; raise StoreError if that fails."""
        self._object_rows = self._audit.record_objects(self._row, paths)

    def end(self, status: int) -> None:
        """Add the status of the response to an entry that was written."""
        done = self._created_project or self._path_project
        of = self._row.project_id or (done if status < 400 else None)
        rows = [row.model_copy(update={"project_id": of}) for row in (self._row, *self._object_rows)]
        rows[0] = rows[0].model_copy(
            update={
                "changes": self._changes[:_MOST_CHANGES],
                "n_further_changes": len(self._changes[_MOST_CHANGES:]),
            }
        )
        self._audit.record_response(rows, status)


class RequestAuditService:
    """Audit of the requests to a host, a `qdash_core.RequestAudit`."""

    def __init__(self, audit: AuditService) -> None:
        self._audit = audit

    def open_entry(self, request: AuditedRequest) -> RequestEntry:
        """Return the entry of a request, which is not written yet."""
        return RequestEntry(self._audit, request)

    def record_login(self, request: AuditedRequest, status: int, username: str | None) -> None:
        """Record a successful or failed login."""
        self._audit.record_login(_make_row(request), status, username)


def _make_row(request: AuditedRequest) -> AuditModel:
    """Return the row of the audit log for a request, without a number yet."""
    caller = request.caller
    return AuditModel(
        request_id=request.request_id,
        username=caller and caller.username,
        token=caller and caller.token.name,
        project_id=caller and _find_project(request, caller),
        method=request.method,
        path=request.path[:_LONGEST_PATH],
        address=request.address,
        created_at=machine_now(),
    )


def _find_project(request: AuditedRequest, caller: Caller) -> str | None:
    if request.path.startswith(_PATHS_WITHOUT_PROJECT) and request.path_project is None:
        return None
    return caller.project.project_id if isinstance(caller.project, Access) else None

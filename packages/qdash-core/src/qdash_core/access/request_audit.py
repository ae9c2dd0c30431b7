"""Audit log of the requests to a host, which a feature provides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from qdash_core.features.declarations import Service

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_core.models.caller import Caller


@dataclass(frozen=True, slots=True)
class AuditedRequest:
    """Request that may change something, or a login.

    The method is in capitals, or `WEBSOCKET`, and the path without the query. `address` is the network address of the
    client, if known. The project `path_project` in the path may not exist. `caller` is None for a login.
    """

    request_id: str
    method: str
    path: str
    address: str | None
    path_project: str | None
    caller: Caller | None


class AuditEntry(Protocol):
    """Entry of one request, written once its caller is authorized and completed with the status."""

    @property
    def is_written(self) -> bool:
        """True once the entry has been written."""
        ...

    def begin(self, operation: str = "") -> None:
        """Write the entry of an operation before the request is performed.

        Raises
        ------
        StoreError
            If it cannot be written; the request is not performed then.
        """
        ...

    def add_objects(self, paths: Iterable[str]) -> None:
        """Write an entry for each object that the request changes, with its path. Raises as `begin`; nothing may be changed then."""
        ...

    def record_project(self, project_id: str) -> None:
        """Keep the project that the request has created."""
        ...

    def record_versions(self, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
        """Keep the fields that differ between two versions of the changed object as JSON values; None: there is no object."""
        ...

    def record_drafter(self, drafter: str) -> None:
        """Keep which assistant drafted what the request performs."""
        ...

    def end(self, status: int) -> None:
        """Add the HTTP status of the response to the written entries."""
        ...


class RequestAudit(Protocol):
    """Audit log of requests."""

    def open_entry(self, request: AuditedRequest) -> AuditEntry:
        """Return the entry of a request, which is not written yet."""
        ...

    def record_login(self, request: AuditedRequest, status: int, username: str | None) -> None:
        """Record a successful or failed login with its HTTP status and the claimed username, which may be a mistyped password."""
        ...


REQUEST_AUDIT: Service[RequestAudit] = Service(name="audit of requests")
"""Key of the audit of requests. Without one, a host performs no request that may change something."""

"""Audit log of requests to the host that may change something."""

from qdash_core.models.base import Record, Value


class FieldChange(Value):
    """Field of an object before and after a request, as text; long texts are cut."""

    field: str
    """Name, with the names of outer fields: `request.tags`."""
    before: str | None = None
    """None if it was absent."""
    after: str | None = None
    """None if it is absent."""


class AuditModel(Record):
    """A request that may change something: written before it is performed, and again with its answer."""

    seq: int = 0
    """Assigned by the store."""
    request_id: str
    username: str | None = None
    """None if the user is not authenticated, as after a failed login."""
    token: str | None = None
    """Name of the token or login session of the request."""
    project_id: str | None = None
    operation: str = ""
    """Name of the operation, such as `change_role`; empty for a login, a route of a plugin, and in older rows."""
    method: str
    path: str
    """Path of the request with its parameters, without the query."""
    address: str | None = None
    """Network address of the client, if known."""
    status: int | None = None
    """HTTP status of the response. None if there was no response: something may have been changed."""
    changes: list[FieldChange] = []
    """Fields that differ, for operations that record them; `drafted_by` is the assistant whose proposal the user confirmed."""
    n_further_changes: int = 0
    """Number of fields that differ, but are not in `changes`."""

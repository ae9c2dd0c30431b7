"""Audit log of requests to the host that may change something."""

from qdash_core.models.base import Record


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
    method: str
    path: str
    """Path of the request with its parameters, without the query."""
    address: str | None = None
    """Network address of the client, if known."""
    status: int | None = None
    """HTTP status of the response. None if there was no response: something may have been changed."""

"""Who asked for which change, through the host, and what it was answered."""

from qdash_core.models.base import Record


class AuditModel(Record):
    """A request that may change something: written before it is performed, and again with its answer."""

    seq: int = 0
    """Given by the store."""
    request_id: str
    username: str | None = None
    """None: nobody who had shown who they are, as at a login that failed."""
    token: str | None = None
    """Name of the token, or session, by which was asked."""
    project_id: str | None = None
    method: str
    path: str
    """With what the path names, without what the query says."""
    address: str | None = None
    """Whence it came, where that is known."""
    status: int | None = None
    """Of the answer; None: there was none, and whether anything was changed is to be looked at."""

"""Idempotency keys of submitted runs."""

from qdash_core.models.base import Record


class IdempotencyModel(Record):
    """The idempotency key of a run request, with the execution that it created."""

    project_id: str
    username: str
    key: str
    request_sha256: str
    """SHA-256 of the request. The key is valid for this request only."""
    execution_id: str

"""Idempotency keys of submitted runs, changes of values, releases, recorded analyses and issues."""

from qdash_core.models.base import Record


class IdempotencyModel(Record):
    """The idempotency key of a request, with the execution, value event, release, task result or issue that it created."""

    project_id: str
    username: str
    key: str
    request_sha256: str
    """SHA-256 of the request. The key is valid for this request only."""
    execution_id: str
    """The execution, or empty for something else."""
    value_event: int | None = None
    """Number of the value event, or None for something else."""
    release: str = ""
    """Name of the release, or empty for something else."""
    task_id: str = ""
    """The task result, or empty for something else."""
    issue_id: str = ""
    """The opened or commented issue, or empty for something else."""

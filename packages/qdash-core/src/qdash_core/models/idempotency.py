"""What was asked for under a key of the asker's: asked for again, it is not done again."""

from qdash_core.models.base import Record


class IdempotencyModel(Record):
    """A key that somebody gave with a request for a run, and the execution that came of it."""

    project_id: str
    username: str
    key: str
    request_sha256: str
    """Of what was asked for: the key stands for this and nothing else."""
    execution_id: str

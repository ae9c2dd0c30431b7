"""View models of the queue and of workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_builtin.runs.queue_view import QueueStatus


class QueueEntryDocument(Document):
    """A queue entry with its current state."""

    project_id: str
    execution_id: str
    chip_id: str
    """Empty for a user's flow that chooses its chip itself."""
    instrument: str
    """The instrument that the run needs; empty if it needs none."""
    resources: list[str]
    """Names of the parts of the instrument that it needs; the instrument itself if it needs all of it."""
    username: str
    name: str
    submitted_at: UtcDatetime
    updated_at: UtcDatetime
    """Time of the last move, hold or release by a user."""
    resume: bool
    """True if an earlier execution is resumed."""
    held: bool
    reason: str
    """Reason for holding it."""
    deaths: int
    """Number of times that the worker, or its process for this run, has died."""
    detached: bool
    """True if a worker performs the run, rather than a waiting command."""
    state: Literal["waiting", "held", "running"]
    waits_for: str
    """Words that follow "for", such as a worker if none is running; empty if the run can start at once."""

    @classmethod
    def from_status(cls, status: QueueStatus) -> Self:
        """Return the view model of a queue entry."""
        entry = status.entry
        resources = entry.get_claim("chip").list_names()
        return cls.from_record(entry, resources=resources, state=status.state, waits_for=status.reason)


QueueChangeKind = Literal["moved", "held", "released", "removed"]


class QueueChangeDocument(Document):
    """A change of a queued run."""

    execution_id: str
    done: QueueChangeKind


class QueueChangesDocument(Document):
    """Changes of queued runs that were made at once."""

    changes: list[QueueChangeDocument]


class WorkerDocument(Document):
    """A live worker: a process that performs background runs."""

    host: str
    pid: int
    acquired_at: UtcDatetime
    """Start of the worker."""
    expires_at: UtcDatetime
    """Time until which the worker counts as live without a further heartbeat."""

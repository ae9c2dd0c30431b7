"""View models of the queue and of workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_core.runs.queue_view import QueueStatus


ENTRY_EXAMPLE: dict[str, Any] = {
    "project_id": "default",
    "execution_id": "20261121-002",
    "chip_id": "a",
    "instrument": "fake/default/a",
    "resources": ["instrument fake/default/a"],
    "username": "admin",
    "name": "CheckT1",
    "submitted_at": "2026-11-21T06:15:58.584127Z",
    "updated_at": "2026-11-21T06:20:03.120411Z",
    "resume": False,
    "held": True,
    "reason": "held by bob",
    "deaths": 0,
    "detached": True,
    "state": "held",
    "waits_for": "its release: held by bob",
}


class QueueEntryDocument(Document):
    """A queue entry with its current state."""

    model_config = ConfigDict(json_schema_extra={"examples": [ENTRY_EXAMPLE]})

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
    """Words that follow "for"; empty if the run can start at once."""

    @classmethod
    def from_status(cls, status: QueueStatus) -> Self:
        """Return the view model of a queue entry."""
        entry = status.entry
        resources = entry.get_claim("chip").list_names()
        return cls.from_record(entry, resources=resources, state=status.state, waits_for=status.waits_for)


QueueChangeKind = Literal["moved", "held", "released", "removed"]


class QueueChangeDocument(Document):
    """A change of a queued run."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"execution_id": "20261121-002", "done": "moved"}]}
    )

    execution_id: str
    done: QueueChangeKind


class QueueChangesDocument(Document):
    """Changes of queued runs that were made at once."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"changes": [{"execution_id": "20261121-002", "done": "moved"}]}]}
    )

    changes: list[QueueChangeDocument]


class WorkerDocument(Document):
    """A live worker: a process that performs background runs."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "host": "lab-1",
                    "pid": 4711,
                    "acquired_at": "2026-11-21T06:14:23.562803Z",
                    "expires_at": "2026-11-21T06:14:53.562803Z",
                }
            ]
        }
    )

    host: str
    pid: int
    acquired_at: UtcDatetime
    """Start of the worker."""
    expires_at: UtcDatetime
    """Time until which the worker counts as live without a further heartbeat."""

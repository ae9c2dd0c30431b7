"""Runs that wait for their chip or are being performed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_core.models.queue import PresenceModel
    from qdash_core.runs.turns import QueueStatus


ENTRY_EXAMPLE: dict[str, Any] = {
    "project_id": "default",
    "execution_id": "20261121-002",
    "chip_id": "a",
    "instrument": "fake/default/a",
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
    """An entry of the queue as it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [ENTRY_EXAMPLE]})

    project_id: str
    execution_id: str
    chip_id: str
    """Empty: a flow of somebody's own that knows its chip itself."""
    instrument: str
    """What it waits for: the instrument of its chip; empty: nothing."""
    username: str
    name: str
    submitted_at: UtcDatetime
    updated_at: UtcDatetime
    """When somebody moved, held or released it last."""
    resume: bool
    """Whether the execution has run before, and is gone on with."""
    held: bool
    reason: str
    """Why it is held."""
    deaths: int
    """How often its worker, or the worker's process for it, has died."""
    detached: bool
    """Whether a worker performs it: no command waits for it."""
    state: Literal["waiting", "held", "running"]
    waits_for: str
    """In words that follow "for"; empty: nothing, it begins as soon as whoever performs it looks."""

    @classmethod
    def of(cls, status: QueueStatus) -> Self:
        """Return the document of an entry."""
        return cls._like(
            status.entry, detached=status.entry.detached, state=status.state, waits_for=status.waits_for
        )


class QueueChangeDocument(Document):
    """What was done to a run that waits."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"execution_id": "20261121-002", "done": "moved"}]}
    )

    execution_id: str
    done: Literal["moved", "held", "released", "removed"]


class WorkerDocument(Document):
    """A worker that lives: a process that performs the runs that nobody waits for."""

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
    """Since when it is there."""
    expires_at: UtcDatetime
    """Until when it is taken to live if it is not heard of."""

    @classmethod
    def of(cls, worker: PresenceModel) -> Self:
        """Return the document of a worker."""
        return cls._like(worker)

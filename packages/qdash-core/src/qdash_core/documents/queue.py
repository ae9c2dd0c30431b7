"""Runs that wait for their chip or are being performed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_core.runs.queue import QueueStatus


class QueueEntryDocument(Document):
    """An entry of the queue as it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "project_id": "default",
                    "execution_id": "20261121-002",
                    "chip_id": "a",
                    "instrument": "fake/default/a",
                    "username": "admin",
                    "name": "CheckT1",
                    "submitted_at": "2026-11-21T06:15:58.584127Z",
                    "resume": False,
                    "held": True,
                    "reason": "held by bob",
                    "deaths": 0,
                    "detached": True,
                    "state": "held",
                    "waits_for": "its release: held by bob",
                }
            ]
        }
    )

    project_id: str
    execution_id: str
    chip_id: str
    """Empty: a flow of somebody's own that knows its chip itself."""
    instrument: str
    """What it waits for: the instrument of its chip; empty: nothing."""
    username: str
    name: str
    submitted_at: UtcDatetime
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

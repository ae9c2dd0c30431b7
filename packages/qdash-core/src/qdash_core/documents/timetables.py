"""Timetables: what they run when, what they will start next, and what became of their last moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.request import RunRequest
from qdash_core.models.timetable import Missed, MomentOutcome, When

if TYPE_CHECKING:
    from qdash_core.timetables.service import TimetableView

TIMETABLE_EXAMPLE: dict[str, Any] = {
    "project_id": "default",
    "name": "nightly",
    "username": "admin",
    "request": {
        "username": "",
        "chip_id": "a",
        "flow": "check",
        "targets": {"exclude": []},
        "saved": True,
        "tags": ["night"],
        "run_parameters": {},
        "parameters": {},
    },
    "when": {"kind": "cron", "expression": "0 2 * * *"},
    "timezone": "Asia/Tokyo",
    "paused": False,
    "missed": "once",
    "begin_within_s": 7200.0,
    "next_starts": ["2026-11-22T17:00:00Z", "2026-11-23T17:00:00Z", "2026-11-24T17:00:00Z"],
    "last": {
        "at": "2026-11-21T17:00:00Z",
        "became": "started",
        "execution_id": "20261122-001",
        "why": "",
    },
    "execution_id": "20261122-001",
    "created_at": "2026-11-20T08:15:58.584127Z",
    "updated_at": "2026-11-20T08:20:03.120411Z",
}


class TimetableDocument(Document):
    """A run that begins by itself."""

    model_config = ConfigDict(json_schema_extra={"examples": [TIMETABLE_EXAMPLE]})

    project_id: str
    name: str
    username: str
    """Who it acts as: the one who made it, or said last what it runs, or when."""
    request: RunRequest
    """What it runs. A saved flow without a version: each start takes the newest."""
    when: When
    timezone: str
    """Name of the zone in which a cron expression is read."""
    paused: bool
    missed: Missed
    """What becomes of moments at which nobody looked: nothing is started for them, or one run for all of them."""
    until: UtcDatetime | None = None
    """After it nothing is started."""
    begin_within_s: float | None = None
    """A start that has not begun so many seconds after its moment is not begun any more."""
    next_starts: list[UtcDatetime]
    """The next three; fewer where there are no more, none while it is paused."""
    last: MomentOutcome | None = None
    """What became of the newest moment that was dealt with."""
    execution_id: str | None = None
    """The execution that it started last."""
    created_at: UtcDatetime
    updated_at: UtcDatetime
    """When it was changed last: starts do not change it."""

    @classmethod
    def of(cls, view: TimetableView) -> Self:
        """Return the document of a timetable."""
        timetable = view.timetable
        return cls._like(
            timetable.model_copy(update={"execution_id": timetable.execution_id or None}),
            next_starts=view.next_starts,
        )

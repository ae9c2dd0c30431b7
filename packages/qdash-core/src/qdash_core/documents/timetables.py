"""View model of timetables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime
from qdash_core.models.timetable import Missed, MomentOutcome, TimetableActivity, When

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.timetables.service import TimetableView

TIMETABLE_EXAMPLE: dict[str, Any] = {
    "request": {
        "username": "",
        "chip_id": "a",
        "flow": "check",
        "targets": {"exclude": []},
        "saved": True,
        "repeat": True,
        "tags": ["night"],
        "run_parameters": {},
        "inputs": {},
        "parameters": {},
        "only": [],
        "scheduling": {"strategies": []},
    },
    "project_id": "default",
    "name": "nightly",
    "username": "admin",
    "when": {"kind": "cron", "expression": "0 2 * * *"},
    "timezone": "Asia/Tokyo",
    "paused": False,
    "missed": "once",
    "begin_within_s": 7200.0,
    "next_starts": ["2026-11-22T17:00:00Z", "2026-11-23T17:00:00Z", "2026-11-24T17:00:00Z"],
    "next_at": "2026-11-22T17:00:00Z",
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


_DIGEST_EXAMPLE: dict[str, Any] = {
    **{
        "digest" if name == "request" else name: value
        for name, value in TIMETABLE_EXAMPLE.items()
        if name != "execution_id"
    },
    "name": "morning",
    "digest": {"chip_id": "a", "since": "18:00"},
    "when": {"kind": "cron", "expression": "0 8 * * *"},
    "next_starts": ["2026-11-22T23:00:00Z", "2026-11-23T23:00:00Z", "2026-11-24T23:00:00Z"],
    "next_at": "2026-11-22T23:00:00Z",
    "last": {"at": "2026-11-21T23:00:00Z", "became": "sent", "execution_id": "", "why": ""},
}


_PRUNE_EXAMPLE: dict[str, Any] = {
    **{"keep" if name == "digest" else name: value for name, value in _DIGEST_EXAMPLE.items()},
    "name": "clean",
    "keep": {"raw": 90.0, "executions": 365.0},
    "when": {"kind": "cron", "expression": "0 4 * * 0"},
    "next_starts": ["2026-11-28T19:00:00Z", "2026-12-05T19:00:00Z", "2026-12-12T19:00:00Z"],
    "next_at": "2026-11-28T19:00:00Z",
    "last": {
        "at": "2026-11-21T19:00:00Z",
        "became": "pruned",
        "execution_id": "",
        "why": "removed 9840 files of raw data: 234.6 MiB",
    },
}


_BACKUP_EXAMPLE: dict[str, Any] = {
    **{"backup" if name == "digest" else name: value for name, value in _DIGEST_EXAMPLE.items()},
    "name": "backup",
    "backup": {"folder": "/backups/qdash", "keep": 14},
    "last": {
        "at": "2026-11-21T23:00:00Z",
        "became": "saved",
        "execution_id": "",
        "why": "/backups/qdash/qdash-20261121-230001.tar",
    },
}


class TimetableDocument(TimetableActivity, Document):
    """An activity that starts automatically at planned times: one of its first fields is given."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [TIMETABLE_EXAMPLE, _DIGEST_EXAMPLE, _PRUNE_EXAMPLE, _BACKUP_EXAMPLE]}
    )

    project_id: str
    name: str
    username: str
    """The user on whose behalf it acts: its creator, or the last to change its activity or times."""
    when: When
    timezone: str
    """Name of the time zone of a cron expression, and of the start of a digest."""
    paused: bool
    missed: Missed
    """Handling of starts that were missed: none, or a single one for all of them."""
    until: UtcDatetime | None = None
    """Time after which nothing is started."""
    begin_within_s: float | None = None
    """Deadline for the beginning of a started run, in seconds after its planned time."""
    next_starts: list[UtcDatetime]
    """The next three starts; fewer if there are no more, none while paused."""
    next_at: UtcDatetime | None = None
    """The next start that has not been handled; absent if it is paused or over."""
    last: MomentOutcome | None = None
    """Outcome of the most recent planned start."""
    execution_id: OmitEmpty[str] = None
    """The most recent execution that it started."""
    created_at: UtcDatetime
    updated_at: UtcDatetime
    """Time of the last change; a start is not a change."""
    advice: OmitEmpty[list[str]] = None
    """Obstacles to its next start, and the ways to remove them."""

    @classmethod
    def from_view(cls, view: TimetableView, *, advice: Sequence[str] = ()) -> Self:
        """Return the view model of a timetable."""
        return cls.from_record(view.timetable, next_starts=view.next_starts, advice=[*advice])

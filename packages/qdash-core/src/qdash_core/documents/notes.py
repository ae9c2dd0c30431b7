"""View models of notes and of their edit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.note import NoteScope, ScopeSource

if TYPE_CHECKING:
    from qdash_core.models.base import Note
    from qdash_core.models.note import MetricNoteModel, NoteEventModel
    from qdash_core.notes.note_places import PlacedNote


class NoteText(Document):
    """The text of a note with its author; the content is empty after the note was cleared."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "content": "replaced in April",
                    "updated_by": "alice",
                    "updated_at": "2026-11-20T08:30:00Z",
                }
            ]
        }
    )

    content: str
    updated_by: str
    updated_at: UtcDatetime

    @classmethod
    def from_note(cls, note: Note) -> Self | None:
        """Return the view model of a note, or None if none was ever written."""
        if note.updated_at is None:
            return None
        return cls(content=note.content, updated_by=note.updated_by, updated_at=note.updated_at)


class NoteDocument(Document):
    """A note with its subject and, on a metric, its period of validity."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "scope": "qubit_metric",
                    "chip_id": "64Qv3",
                    "target_id": "3",
                    "metric_key": "t1",
                    "note": {
                        "content": "shorter than last week",
                        "updated_by": "alice",
                        "updated_at": "2026-11-20T08:30:00Z",
                    },
                    "scope_type": "cooldown",
                    "scope_key": "cooldown:2026-001",
                    "cooldown_id": "2026-001",
                    "scope_started_at": "2026-11-02T00:00:00Z",
                    "scope_source": "current_cooldown",
                }
            ]
        }
    )

    scope: NoteScope
    chip_id: str | None = None
    """Absent for cryostats and cool-downs."""
    target_id: str
    metric_key: str | None = None
    qid: str | None = None
    """Target of the task result."""
    task_name: str | None = None
    """Task of the task result."""
    note: NoteText | None = None
    """Absent if no note was ever written."""
    scope_type: Literal["cooldown", "time_range", "global"] | None = None
    scope_key: str | None = None
    cooldown_id: str | None = None
    scope_started_at: UtcDatetime | None = None
    scope_ended_at: UtcDatetime | None = None
    scope_source: ScopeSource | None = None

    @classmethod
    def from_placed_note(cls, placed: PlacedNote) -> Self:
        """Return the view model of the note on a subject."""
        return cls(
            scope=placed.place.scope,
            chip_id=placed.place.chip_id or None,
            target_id=placed.place.target_id,
            qid=placed.extra.get("qid"),
            task_name=placed.extra.get("task_name"),
            note=NoteText.from_note(placed.note),
        )

    @classmethod
    def from_metric_note(cls, note: MetricNoteModel) -> Self:
        """Return the view model of a note on a metric."""
        return cls(
            scope=NoteScope(f"{note.target_type}_metric"),
            chip_id=note.chip_id,
            target_id=note.target_id,
            metric_key=note.metric_key,
            note=NoteText.from_note(note.note),
            scope_type=note.scope_type,
            scope_key=note.scope_key,
            cooldown_id=note.cooldown_id,
            scope_started_at=note.scope_started_at,
            scope_ended_at=note.scope_ended_at,
            scope_source=note.scope_source,
        )


class NoteEventDocument(Document):
    """One logged edit of a note."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "seq": 17,
                    "chip_id": "64Qv3",
                    "scope": "task_result",
                    "target_id": "0f9e8a4e-57a1-4d0c-9d3e-0a2f6b1c7d55",
                    "action": "upsert",
                    "actor": "alice",
                    "content": "the pump was off",
                    "extra": {"qid": "3", "task_name": "CheckT1"},
                    "created_at": "2026-11-20T08:30:00Z",
                }
            ]
        }
    )

    seq: int
    """Sequence number, which identifies a page of the log or the edit to restore."""
    chip_id: str | None = None
    scope: NoteScope
    target_id: str
    metric_key: str | None = None
    action: Literal["upsert", "delete"]
    actor: str
    content: str | None = None
    """Absent if the note was cleared."""
    extra: dict[str, str]
    """Target and task of a task result, or the scope of a metric note."""
    created_at: UtcDatetime

    @classmethod
    def from_event(cls, event: NoteEventModel) -> Self:
        """Return the view model of an edit."""
        return cls(
            seq=event.seq,
            chip_id=event.chip_id or None,
            scope=event.scope,
            target_id=event.target_id,
            metric_key=event.metric_key or None,
            action=event.action,
            actor=event.actor,
            content=event.content or None,
            extra=event.extra,
            created_at=event.created_at,
        )

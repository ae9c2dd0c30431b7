"""View models of notes and of their edit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, Self

from qdash_builtin.attachments.views import AttachmentDocument
from qdash_builtin.notes.model import NoteScope, ScopeSource
from qdash_core.documents.base import CitedPart, Document, OmitEmpty
from qdash_core.documents.note_texts import WrittenNote
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_builtin.notes.model import MetricNoteModel
    from qdash_builtin.notes.note_places import PlacedNote
    from qdash_builtin.notes.timeline import TimelineNote


class NoteDocument(Document):
    """A note with its subject and, on a metric, its period of validity."""

    scope: NoteScope
    chip_id: OmitEmpty[str] = None
    """Absent for cryostats and cool-downs."""
    target_id: str
    metric_key: str | None = None
    qid: str | None = None
    """Target of the task result."""
    task_name: str | None = None
    """Task of the task result."""
    note: WrittenNote = None
    """Absent if no note was ever written."""
    scope_type: Literal["cooldown", "time_range", "global"] | None = None
    scope_key: str | None = None
    cooldown_id: str | None = None
    scope_started_at: UtcDatetime | None = None
    scope_ended_at: UtcDatetime | None = None
    scope_source: ScopeSource | None = None
    attachments: OmitEmpty[list[AttachmentDocument]] = None
    """Files of the note, by name; absent in lists. `![text](file:NAME)` in the text shows a picture, `[text](file:NAME)` links to a file."""

    @classmethod
    def from_placed_note(cls, placed: PlacedNote) -> Self:
        """Return the view model of the note on a subject."""
        place, extra = placed.place, placed.extra
        return cls.from_record(
            place, note=placed.note, qid=extra.get("qid"), task_name=extra.get("task_name")
        )

    @classmethod
    def from_metric_note(cls, note: MetricNoteModel) -> Self:
        """Return the view model of a note on a metric."""
        return cls.from_record(note, scope=NoteScope(f"{note.target_type}_metric"))


class NoteEventDocument(Document):
    """One logged edit of a note."""

    cited_as: ClassVar[tuple[CitedPart, ...]] = (CitedPart("note", "{seq}"),)

    seq: int
    """Sequence number, which identifies a page of the log or the edit to restore."""
    chip_id: OmitEmpty[str] = None
    scope: NoteScope
    target_id: str
    metric_key: OmitEmpty[str] = None
    action: Literal["upsert", "delete"]
    actor: str
    content: OmitEmpty[str] = None
    """Absent if the note was cleared."""
    extra: dict[str, str]
    """Target and task of a task result, or the scope of a metric note."""
    created_at: UtcDatetime
    attachments: OmitEmpty[list[AttachmentDocument]] = None
    """Files that the text names and that are still there, by name; absent in lists other than the timeline."""


class TimelineNoteDocument(NoteEventDocument):
    """One logged edit of a note in the timeline of a project."""

    current: bool
    """True if this text is still the note; false after it was replaced or cleared, or its object was deleted."""

    @classmethod
    def from_timeline(cls, note: TimelineNote) -> Self:
        """Return the view model of an edit."""
        return cls.from_record(note.event, current=note.is_current)

"""Collections of notes."""

from __future__ import annotations

from qdash_core.repositories.collection import Collection

METRIC_NOTE = Collection(
    "metric_note",
    ("project_id", "chip_id", "target_type", "target_id", "metric_key", "scope_key"),
    indexes=(
        ("project_id", "chip_id", "scope_key", "target_type", "target_id"),
        ("project_id", "chip_id", "scope_started_at", "scope_ended_at"),
    ),
    noun="note on a metric",
    plural="notes on metrics",
    with_chip="removed",
    references="use",
    model="qdash_builtin.notes.model:MetricNoteModel",
)
NOTE_EVENT = Collection(
    "note_event",
    ("seq",),
    indexes=(
        ("project_id", "chip_id", "-created_at"),
        ("project_id", "scope", "target_id", "-created_at"),
        ("project_id", "-created_at"),
    ),
    text="content",
    numbered=True,
    noun="edit of a note",
    plural="edits of notes",
    with_chip="kept",
    contents="notes",
    references="use",
    model="qdash_builtin.notes.model:NoteEventModel",
)
NOTE_FILES = Collection(
    "note_files",
    ("project_id", "scope", "chip_id", "target_id", "metric_key"),
    noun="object with files of notes",
    plural="objects with files of notes",
    with_chip="kept",
    contents="files of notes",
    attached=True,
    references="use",
    model="qdash_builtin.notes.model:NoteFilesModel",
)

"""Feature of notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, FeaturePage, RecordKind, Service, make_event_kinds
from qdash_core.features.sections import Section

if TYPE_CHECKING:
    from qdash_builtin.attachments.service import AttachmentService
    from qdash_builtin.notes.metric_notes import MetricNoteService
    from qdash_builtin.notes.note_files import NotedObject
    from qdash_builtin.notes.service import NoteService

NOTES: Service[NoteService] = Service("qdash_builtin.notes.composition:open_notes")
METRIC_NOTES: Service[MetricNoteService] = Service("qdash_builtin.notes.composition:open_metric_notes")
NOTE_FILES: Service[AttachmentService[NotedObject]] = Service(
    "qdash_builtin.notes.composition:open_note_files"
)

FEATURE = Feature(
    "notes",
    services=(
        NOTES,
        METRIC_NOTES,
        NOTE_FILES,
    ),
    collections=(
        "qdash_builtin.notes.collections:METRIC_NOTE",
        "qdash_builtin.notes.collections:NOTE_EVENT",
        "qdash_builtin.notes.collections:NOTE_FILES",
    ),
    searches=("qdash_builtin.notes.search:find_notes",),
    operations=(
        "qdash_builtin.notes.operations.notes:operations",
        "qdash_builtin.notes.operations.metric_notes:operations",
        "qdash_builtin.notes.operations.note_events:operations",
        "qdash_builtin.notes.operations.note_files:operations",
    ),
    commands={
        "note": "qdash_builtin.notes.commands.notes:note",
    },
    pages=(
        FeaturePage(
            "Notes",
            ":material/sticky_note_2:",
            "Logbook",
            "notes",
            "qdash_builtin.notes.pages.notes:render",
            place=10,
        ),
    ),
    sections=(
        Section("chip_panel", "Note", "qdash_builtin.notes.pages.note_section:draw_panel_note", -10),
        Section("target_side", "Note", "qdash_builtin.notes.pages.note_section:draw_target_note", 10),
        Section("result", "Note", "qdash_builtin.notes.pages.note_section:draw_result_note", 30),
    ),
    facts=("qdash_builtin.notes.composition:list_facts",),
    events=make_event_kinds("note", ("written", "cleared")),
    records=(
        RecordKind(
            "note",
            "qdash_builtin.notes.composition:find_cited_note",
            address="notes?note={id}",
            route="note-events/{id}",
        ),
    ),
)

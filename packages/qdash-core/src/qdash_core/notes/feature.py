"""Feature of notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features import Feature, FeaturePage, RecordKind, Service, make_event_kinds
from qdash_core.sections import Section

if TYPE_CHECKING:
    from qdash_core.notes.metric_notes import MetricNoteService
    from qdash_core.notes.service import NoteService

NOTES: Service[NoteService] = Service("qdash_core.services.notes:open_notes")
METRIC_NOTES: Service[MetricNoteService] = Service("qdash_core.services.notes:open_metric_notes")

FEATURE = Feature(
    "notes",
    services=(
        NOTES,
        METRIC_NOTES,
    ),
    collections=(
        "qdash_core.notes.collections:METRIC_NOTE",
        "qdash_core.notes.collections:NOTE_EVENT",
    ),
    operations=(
        "qdash_core.resources.notes:operations",
        "qdash_core.resources.metric_notes:operations",
        "qdash_core.resources.note_events:operations",
    ),
    commands={
        "note": "qdash_core.cli.notes:note",
    },
    pages=(
        FeaturePage(
            "Notes",
            ":material/sticky_note_2:",
            "Laboratory",
            "notes",
            "qdash_ui_streamlit.pages.notes:render",
            place=20,
        ),
    ),
    sections=(
        Section("qubit", "Note", "qdash_ui_streamlit.pages.note_section:draw_target_note", -30),
        Section("coupling", "Note", "qdash_ui_streamlit.pages.note_section:draw_target_note", -30),
        Section("result", "Note", "qdash_ui_streamlit.pages.note_section:draw_result_note", 30),
    ),
    facts=("qdash_core.services.notes:list_facts",),
    events=make_event_kinds("note", ("written", "cleared")),
    records=(
        RecordKind(
            "note",
            "qdash_core.services.notes:find_cited_note",
            address="notes?note={id}",
            route="note-events/{id}",
        ),
    ),
)

"""Operations of the edit history of notes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.notes.feature import NOTES
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import PlacedNote
from qdash_builtin.notes.operations.note_files import add_files, add_named_files
from qdash_builtin.notes.requests import EditRange, TimelineFilter
from qdash_builtin.notes.views import NoteDocument, NoteEventDocument, TimelineNoteDocument
from qdash_builtin.request_parts.path_parts import ChipId
from qdash_core.documents.pages import PageOf
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command, OnCommandLine
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("note_events", place=270)
Seq = Annotated[int, Field(ge=1, lt=2**63, description="Number of an edit."), OnCommandLine(metavar="EDIT")]


@operations.get("/chips/{chip_id}/note-events", needs=RequiredRole.VIEWER)
def note_events_of_chip(call: Call, chip_id: ChipId, made: EditRange) -> PageOf[NoteEventDocument]:
    """List the edits of notes on a chip and its parts, newest first; the chip may be deleted."""
    page = call.qdash.get(NOTES).get_events_page(
        call.access, call.page, chip_id=chip_id, time_range=made.get_range()
    )
    return PageOf.from_page(page, NoteEventDocument.from_record)


@operations.get(
    "/note-events",
    needs=RequiredRole.VIEWER,
    command=Command(
        "note timeline",
        help="List the current notes of the project, newest first.",
        empty="no notes match",
        first="write one with `qdash note edit CHIP TEXT`",
        limit=20,
        usual={"current": True},
    ),
    for_assistants=True,
    for_answers=True,
)
def note_timeline(call: Call, wanted: TimelineFilter) -> PageOf[TimelineNoteDocument]:
    """List the edits of notes in the project, newest first; a page may have fewer than `limit`."""
    page = call.qdash.get(NOTES).get_timeline_page(call.access, call.page, wanted.make_filter())
    return PageOf.from_page(page, lambda one: add_named_files(call, TimelineNoteDocument.from_timeline(one)))


@operations.get("/note-events/by-target", needs=RequiredRole.VIEWER)
def note_events_of_target(
    call: Call,
    made: EditRange,
    scope: Annotated[NoteScope, Field(description="Kind of the object with the notes.")],
    target_id: Annotated[str, Field(min_length=1, max_length=128, description="Id of the object.")],
    chip_id: Annotated[
        str | None, Field(max_length=128, description="Chip of the qubit or coupling.")
    ] = None,
) -> PageOf[NoteEventDocument]:
    """List the edits of the notes on one object, newest first."""
    page = call.qdash.get(NOTES).get_events_page(
        call.access, call.page, chip_id=chip_id, target=(scope, target_id), time_range=made.get_range()
    )
    return PageOf.from_page(page, NoteEventDocument.from_record)


@operations.get("/note-events/search", needs=RequiredRole.VIEWER, for_assistants=True)
def search_note_events(
    call: Call,
    made: EditRange,
    q: Annotated[
        str,
        Field(
            min_length=1,
            max_length=200,
            description="Words that the text of the note contains, in any order.",
        ),
    ],
) -> PageOf[NoteEventDocument]:
    """List the edits of notes in the project whose text contains these words, newest first."""
    return PageOf.from_page(
        call.qdash.get(NOTES).get_events_page(call.access, call.page, text=q, time_range=made.get_range()),
        NoteEventDocument.from_record,
    )


@operations.get("/note-events/{seq}", needs=RequiredRole.VIEWER)
def show_note_event(call: Call, seq: Seq) -> NoteEventDocument:
    """Show one edit of a note."""
    event = call.qdash.get(NOTES).get_event(call.access, seq)
    return add_named_files(call, NoteEventDocument.from_record(event))


@operations.post(
    "/note-events/{seq}/restore",
    needs=RequiredRole.EDITOR,
    command=Command(
        "note restore",
        help="Restore a note to the state after an edit.\n\n"
        "EDIT is its number in `events` and `search`. The restored text is recorded as a new edit.",
    ),
)
def restore_note(call: Call, seq: Seq) -> NoteDocument:
    """Restore a note to its text after an edit."""
    note = call.qdash.get(NOTES).restore(call.access, seq)
    return add_files(
        call,
        NoteDocument.from_placed_note(note)
        if isinstance(note, PlacedNote)
        else NoteDocument.from_metric_note(note),
    )

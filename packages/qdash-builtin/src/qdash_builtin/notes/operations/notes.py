"""Operations of notes on chips, qubits, couplings, task results, cryostats and cool-downs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.notes.feature import NOTES
from qdash_builtin.notes.model import MetricNoteModel, NoteScope
from qdash_builtin.notes.note_places import NotePlace, PlacedNote
from qdash_builtin.notes.operations.note_files import add_files
from qdash_builtin.notes.requests import ListPeriod, NoteRequest, WrittenRange
from qdash_builtin.notes.views import NoteDocument
from qdash_builtin.record_lookup.call_ids import resolve_result_id
from qdash_builtin.request_parts.path_parts import ChipId, Name, TargetId, TaskId
from qdash_core.documents.pages import PageOf
from qdash_core.models.targets import get_target_kind
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("notes", place=250)

_ChipOfResult = Annotated[
    str, Field(max_length=128, description="Chip of the result; a result of another one is refused.")
]


@operations.get("/chips/{chip}/note", needs=RequiredRole.VIEWER, versioned=True, for_assistants=True)
def show_note_of_chip(call: Call, chip: ChipId) -> NoteDocument:
    """Show the note on a chip."""
    return _show(call, NotePlace(NoteScope.CHIP, chip))


@operations.put("/chips/{chip}/note", needs=RequiredRole.EDITOR, edits=True, for_assistants=True)
def note_chip(call: Call, chip: ChipId, body: NoteRequest) -> NoteDocument:
    """Write the note on a chip."""
    return _write(call, NotePlace(NoteScope.CHIP, chip), body)


@operations.get(
    "/chips/{chip}/{kind}s/{target}/note",
    needs=RequiredRole.VIEWER,
    versioned=True,
    for_assistants=True,
)
def show_note_of_target(call: Call, chip: ChipId, target: TargetId) -> NoteDocument:
    """Show the note on a qubit or coupling."""
    return _show(call, NotePlace(NoteScope(get_target_kind(target)), target, chip))


@operations.put(
    "/chips/{chip}/{kind}s/{target}/note",
    needs=RequiredRole.EDITOR,
    edits=True,
    for_assistants=True,
)
def note_target(call: Call, chip: ChipId, target: TargetId, body: NoteRequest) -> NoteDocument:
    """Write the note on a qubit or coupling."""
    return _write(call, NotePlace(NoteScope(get_target_kind(target)), target, chip), body)


@operations.get(
    "/task-results/{task_id}/note",
    needs=RequiredRole.VIEWER,
    versioned=True,
    for_assistants=True,
)
def show_note_of_result(call: Call, task_id: TaskId, chip_id: _ChipOfResult = "") -> NoteDocument:
    """Show the note on a task result."""
    return _show(call, _place_on_result(call, task_id, chip_id))


@operations.put(
    "/task-results/{task_id}/note",
    needs=RequiredRole.EDITOR,
    edits=True,
    for_assistants=True,
)
def note_result(call: Call, task_id: TaskId, body: NoteRequest, chip_id: _ChipOfResult = "") -> NoteDocument:
    """Write the note on a task result."""
    return _write(call, _place_on_result(call, task_id, chip_id), body)


@operations.get("/cryostats/{cryo_id}/note", needs=RequiredRole.VIEWER, versioned=True)
def show_note_of_cryostat(call: Call, cryo_id: Name) -> NoteDocument:
    """Show the note on a cryostat."""
    return _show(call, NotePlace(NoteScope.CRYOSTAT, cryo_id))


@operations.put("/cryostats/{cryo_id}/note", needs=RequiredRole.EDITOR, edits=True)
def note_cryostat(call: Call, cryo_id: Name, body: NoteRequest) -> NoteDocument:
    """Write the note on a cryostat."""
    return _write(call, NotePlace(NoteScope.CRYOSTAT, cryo_id), body)


@operations.get("/cooldowns/{cooldown_id}/note", needs=RequiredRole.VIEWER, versioned=True)
def show_note_of_cooldown(call: Call, cooldown_id: Name) -> NoteDocument:
    """Show the note on a cool-down."""
    return _show(call, NotePlace(NoteScope.COOLDOWN, cooldown_id))


@operations.put(
    "/cooldowns/{cooldown_id}/note",
    needs=RequiredRole.EDITOR,
    edits=True,
    for_assistants=True,
)
def note_cooldown(call: Call, cooldown_id: Name, body: NoteRequest) -> NoteDocument:
    """Write the note on a cool-down."""
    return _write(call, NotePlace(NoteScope.COOLDOWN, cooldown_id), body)


@operations.get(
    "/chips/{chip_id}/notes",
    needs=RequiredRole.VIEWER,
    command=Command(
        "note list",
        help="List all notes of a chip.\n\n"
        "The list has the notes on the chip, its qubits, couplings, metrics and results. --cooldown, or --from and --to, select notes "
        "on metrics that are valid and results that were measured in this time; by default, notes on metrics are the current ones. "
        "--since and --until select notes of all kinds by the time at which they were written.",
        empty="no notes of chip {chip_id}",
        first="write one with `qdash note edit {chip_id} TEXT`",
    ),
    for_assistants=True,
)
def notes_of_chip(
    call: Call, chip_id: ChipId, period: ListPeriod, written: WrittenRange
) -> PageOf[NoteDocument]:
    """List the notes of a chip: on the chip itself, and on its qubits, couplings, metrics and results.

    A cool-down or time range selects notes on metrics that are valid in it, and results that were measured in it.
    """
    page = call.qdash.get(NOTES).get_chip_notes_page(
        call.access, chip_id, call.page, **period.get_range(), written=written.get_range()
    )
    return PageOf.from_page(page, _make_document)


def _place_on_result(call: Call, task_id: str, chip_id: str) -> NotePlace:
    return NotePlace(NoteScope.TASK_RESULT, resolve_result_id(call, task_id), chip_id)


def _show(call: Call, place: NotePlace) -> NoteDocument:
    placed = call.qdash.get(NOTES).show(call.access, place)
    call.set_changed_at(placed.note.changed_at)
    return add_files(call, NoteDocument.from_placed_note(placed))


def _write(call: Call, place: NotePlace, body: NoteRequest) -> NoteDocument:
    placed = call.qdash.get(NOTES).edit(call.access, place, body.content, as_of=call.as_of)
    call.set_changed_at(placed.note.changed_at)
    return add_files(call, NoteDocument.from_placed_note(placed))


def _make_document(note: PlacedNote | MetricNoteModel) -> NoteDocument:
    return (
        NoteDocument.from_placed_note(note)
        if isinstance(note, PlacedNote)
        else NoteDocument.from_metric_note(note)
    )

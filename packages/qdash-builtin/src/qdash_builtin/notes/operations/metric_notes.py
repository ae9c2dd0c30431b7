"""Operations of notes on metrics of qubits and couplings, each valid for a cool-down or a time range."""

from __future__ import annotations

from qdash_builtin.notes.feature import METRIC_NOTES
from qdash_builtin.notes.model import MetricNoteModel
from qdash_builtin.notes.operations.note_files import add_files
from qdash_builtin.notes.requests import ListPeriod, NoteRequest, Period
from qdash_builtin.notes.views import NoteDocument
from qdash_builtin.request_parts.path_parts import ChipId, Name, TargetId
from qdash_core.documents.pages import PageOf
from qdash_core.models.targets import get_target_kind
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("notes", place=260)


@operations.get("/chips/{chip_id}/metric-notes", needs=RequiredRole.VIEWER)
def metric_notes_of_chip(call: Call, chip_id: ChipId, period: ListPeriod) -> PageOf[NoteDocument]:
    """List the notes on the metrics of a chip that apply now, in a cool-down or at some time in a time range."""
    page = call.qdash.get(METRIC_NOTES).page(call.access, chip_id, call.page, **period.get_range())
    return PageOf.from_page(page, NoteDocument.from_metric_note)


@operations.get(
    "/chips/{chip}/{kind}s/{target}/metric-notes/{metric_key}",
    needs=RequiredRole.VIEWER,
    versioned=True,
)
def show_metric_note_of_target(
    call: Call, chip: ChipId, target: TargetId, metric_key: Name, period: Period
) -> NoteDocument:
    """Show the note on a metric of a qubit or coupling."""
    kind = get_target_kind(target)
    return _respond(
        call,
        call.qdash.get(METRIC_NOTES).show(call.access, chip, kind, target, metric_key, **period.get_range()),
    )


@operations.put(
    "/chips/{chip}/{kind}s/{target}/metric-notes/{metric_key}",
    needs=RequiredRole.EDITOR,
    edits=True,
)
def note_metric_of_target(
    call: Call, chip: ChipId, target: TargetId, metric_key: Name, body: NoteRequest, period: Period
) -> NoteDocument:
    """Write the note on a metric of a qubit or coupling for a period."""
    place = chip, get_target_kind(target), target, metric_key
    written = call.qdash.get(METRIC_NOTES).edit(
        call.access, *place, body.content, as_of=call.as_of, **period.get_range()
    )
    return _respond(call, written)


def _respond(call: Call, note: MetricNoteModel) -> NoteDocument:
    call.set_changed_at(note.note.changed_at)
    return add_files(call, NoteDocument.from_metric_note(note))

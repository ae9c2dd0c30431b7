"""Operations of notes on metrics of qubits and couplings, each valid for a cool-down or a time range."""

from __future__ import annotations

from qdash_core.documents.notes import NoteDocument
from qdash_core.documents.pages import PageOf
from qdash_core.models.note import MetricNoteModel
from qdash_core.models.targets import TargetKind
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.path_parts import ChipId, CouplingId, Name, Qid
from qdash_core.operations.required_role import RequiredRole
from qdash_core.resources.requests.notes import ListPeriod, MetricNotePeriod, NoteRequest, Period

operations = Operations("notes")
_Metric = tuple[str, TargetKind, str, str]
"""Chip, target type, target, and name of the metric."""


@operations.get("/chips/{chip_id}/metric-notes", needs=RequiredRole.VIEWER)
def metric_notes_of_chip(call: Call, chip_id: ChipId, period: ListPeriod) -> PageOf[NoteDocument]:
    """List the notes on the metrics of a chip that apply now, in a cool-down or at some time in a time range."""
    page = call.qdash.metric_notes.page(call.access, chip_id, call.page, **period.get_range())
    return PageOf.from_page(page, NoteDocument.from_metric_note)


@operations.get(
    "/chips/{chip}/qubits/{qid}/metric-notes/{metric_key}",
    needs=RequiredRole.VIEWER,
    versioned=True,
)
def show_metric_note_of_qubit(
    call: Call, chip: ChipId, qid: Qid, metric_key: Name, period: Period
) -> NoteDocument:
    """Show the note on a metric of a qubit."""
    return _show(call, (chip, "qubit", qid, metric_key), period.get_range())


@operations.put(
    "/chips/{chip}/qubits/{qid}/metric-notes/{metric_key}",
    needs=RequiredRole.EDITOR,
    edits=True,
)
def note_metric_of_qubit(
    call: Call, chip: ChipId, qid: Qid, metric_key: Name, body: NoteRequest, period: Period
) -> NoteDocument:
    """Write the note on a metric of a qubit for a period."""
    return _write(call, (chip, "qubit", qid, metric_key), body, period.get_range())


@operations.get(
    "/chips/{chip}/couplings/{coupling_id}/metric-notes/{metric_key}",
    needs=RequiredRole.VIEWER,
    versioned=True,
)
def show_metric_note_of_coupling(
    call: Call, chip: ChipId, coupling_id: CouplingId, metric_key: Name, period: Period
) -> NoteDocument:
    """Show the note on a metric of a coupling."""
    return _show(call, (chip, "coupling", coupling_id, metric_key), period.get_range())


@operations.put(
    "/chips/{chip}/couplings/{coupling_id}/metric-notes/{metric_key}",
    needs=RequiredRole.EDITOR,
    edits=True,
)
def note_metric_of_coupling(
    call: Call, chip: ChipId, coupling_id: CouplingId, metric_key: Name, body: NoteRequest, period: Period
) -> NoteDocument:
    """Write the note on a metric of a coupling for a period."""
    return _write(call, (chip, "coupling", coupling_id, metric_key), body, period.get_range())


def _show(call: Call, metric: _Metric, period: MetricNotePeriod) -> NoteDocument:
    return _respond(call, call.qdash.metric_notes.show(call.access, *metric, **period))


def _write(call: Call, metric: _Metric, body: NoteRequest, period: MetricNotePeriod) -> NoteDocument:
    written = call.qdash.metric_notes.edit(call.access, *metric, body.content, as_of=call.as_of, **period)
    return _respond(call, written)


def _respond(call: Call, note: MetricNoteModel) -> NoteDocument:
    call.set_changed_at(note.note.changed_at)
    return NoteDocument.from_metric_note(note)

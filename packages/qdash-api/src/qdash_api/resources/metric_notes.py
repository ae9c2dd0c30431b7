"""Notes on metrics of qubits and couplings, each in a scope of time."""

from __future__ import annotations

from qdash_api.guarding.call import Call
from qdash_api.guarding.needs import Needs
from qdash_api.guarding.path_parts import ChipId, CouplingId, Name, Qid
from qdash_api.guarding.routes import Routes
from qdash_api.pages import PageOf
from qdash_api.requests.notes import InScope, NoteRequest, Scope
from qdash_core.documents.notes import NoteDocument
from qdash_core.models.note import MetricNoteModel, TargetType

routes = Routes("notes")
_Metric = tuple[str, TargetType, str, str]
"""Chip, kind of target, target, and the metric's name."""


@routes.get("/chips/{chip_id}/metric-notes", needs=Needs.VIEWER, answers=PageOf[NoteDocument])
def metric_notes_of_chip(call: Call, chip_id: ChipId, scope: Scope) -> PageOf[NoteDocument]:
    """The notes that show on the metrics of a chip, now or in another scope."""
    page = call.qdash.notes.metric_notes_page(call.access, chip_id, call.page, **scope)
    return PageOf.of(page, NoteDocument.of_metric)


@routes.get(
    "/chips/{chip}/qubits/{qid}/metric-notes/{metric_key}",
    needs=Needs.VIEWER,
    answers=NoteDocument,
    versioned=True,
)
def show_metric_note_of_qubit(
    call: Call, chip: ChipId, qid: Qid, metric_key: Name, scope: Scope
) -> NoteDocument:
    """The note that shows on a metric of a qubit."""
    return _show(call, (chip, "qubit", qid, metric_key), scope)


@routes.put(
    "/chips/{chip}/qubits/{qid}/metric-notes/{metric_key}",
    needs=Needs.EDITOR,
    answers=NoteDocument,
    edits=True,
)
def note_metric_of_qubit(
    call: Call, chip: ChipId, qid: Qid, metric_key: Name, body: NoteRequest, scope: Scope
) -> NoteDocument:
    """Write the note on a metric of a qubit in one scope."""
    return _write(call, (chip, "qubit", qid, metric_key), body, scope)


@routes.get(
    "/chips/{chip}/couplings/{coupling_id}/metric-notes/{metric_key}",
    needs=Needs.VIEWER,
    answers=NoteDocument,
    versioned=True,
)
def show_metric_note_of_coupling(
    call: Call, chip: ChipId, coupling_id: CouplingId, metric_key: Name, scope: Scope
) -> NoteDocument:
    """The note that shows on a metric of a coupling."""
    return _show(call, (chip, "coupling", coupling_id, metric_key), scope)


@routes.put(
    "/chips/{chip}/couplings/{coupling_id}/metric-notes/{metric_key}",
    needs=Needs.EDITOR,
    answers=NoteDocument,
    edits=True,
)
def note_metric_of_coupling(
    call: Call, chip: ChipId, coupling_id: CouplingId, metric_key: Name, body: NoteRequest, scope: Scope
) -> NoteDocument:
    """Write the note on a metric of a coupling in one scope."""
    return _write(call, (chip, "coupling", coupling_id, metric_key), body, scope)


def _show(call: Call, metric: _Metric, scope: InScope) -> NoteDocument:
    return _answer(call, call.qdash.notes.show_metric(call.access, *metric, **scope))


def _write(call: Call, metric: _Metric, body: NoteRequest, scope: InScope) -> NoteDocument:
    written = call.qdash.notes.edit_metric(call.access, *metric, body.content, as_of=call.as_of, **scope)
    return _answer(call, written)


def _answer(call: Call, note: MetricNoteModel) -> NoteDocument:
    call.changed_at(note.note.changed_at)
    return NoteDocument.of_metric(note)

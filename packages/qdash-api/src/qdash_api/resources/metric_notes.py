"""Notes on metrics of qubits and couplings, each in a scope of time."""

from __future__ import annotations

from qdash_api.guarding.call import Call
from qdash_api.guarding.needs import Needs
from qdash_api.guarding.path_parts import ChipId, CouplingId, Name, Qid
from qdash_api.guarding.routes import Routes
from qdash_api.pages import PageOf
from qdash_api.requests.notes import CooldownId, NoteRequest, Since, Until, time_range
from qdash_core.documents.notes import NoteDocument
from qdash_core.models.note import MetricNoteModel

routes = Routes("notes")


@routes.get("/chips/{chip_id}/metric-notes", needs=Needs.VIEWER, answers=PageOf[NoteDocument])
def metric_notes_of_chip(
    call: Call, chip_id: ChipId, cooldown_id: CooldownId = None, since: Since = None, until: Until = None
) -> PageOf[NoteDocument]:
    """The notes that show on the metrics of a chip, now or in another scope."""
    page = call.qdash.notes.metric_notes_page(
        call.access, chip_id, call.page, cooldown_id=cooldown_id, time_range=time_range(since, until)
    )
    return PageOf.of(page, NoteDocument.of_metric)


@routes.get(
    "/chips/{chip}/qubits/{qid}/metric-notes/{metric_key}",
    needs=Needs.VIEWER,
    answers=NoteDocument,
    versioned=True,
)
def show_metric_note_of_qubit(
    call: Call,
    chip: ChipId,
    qid: Qid,
    metric_key: Name,
    cooldown_id: CooldownId = None,
    since: Since = None,
    until: Until = None,
) -> NoteDocument:
    """The note that shows on a metric of a qubit."""
    found = call.qdash.notes.show_metric(
        call.access,
        chip,
        "qubit",
        qid,
        metric_key,
        cooldown_id=cooldown_id,
        time_range=time_range(since, until),
    )
    return _answer(call, found)


@routes.put(
    "/chips/{chip}/qubits/{qid}/metric-notes/{metric_key}",
    needs=Needs.EDITOR,
    answers=NoteDocument,
    edits=True,
)
def note_metric_of_qubit(
    call: Call,
    chip: ChipId,
    qid: Qid,
    metric_key: Name,
    body: NoteRequest,
    cooldown_id: CooldownId = None,
    since: Since = None,
    until: Until = None,
) -> NoteDocument:
    """Write the note on a metric of a qubit in one scope."""
    written = call.qdash.notes.edit_metric(
        call.access,
        chip,
        "qubit",
        qid,
        metric_key,
        body.content,
        cooldown_id=cooldown_id,
        time_range=time_range(since, until),
        as_of=call.as_of,
    )
    return _answer(call, written)


@routes.get(
    "/chips/{chip}/couplings/{coupling_id}/metric-notes/{metric_key}",
    needs=Needs.VIEWER,
    answers=NoteDocument,
    versioned=True,
)
def show_metric_note_of_coupling(
    call: Call,
    chip: ChipId,
    coupling_id: CouplingId,
    metric_key: Name,
    cooldown_id: CooldownId = None,
    since: Since = None,
    until: Until = None,
) -> NoteDocument:
    """The note that shows on a metric of a coupling."""
    found = call.qdash.notes.show_metric(
        call.access,
        chip,
        "coupling",
        coupling_id,
        metric_key,
        cooldown_id=cooldown_id,
        time_range=time_range(since, until),
    )
    return _answer(call, found)


@routes.put(
    "/chips/{chip}/couplings/{coupling_id}/metric-notes/{metric_key}",
    needs=Needs.EDITOR,
    answers=NoteDocument,
    edits=True,
)
def note_metric_of_coupling(
    call: Call,
    chip: ChipId,
    coupling_id: CouplingId,
    metric_key: Name,
    body: NoteRequest,
    cooldown_id: CooldownId = None,
    since: Since = None,
    until: Until = None,
) -> NoteDocument:
    """Write the note on a metric of a coupling in one scope."""
    written = call.qdash.notes.edit_metric(
        call.access,
        chip,
        "coupling",
        coupling_id,
        metric_key,
        body.content,
        cooldown_id=cooldown_id,
        time_range=time_range(since, until),
        as_of=call.as_of,
    )
    return _answer(call, written)


def _answer(call: Call, note: MetricNoteModel) -> NoteDocument:
    call.changed_at(note.note.changed_at)
    return NoteDocument.of_metric(note)

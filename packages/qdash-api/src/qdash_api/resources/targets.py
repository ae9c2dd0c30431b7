"""Routes of the qubits and couplings of a chip."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import Query

from qdash_api.pages import PageOf
from qdash_api.requests.chips import ExclusionRequest
from qdash_api.routing.call import Call
from qdash_api.routing.path_parts import ChipId, CouplingId, Qid
from qdash_api.routing.required_role import RequiredRole
from qdash_api.routing.routes import Routes
from qdash_core.chips.targets import TargetView
from qdash_core.documents.chips import TargetStatusDocument
from qdash_core.documents.targets import CouplingDocument, QubitDocument
from qdash_core.models.chip import TargetStatus
from qdash_core.models.targets import parse_coupling_id as as_coupling
from qdash_core.models.targets import parse_qubit_id as as_qubit

routes = Routes("targets")
Reason = Annotated[str, Query(min_length=1, max_length=2000, description="Reason, as a note.")]


@routes.get("/chips/{chip_id}/qubits", needs=RequiredRole.VIEWER, answers=PageOf[QubitDocument])
def list_qubits(call: Call, chip_id: ChipId) -> PageOf[QubitDocument]:
    """List the qubits of a chip, without their values."""
    chip = call.qdash.chips.get_stored(call.access, chip_id)
    return PageOf.from_page(chip.get_qubits_page(call.page), partial(QubitDocument.from_stored, chip_id))


@routes.get("/chips/{chip_id}/couplings", needs=RequiredRole.VIEWER, answers=PageOf[CouplingDocument])
def list_couplings(call: Call, chip_id: ChipId) -> PageOf[CouplingDocument]:
    """List the couplings of a chip, without their values."""
    chip = call.qdash.chips.get_stored(call.access, chip_id)
    return PageOf.from_page(
        chip.get_couplings_page(call.page), partial(CouplingDocument.from_stored, chip_id)
    )


@routes.get("/chips/{chip_id}/qubits/{qid}", needs=RequiredRole.VIEWER, answers=QubitDocument, versioned=True)
def show_qubit(call: Call, chip_id: ChipId, qid: Qid) -> QubitDocument:
    """Show a qubit with its values, and the newest result of each task on it."""
    return QubitDocument.from_view(_load_view(call, chip_id, as_qubit(qid)))


@routes.get(
    "/chips/{chip_id}/couplings/{coupling_id}",
    needs=RequiredRole.VIEWER,
    answers=CouplingDocument,
    versioned=True,
)
def show_coupling(call: Call, chip_id: ChipId, coupling_id: CouplingId) -> CouplingDocument:
    """Show a coupling with its values, and the newest result of each task on it."""
    return CouplingDocument.from_view(_load_view(call, chip_id, as_coupling(coupling_id)))


@routes.post(
    "/chips/{chip_id}/qubits/{qid}/exclusion", needs=RequiredRole.EDITOR, answers=TargetStatusDocument
)
def exclude_qubit(call: Call, chip_id: ChipId, qid: Qid, body: ExclusionRequest) -> TargetStatusDocument:
    """Exclude a qubit from the measurements of flows, or mark it as dead."""
    return _exclude(call, chip_id, as_qubit(qid), body)


@routes.delete(
    "/chips/{chip_id}/qubits/{qid}/exclusion", needs=RequiredRole.EDITOR, answers=TargetStatusDocument
)
def include_qubit(call: Call, chip_id: ChipId, qid: Qid, note: Reason) -> TargetStatusDocument:
    """Include a qubit in the measurements of flows again."""
    return _include(call, chip_id, as_qubit(qid), note)


@routes.post(
    "/chips/{chip_id}/couplings/{coupling_id}/exclusion",
    needs=RequiredRole.EDITOR,
    answers=TargetStatusDocument,
)
def exclude_coupling(
    call: Call, chip_id: ChipId, coupling_id: CouplingId, body: ExclusionRequest
) -> TargetStatusDocument:
    """Exclude a coupling from the measurements of flows, or mark it as dead."""
    return _exclude(call, chip_id, as_coupling(coupling_id), body)


@routes.delete(
    "/chips/{chip_id}/couplings/{coupling_id}/exclusion",
    needs=RequiredRole.EDITOR,
    answers=TargetStatusDocument,
)
def include_coupling(
    call: Call, chip_id: ChipId, coupling_id: CouplingId, note: Reason
) -> TargetStatusDocument:
    """Include a coupling in the measurements of flows again."""
    return _include(call, chip_id, as_coupling(coupling_id), note)


def _load_view(call: Call, chip_id: str, target: str) -> TargetView:
    view = call.qdash.targets.show(call.access, chip_id, target)
    call.set_changed_at(view.state.changed_at, seq=view.seq, ages=True)
    return view


def _exclude(call: Call, chip_id: str, target: str, body: ExclusionRequest) -> TargetStatusDocument:
    status = TargetStatus(body.status)
    return TargetStatusDocument.from_record(
        call.qdash.targets.set_aside(call.access, chip_id, target, status, body.note)
    )


def _include(call: Call, chip_id: str, target: str, note: str) -> TargetStatusDocument:
    return TargetStatusDocument.from_record(call.qdash.targets.take_back(call.access, chip_id, target, note))

"""Operations of the qubits and couplings of a chip."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.chips.feature import TARGETS
from qdash_builtin.chips.requests.chips import ExclusionRequest, TargetStatusesRequest
from qdash_builtin.chips.targets import TargetView
from qdash_builtin.chips.views.chips import TargetStatusDocument, TargetStatusesDocument
from qdash_builtin.chips.views.targets import CouplingDocument, QubitDocument
from qdash_builtin.metrics.stored_chip import read_judged_states
from qdash_builtin.request_parts.path_parts import ChipId, TargetId
from qdash_core.documents.pages import PageOf
from qdash_core.models.chip import TargetStatus
from qdash_core.models.target_lists import parse_targets
from qdash_core.models.targets import parse_coupling_id as as_coupling
from qdash_core.models.targets import parse_qubit_id as as_qubit
from qdash_core.models.targets import parse_target_id
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.path_parts import CouplingId, Qid
from qdash_core.operations.required_role import RequiredRole

operations = Operations("targets", place=170)
Reason = Annotated[str, Field(min_length=1, max_length=2000, description="Reason, as a note.")]


@operations.get("/chips/{chip_id}/qubits", needs=RequiredRole.VIEWER)
def list_qubits(call: Call, chip_id: ChipId) -> PageOf[QubitDocument]:
    """List the qubits of a chip, without their values."""
    chip = read_judged_states(call.qdash, call.access.project_id, chip_id)
    judged = chip.judgement.targets
    return PageOf.from_page(
        chip.get_qubits_page(call.page),
        lambda one: QubitDocument.from_stored(chip_id, one, judged.get(one["qid"])),
    )


@operations.get("/chips/{chip_id}/couplings", needs=RequiredRole.VIEWER)
def list_couplings(call: Call, chip_id: ChipId) -> PageOf[CouplingDocument]:
    """List the couplings of a chip, without their values."""
    chip = read_judged_states(call.qdash, call.access.project_id, chip_id)
    judged = chip.judgement.targets
    return PageOf.from_page(
        chip.get_couplings_page(call.page),
        lambda one: CouplingDocument.from_stored(chip_id, one, judged.get(one["qid"])),
    )


@operations.get(
    "/chips/{chip_id}/qubits/{qid}",
    needs=RequiredRole.VIEWER,
    versioned=True,
    for_assistants=True,
    for_answers=True,
)
def show_qubit(call: Call, chip_id: ChipId, qid: Qid) -> QubitDocument:
    """Show a qubit with its values, and the newest result of each task on it."""
    return QubitDocument.from_view(_load_view(call, chip_id, as_qubit(qid)))


@operations.get(
    "/chips/{chip_id}/couplings/{coupling_id}",
    needs=RequiredRole.VIEWER,
    versioned=True,
    for_assistants=True,
    for_answers=True,
)
def show_coupling(call: Call, chip_id: ChipId, coupling_id: CouplingId) -> CouplingDocument:
    """Show a coupling with its values, and the newest result of each task on it."""
    return CouplingDocument.from_view(_load_view(call, chip_id, as_coupling(coupling_id)))


@operations.post("/chips/{chip_id}/{kind}s/{target}/exclusion", needs=RequiredRole.EDITOR)
def exclude_target(
    call: Call, chip_id: ChipId, target: TargetId, body: ExclusionRequest
) -> TargetStatusDocument:
    """Exclude a qubit or coupling from the measurements of flows, or mark it as dead."""
    status = TargetStatus(body.status)
    (changed,) = call.qdash.get(TARGETS).set_aside(
        call.access, chip_id, parse_target_id(target), status, body.note
    )
    return TargetStatusDocument.from_record(changed)


@operations.delete("/chips/{chip_id}/{kind}s/{target}/exclusion", needs=RequiredRole.EDITOR)
def include_target(call: Call, chip_id: ChipId, target: TargetId, note: Reason) -> TargetStatusDocument:
    """Include a qubit or coupling in the measurements of flows again."""
    (changed,) = call.qdash.get(TARGETS).take_back(call.access, chip_id, parse_target_id(target), note)
    return TargetStatusDocument.from_record(changed)


@operations.post("/chips/{chip_id}/target-statuses", needs=RequiredRole.EDITOR)
def set_target_statuses(call: Call, chip_id: ChipId, body: TargetStatusesRequest) -> TargetStatusesDocument:
    """Exclude several qubits and couplings, mark them as dead, or include them again: all of them, or none."""
    named = parse_targets(body.targets)
    call.record_objects(
        f"/chips/{chip_id}/{'couplings' if '-' in one else 'qubits'}/{one}/exclusion" for one in named
    )
    if body.status == "included":
        changed = call.qdash.get(TARGETS).take_back(call.access, chip_id, named, body.note)
    else:
        status = TargetStatus(body.status)
        changed = call.qdash.get(TARGETS).set_aside(call.access, chip_id, named, status, body.note)
    return TargetStatusesDocument.from_targets(changed)


def _load_view(call: Call, chip_id: str, target: str) -> TargetView:
    view = call.qdash.get(TARGETS).show(call.access, chip_id, target)
    call.set_changed_at(view.state.changed_at, seq=view.seq, ages=True)
    return view

"""Operations of the specifications of chips."""

from __future__ import annotations

from qdash_builtin.metrics.feature import METRICS, SPECIFICATIONS
from qdash_builtin.metrics.requests.specifications import SpecificationRequest
from qdash_builtin.metrics.views.specifications import SpecificationDocument
from qdash_builtin.request_parts.path_parts import ChipId
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("chips", place=115)


@operations.get(
    "/chips/{chip_id}/specification",
    needs=RequiredRole.VIEWER,
    versioned=True,
    for_assistants=True,
)
def chip_specification(call: Call, chip_id: ChipId) -> SpecificationDocument:
    """Show the specification of a chip: the limits that are asked of its values."""
    header = call.qdash.get(SPECIFICATIONS).get_header(call.access, chip_id)
    call.set_changed_at(header.changed_at)
    return SpecificationDocument.from_limits(chip_id, header.specification, call.qdash.get(METRICS).file)


@operations.get(
    "/chips/{chip_id}/specification/proposal",
    needs=RequiredRole.VIEWER,
    slow=True,
)
def proposed_specification(call: Call, chip_id: ChipId) -> SpecificationDocument:
    """Show limits derived from the first values of a chip."""
    proposed = call.qdash.get(SPECIFICATIONS).propose(call.access, chip_id)
    return SpecificationDocument.from_limits(chip_id, proposed, call.qdash.get(METRICS).file)


@operations.post(
    "/chips/{chip_id}/specification/proposal/acceptance",
    needs=RequiredRole.EDITOR,
    slow=True,
)
def accept_specification(call: Call, chip_id: ChipId) -> SpecificationDocument:
    """Set the limits that are derived from the first values of a chip; those of other metrics stay."""
    changed = call.qdash.get(SPECIFICATIONS).accept(call.access, chip_id)
    return SpecificationDocument.from_limits(chip_id, changed.specification, call.qdash.get(METRICS).file)


@operations.patch("/chips/{chip_id}/specification", needs=RequiredRole.EDITOR, edits=True)
def ask_specification(call: Call, chip_id: ChipId, body: SpecificationRequest) -> SpecificationDocument:
    """Set or remove limits of the values of a chip."""
    changed = call.qdash.get(SPECIFICATIONS).ask(
        call.access, chip_id, body.limits, body.minima, withdrawn=body.withdrawn, as_of=call.as_of
    )
    call.set_changed_at(changed.changed_at)
    return SpecificationDocument.from_limits(chip_id, changed.specification, call.qdash.get(METRICS).file)

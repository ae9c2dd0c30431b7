"""Operations of chips."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.chips.requests.chips import ChipEdit, ChipRequest, DesignRequest
from qdash_builtin.chips.views.chips import ChipDesignDocument, ChipDocument, ChipHeader, DeletionDocument
from qdash_builtin.chips.views.layouts import WiringDocument
from qdash_builtin.metrics.stored_chip import read_judged_states
from qdash_builtin.request_parts.path_parts import ChipId
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.documents.pages import PageOf
from qdash_core.errors import NotFoundError
from qdash_core.operations.bodies import RawBody
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command, OnCommandLine
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole
from qdash_core.parsing.limits import JSON_EXPORT

operations = Operations("chips", place=110)


@operations.get(
    "/chips",
    needs=RequiredRole.VIEWER,
    command=Command(
        "chip list",
        empty="no chips yet",
        first="create a simulated one with `qdash twin create`, any other with `qdash chip create`",
    ),
    for_assistants=True,
    for_answers=True,
)
def list_chips(call: Call) -> PageOf[ChipHeader]:
    """List the chips of the project, newest first."""
    return PageOf.from_page(call.qdash.get(CHIPS).page(call.access, call.page), ChipHeader.from_record)


@operations.post("/chips", needs=RequiredRole.EDITOR, status=201, slow=True)
def create_chip(call: Call, body: ChipRequest) -> ChipDocument:
    """Create a chip from a topology, with its wiring and design values, if given."""
    named = body.topology
    made = call.qdash.get(CHIPS).create(
        call.access,
        body.chip_id,
        get_builtin_topology(named) if isinstance(named, str) else named.to_topology(),
        backend=body.backend,
        wiring=None if body.wiring is None else body.wiring.to_model(),
        design=None if body.design is None else body.design.by_target(),
    )
    return _show(call, made.header.chip_id)


@operations.post(
    "/chips/import",
    needs=RequiredRole.EDITOR,
    status=201,
    slow=True,
    largest_body=JSON_EXPORT.size,
)
def import_chip(
    call: Call,
    exported: RawBody,
    chip_id: Annotated[
        str | None,
        Field(
            min_length=1, max_length=64, description="Id of the new chip; absent: that of the exported chip."
        ),
    ] = None,
) -> ChipDocument:
    """Create a chip with its values from an export in JSON or YAML."""
    made = call.qdash.get(CHIPS).import_(call.access, exported, chip_id=chip_id)
    return _show(call, made.header.chip_id)


@operations.get("/chips/{chip_id}", needs=RequiredRole.VIEWER, versioned=True, for_assistants=True)
def show_chip(call: Call, chip_id: ChipId) -> ChipDocument:
    """Show a chip with its qubits and couplings."""
    changed_at, seq = call.qdash.read_chip_version(call.access.project_id, chip_id)
    call.set_changed_at(changed_at, seq=seq, ages=True)  # fitness follows ages
    return _show(call, chip_id)


@operations.patch(
    "/chips/{chip_id}",
    needs=RequiredRole.EDITOR,
    edits=True,
    command=Command(
        "chip edit",
        help="Change the topology of a chip: it takes the positions and multiplexers of a built-in one.",
        says="chip {chip_id} has the topology {topology_id}",
    ),
)
def edit_chip(call: Call, chip_id: ChipId, body: ChipEdit) -> ChipHeader:
    """Change the topology of a chip, or its note."""
    given = body.model_dump(exclude_none=True)
    changed = call.qdash.get(CHIPS).edit(call.access, chip_id, as_of=call.as_of, **given)
    call.set_changed_at(changed.changed_at)
    return ChipHeader.from_record(changed)


@operations.get("/chips/{chip_id}/deletion-impact", needs=RequiredRole.VIEWER, slow=True)
def deletion_impact(call: Call, chip_id: ChipId) -> DeletionDocument:
    """Show what the deletion of a chip would delete, and what it would keep."""
    return DeletionDocument.from_record(call.qdash.get(CHIPS).describe_deletion(call.access, chip_id))


@operations.delete(
    "/chips/{chip_id}",
    needs=RequiredRole.EDITOR,
    slow=True,
    command=Command("chip delete", help="Delete a chip with its values. Its executions stay on record."),
)
def delete_chip(
    call: Call,
    chip_id: ChipId,
    force: Annotated[
        bool,
        Field(description="True: delete even if values or their history are lost."),
        OnCommandLine(help="Delete values and history, too."),
    ] = False,
) -> DeletionDocument:
    """Delete a chip with its values. Its runs stay on record."""
    return DeletionDocument.from_record(
        call.qdash.get(CHIPS).delete(call.access, chip_id, force=force), deleted=True
    )


@operations.get(
    "/chips/{chip_id}/wiring",
    needs=RequiredRole.VIEWER,
    versioned=True,
    for_assistants=True,
)
def chip_wiring(call: Call, chip_id: ChipId) -> WiringDocument:
    """Show the wiring of a chip."""
    header = call.qdash.get(CHIPS).get_header(call.access, chip_id)
    if header.wiring is None:
        raise NotFoundError(f"chip {chip_id} has no wiring on record")
    call.set_changed_at(header.changed_at)
    return WiringDocument.from_wiring(header.wiring)


@operations.put("/chips/{chip_id}/wiring", needs=RequiredRole.EDITOR, edits=True)
def set_wiring(call: Call, chip_id: ChipId, body: WiringDocument) -> ChipHeader:
    """Replace the wiring of a chip."""
    changed = call.qdash.get(CHIPS).set_wiring(call.access, chip_id, body.to_model(), as_of=call.as_of)
    call.set_changed_at(changed.changed_at)
    return ChipHeader.from_record(changed)


@operations.get(
    "/chips/{chip_id}/design",
    needs=RequiredRole.VIEWER,
    versioned=True,
    for_assistants=True,
)
def chip_design(call: Call, chip_id: ChipId) -> ChipDesignDocument:
    """Show the design values of a chip that its tasks use: those stored with it and those of its backend."""
    # The values of the backend may change without an event.
    call.set_changed_at(call.qdash.get(CHIPS).get_header(call.access, chip_id).changed_at, seq=0)
    return ChipDesignDocument.from_design(chip_id, call.qdash.get(CHIPS).design(call.access, chip_id))


@operations.patch("/chips/{chip_id}/design", needs=RequiredRole.EDITOR, edits=True)
def set_design(call: Call, chip_id: ChipId, body: DesignRequest) -> ChipDesignDocument:
    """Set design values of a chip; other stored design values stay."""
    chip = call.qdash.get(CHIPS).set_design(call.access, chip_id, body.by_target(), as_of=call.as_of)
    call.set_changed_at(chip.header.changed_at)
    return ChipDesignDocument.from_design(chip_id, call.qdash.get(CHIPS).design(call.access, chip_id))


def _show(call: Call, chip_id: str) -> ChipDocument:
    return ChipDocument.from_stored(read_judged_states(call.qdash, call.access.project_id, chip_id))

"""Routes of cryostats."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from qdash_api.pages import PageOf
from qdash_api.requests.cooldowns import CryostatEdit, CryostatRequest
from qdash_api.routing.call import Call
from qdash_api.routing.path_parts import Name
from qdash_api.routing.required_role import RequiredRole
from qdash_api.routing.routes import Routes
from qdash_core.documents.cooldowns import CooldownDocument, CryostatDocument
from qdash_core.models.cryostat import CryostatModel

routes = Routes("cryostats")


@routes.get("/cryostats", needs=RequiredRole.VIEWER, answers=PageOf[CryostatDocument])
def list_cryostats(call: Call) -> PageOf[CryostatDocument]:
    """List the cryostats of the project, by id."""
    return PageOf.from_page(call.qdash.cryostats.page(call.access, call.page), CryostatDocument.from_cryostat)


@routes.post("/cryostats", needs=RequiredRole.EDITOR, answers=CryostatDocument, status=201)
def create_cryostat(call: Call, body: CryostatRequest) -> CryostatDocument:
    """Register a cryostat."""
    return _respond(call, call.qdash.cryostats.create(call.access, body.cryo_id, **body.get_given_fields()))


@routes.get("/cryostats/{cryo_id}", needs=RequiredRole.VIEWER, answers=CryostatDocument, versioned=True)
def show_cryostat(call: Call, cryo_id: Name) -> CryostatDocument:
    """Show a cryostat."""
    return _respond(call, call.qdash.cryostats.show(call.access, cryo_id))


@routes.patch("/cryostats/{cryo_id}", needs=RequiredRole.EDITOR, answers=CryostatDocument, edits=True)
def edit_cryostat(call: Call, cryo_id: Name, body: CryostatEdit) -> CryostatDocument:
    """Change fields of a cryostat; absent fields are unchanged."""
    return _respond(
        call, call.qdash.cryostats.edit(call.access, cryo_id, as_of=call.as_of, **body.get_given_fields())
    )


@routes.delete("/cryostats/{cryo_id}", needs=RequiredRole.EDITOR, answers=CryostatDocument)
def delete_cryostat(
    call: Call,
    cryo_id: Name,
    force: Annotated[bool, Query(description="True: delete even if it has a note.")] = False,
) -> CryostatDocument:
    """Delete a cryostat without cool-downs."""
    return CryostatDocument.from_cryostat(call.qdash.cryostats.delete(call.access, cryo_id, force=force))


@routes.get("/cryostats/{cryo_id}/cooldowns", needs=RequiredRole.VIEWER, answers=PageOf[CooldownDocument])
def cooldowns_of_cryostat(call: Call, cryo_id: Name) -> PageOf[CooldownDocument]:
    """List the cool-downs of a cryostat, newest first."""
    page = call.qdash.cooldowns.page(call.access, call.page, cryo_id=cryo_id)
    return PageOf.from_page(page, CooldownDocument.from_cooldown)


def _respond(call: Call, cryostat: CryostatModel) -> CryostatDocument:
    call.set_changed_at(cryostat.changed_at)
    return CryostatDocument.from_cryostat(cryostat)

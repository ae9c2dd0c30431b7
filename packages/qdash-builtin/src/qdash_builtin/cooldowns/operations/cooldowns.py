"""Operations of cool-downs and of the chips in them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.cooldowns.feature import COOLDOWNS
from qdash_builtin.cooldowns.requests import (
    BaseRequest,
    CooldownEdit,
    CooldownFilter,
    CooldownRequest,
    EndRequest,
)
from qdash_builtin.cooldowns.views import CooldownChipDocument, CooldownDocument
from qdash_builtin.request_parts.path_parts import ChipId, Name
from qdash_core.documents.pages import PageOf
from qdash_core.models.cooldown import CooldownModel
from qdash_core.models.pages import Page
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("cooldowns", place=290)


@operations.get(
    "/cooldowns",
    needs=RequiredRole.VIEWER,
    command=Command(
        "cooldown list",
        empty="no cool-downs yet",
        first="start one with `qdash cooldown create COOLDOWN --cryostat ID`",
    ),
    for_assistants=True,
)
def list_cooldowns(call: Call, query: CooldownFilter) -> PageOf[CooldownDocument]:
    """List the cool-downs of the project, newest first."""
    page = call.qdash.get(COOLDOWNS).page(
        call.access, call.page, cryo_id=query.cryo_id, chip_id=query.chip_id
    )
    return PageOf.from_page(page, CooldownDocument.from_record)


@operations.get("/chips/{chip_id}/cooldowns", needs=RequiredRole.VIEWER)
def cooldowns_of_chip(call: Call, chip_id: ChipId) -> PageOf[CooldownDocument]:
    """List the cool-downs of a chip, newest first."""
    page = call.qdash.get(COOLDOWNS).page(call.access, call.page, chip_id=chip_id)
    return PageOf.from_page(page, CooldownDocument.from_record)


@operations.post(
    "/cooldowns",
    needs=RequiredRole.EDITOR,
    status=201,
    command=Command("cooldown create"),
)
def create_cooldown(call: Call, body: CooldownRequest) -> CooldownDocument:
    """Start a cool-down, or record a past one. Until it ends, everything recorded for its chips carries its id."""
    return _respond(call, call.qdash.get(COOLDOWNS).create(call.access, **dict(body)))


@operations.get(
    "/cooldowns/{cooldown_id}",
    needs=RequiredRole.VIEWER,
    versioned=True,
    command=Command("cooldown show"),
    for_assistants=True,
)
def show_cooldown(call: Call, cooldown_id: Name) -> CooldownDocument:
    """Show a cool-down."""
    return _respond(call, call.qdash.get(COOLDOWNS).show(call.access, cooldown_id))


@operations.get(
    "/cooldowns/{cooldown_id}/chips",
    needs=RequiredRole.VIEWER,
    command=Command(
        "cooldown chips",
        empty="no chip is in it",
        first="load one with `qdash cooldown assign {cooldown_id} CHIP`",
    ),
)
def list_cooldown_chips(call: Call, cooldown_id: Name) -> PageOf[CooldownChipDocument]:
    """List the chips of a cool-down with the numbers of their executions and results."""
    found = call.qdash.get(COOLDOWNS).list_chips(call.access, cooldown_id)
    page = Page.from_all_items(found, call.page, lambda one: (one.chip_id,))
    return PageOf.from_page(page, lambda one: CooldownChipDocument.from_record(one, cooldown_id=cooldown_id))


@operations.patch(
    "/cooldowns/{cooldown_id}",
    needs=RequiredRole.EDITOR,
    edits=True,
    compares="/cooldowns/{cooldown_id}",
    command=Command("cooldown edit"),
)
def edit_cooldown(call: Call, cooldown_id: Name, body: CooldownEdit) -> CooldownDocument:
    """Correct a cool-down; a new end time ends it."""
    given = body.model_dump(exclude_unset=True)
    return _respond(call, call.qdash.get(COOLDOWNS).edit(call.access, cooldown_id, as_of=call.as_of, **given))


@operations.post(
    "/cooldowns/{cooldown_id}/base",
    needs=RequiredRole.EDITOR,
    edits=True,
    compares="/cooldowns/{cooldown_id}",
    command=Command("cooldown cold"),
)
def mark_cooldown_cold(call: Call, cooldown_id: Name, body: BaseRequest | None = None) -> CooldownDocument:
    """Record that a cool-down is at base temperature, which starts the timetables that wait for it."""
    base_at = None if body is None else body.base_at
    return _respond(
        call,
        call.qdash.get(COOLDOWNS).mark_cold(call.access, cooldown_id, base_at=base_at, as_of=call.as_of),
    )


@operations.post(
    "/cooldowns/{cooldown_id}/end",
    needs=RequiredRole.EDITOR,
    edits=True,
    compares="/cooldowns/{cooldown_id}",
    command=Command("cooldown end"),
)
def end_cooldown(call: Call, cooldown_id: Name, body: EndRequest | None = None) -> CooldownDocument:
    """End a cool-down, and unload its chips."""
    ended_at = None if body is None else body.ended_at
    return _respond(
        call,
        call.qdash.get(COOLDOWNS).end(call.access, cooldown_id, ended_at=ended_at, as_of=call.as_of),
    )


@operations.delete(
    "/cooldowns/{cooldown_id}",
    needs=RequiredRole.EDITOR,
    compares="/cooldowns/{cooldown_id}",
    command=Command("cooldown delete", says="cool-down {cooldown_id} was deleted"),
)
def delete_cooldown(
    call: Call,
    cooldown_id: Name,
    force: Annotated[
        bool, Field(description="True: delete even if chips are in it or it has a note.")
    ] = False,
) -> CooldownDocument:
    """Delete a cool-down without recorded results."""
    return CooldownDocument.from_record(
        call.qdash.get(COOLDOWNS).delete(call.access, cooldown_id, force=force)
    )


@operations.post(
    "/cooldowns/{cooldown_id}/chips/{chip_id}",
    needs=RequiredRole.EDITOR,
    command=Command("cooldown assign"),
)
def assign_chip(call: Call, cooldown_id: Name, chip_id: ChipId) -> CooldownDocument:
    """Add a chip to a cool-down."""
    return _respond(call, call.qdash.get(COOLDOWNS).assign(call.access, cooldown_id, chip_id))


@operations.delete(
    "/cooldowns/{cooldown_id}/chips/{chip_id}",
    needs=RequiredRole.EDITOR,
    command=Command("cooldown unassign"),
)
def unassign_chip(call: Call, cooldown_id: Name, chip_id: ChipId) -> CooldownDocument:
    """Remove a chip from a cool-down, as if it had never been in it."""
    return _respond(call, call.qdash.get(COOLDOWNS).unassign(call.access, cooldown_id, chip_id))


def _respond(call: Call, cooldown: CooldownModel) -> CooldownDocument:
    call.set_changed_at(cooldown.changed_at)
    return CooldownDocument.from_record(cooldown)

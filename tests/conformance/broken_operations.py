"""Operations on cryostats that keep their contract, and functions that break it, each in one way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.cooldowns.feature import CRYOSTATS
from qdash_core import Body, Call, Column, Command, Document, PageOf, PluginOperations, RequiredRole

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.cooldowns.model import CryostatModel


class Fridge(Document):
    """A cryostat."""

    text_columns = (Column("fridge", "cryo_id"), Column("place", "location", wraps=True))

    cryo_id: str
    location: str


class Move(Body):
    """A new place."""

    location: str


def list_fridges(call: Call) -> PageOf[Fridge]:
    """List the cryostats."""
    return PageOf.from_page(call.qdash.get(CRYOSTATS).page(call.access, call.page), Fridge.from_record)


def show_fridge(call: Call, cryo_id: str) -> Fridge:
    """Show a cryostat."""
    return _show(call, call.qdash.get(CRYOSTATS).show(call.access, cryo_id))


def move_fridge(call: Call, cryo_id: str, body: Move) -> Fridge:
    """Move a cryostat."""
    return _show(
        call,
        call.qdash.get(CRYOSTATS).edit(call.access, cryo_id, as_of=call.as_of, location=body.location),
    )


def remove_fridge(call: Call, cryo_id: str) -> None:
    """Remove a cryostat."""
    call.qdash.get(CRYOSTATS).delete(call.access, cryo_id)


def list_first_fridge(call: Call) -> PageOf[Fridge]:
    """List the cryostats, but begin again on each page."""
    page = call.qdash.get(CRYOSTATS).page(call.access, type(call.page)(call.page.limit))
    return PageOf.from_page(page, Fridge.from_record)


def list_all_fridges(call: Call) -> PageOf[Fridge]:
    """List the cryostats, all on one page."""
    return PageOf.from_page(
        call.qdash.get(CRYOSTATS).page(call.access, type(call.page)()), Fridge.from_record
    )


def list_one_fridge(call: Call) -> PageOf[Fridge]:
    """List the cryostats, but never a next page."""
    return PageOf(items=list_fridges(call).items)


def move_any_fridge(call: Call, cryo_id: str, body: Move) -> Fridge:
    """Move a cryostat, whatever the caller has seen."""
    return _show(call, call.qdash.get(CRYOSTATS).edit(call.access, cryo_id, location=body.location))


def move_fridge_first(call: Call, cryo_id: str, body: Move) -> Fridge:
    """Move a cryostat, and compare the version afterwards."""
    move_any_fridge(call, cryo_id, body)
    return move_fridge(call, cryo_id, body)


def show_any_fridge(call: Call, cryo_id: str) -> Fridge:
    """Show a cryostat, without its version."""
    return Fridge.from_record(call.qdash.get(CRYOSTATS).show(call.access, cryo_id))


def move_fridge_silently(call: Call, cryo_id: str, body: Move) -> Fridge:
    """Move a cryostat, and keep its new version back."""
    record = call.qdash.get(CRYOSTATS).edit(call.access, cryo_id, as_of=call.as_of, location=body.location)
    return Fridge.from_record(record)


def make_fridges(**replaced: Callable[..., object]) -> PluginOperations:
    """Return the operations, with the functions of `list`, `show`, `move` and `remove` that are given."""
    operations = PluginOperations("fridges")
    reads, edits = RequiredRole.VIEWER, RequiredRole.EDITOR
    path = "/fridges/{cryo_id}"
    operations.get("/fridges", needs=reads, command=Command("list"))(replaced.get("list", list_fridges))
    operations.get(path, needs=reads, versioned=True, command=Command("show"))(
        replaced.get("show", show_fridge)
    )
    operations.patch(path, needs=edits, edits=True, command=Command("move"))(
        replaced.get("move", move_fridge)
    )
    operations.delete(path, needs=edits, command=Command("remove"))(replaced.get("remove", remove_fridge))
    return operations


def _show(call: Call, record: CryostatModel) -> Fridge:
    call.set_changed_at(record.changed_at)
    return Fridge.from_record(record)

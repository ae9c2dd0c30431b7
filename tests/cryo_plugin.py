"""A plugin with two operations: a versioned read, and a write that refuses an old version and can be repeated."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Annotated

from pydantic import Field

from qdash_builtin.cooldowns.feature import CRYOSTATS
from qdash_core import Body, Call, Command, Document, PluginOperations, RequiredRole, hookimpl
from qdash_core.errors import StaleError
from qdash_core.models.base import UtcDatetime  # noqa: TC001  pydantic reads the annotation
from qdash_core.process.clock import utc_now

CryoId = Annotated[str, Field(max_length=64)]


class HeaterDocument(Document):
    """A heater of a cryostat."""

    cryo_id: str
    power_mw: float
    changed_at: UtcDatetime


class HeaterPower(Body):
    """Power of a heater."""

    power_mw: float = Field(ge=0, le=100)
    """Power, in mW."""


operations = PluginOperations("cryo")
heaters: dict[tuple[str, str], HeaterDocument] = {}
"""Heaters, by project and cryostat; a test empties it."""
keys: set[str] = set()


@operations.get(
    "/heaters/{cryo_id}",
    needs=RequiredRole.VIEWER,
    versioned=True,
    command=Command("heater"),
    for_assistants=True,
)
def show_heater(call: Call, cryo_id: CryoId) -> HeaterDocument:
    """Show the heater of a cryostat."""
    created_at = call.qdash.get(CRYOSTATS).show(call.access, cryo_id).created_at
    off = HeaterDocument(cryo_id=cryo_id, power_mw=0, changed_at=created_at)
    found = heaters.get((call.access.project_id, cryo_id), off)
    call.set_changed_at(found.changed_at)
    return found


@operations.put(
    "/heaters/{cryo_id}",
    needs=RequiredRole.EDITOR,
    edits=True,
    idempotent=True,
    compares="/heaters/{cryo_id}",
    command=Command("heat", says="the heater of {cryo_id} has {power_mw} mW"),
    for_assistants=True,
)
def set_heater(call: Call, cryo_id: CryoId, body: HeaterPower) -> HeaterDocument:
    """Set the power of the heater of a cryostat."""
    known = show_heater(call, cryo_id)
    if call.idempotency_key in keys:
        call.set_replayed()
        return known
    if call.as_of not in (None, known.changed_at):
        raise StaleError("the heater has been changed")
    made = HeaterDocument(cryo_id=cryo_id, power_mw=body.power_mw, changed_at=utc_now())
    heaters[call.access.project_id, cryo_id] = made
    keys.update(filter(None, [call.idempotency_key]))
    call.set_changed_at(made.changed_at)
    return made


def make_plugin(*declared: object) -> SimpleNamespace:
    """Return a plugin with these operations, by default those of this module, and none of its heaters changed."""
    heaters.clear()
    keys.clear()

    def qdash_operations() -> list[object]:
        return list(declared or [operations])

    return SimpleNamespace(qdash_operations=hookimpl(qdash_operations))

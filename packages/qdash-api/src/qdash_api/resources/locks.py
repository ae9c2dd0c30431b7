"""Locks: who has an instrument for itself."""

from __future__ import annotations

from qdash_api.guarding.call import Call
from qdash_api.guarding.needs import Needs
from qdash_api.guarding.path_parts import ChipId
from qdash_api.guarding.routes import Routes
from qdash_core.documents.leases import LocksDocument, ReleasedDocument

routes = Routes("locks")


@routes.get("/locks", needs=Needs.VIEWER, answers=LocksDocument)
def list_locks(call: Call) -> LocksDocument:
    """Who measures the chips of the project, or uses their instruments for another one."""
    found = call.qdash.leases.touching(call.access.project_id)
    return LocksDocument.of(found, call.qdash.leases.chips_of(found))


@routes.delete("/locks/{chip_id}", needs=Needs.OWNER, answers=ReleasedDocument)
def release_lock(call: Call, chip_id: ChipId) -> ReleasedDocument:
    """Take away what keeps a chip from being measured; a run that lives notices, and writes nothing more."""
    released = call.qdash.leases.release(call.access, chip_id)
    return ReleasedDocument.of(released, call.qdash.leases.chips_of(released))

"""Routes of instrument locks."""

from __future__ import annotations

from qdash_api.routing.call import Call
from qdash_api.routing.needs import Needs
from qdash_api.routing.path_parts import ChipId
from qdash_api.routing.routes import Routes
from qdash_core.documents.locks import LocksDocument, ReleasedDocument

routes = Routes("locks")


@routes.get("/locks", needs=Needs.VIEWER, answers=LocksDocument)
def list_locks(call: Call) -> LocksDocument:
    """List the locks on the instruments of the project's chips, by runs of any project."""
    found = call.qdash.locks.list_affecting(call.access.project_id)
    return LocksDocument.from_locks(found, call.qdash.locks.list_sharing_chips(found))


@routes.delete("/locks/{chip_id}", needs=Needs.OWNER, answers=ReleasedDocument)
def release_lock(call: Call, chip_id: ChipId) -> ReleasedDocument:
    """Release the lock on a chip's instrument by force; a run that holds it stops writing results."""
    released = call.qdash.locks.release(call.access, chip_id)
    return ReleasedDocument.from_locks(released, call.qdash.locks.list_sharing_chips(released))

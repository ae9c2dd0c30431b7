"""Operations of instrument locks."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_core.documents.locks import LocksDocument, ReleasedDocument
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.path_parts import ChipId
from qdash_core.operations.required_role import RequiredRole
from qdash_core.record.lock_release import LONGEST_REASON

operations = Operations("locks")


@operations.get("/locks", needs=RequiredRole.VIEWER, answers=LocksDocument)
def list_locks(call: Call) -> LocksDocument:
    """List the locks on the instruments of the project's chips, by runs of any project."""
    found = call.qdash.locks.list_affecting(call.access.project_id)
    return LocksDocument.from_locks(found, call.qdash.locks.list_sharing_chips(found))


@operations.delete("/locks/{chip_id}", needs=RequiredRole.OWNER, answers=ReleasedDocument)
def release_lock(
    call: Call,
    chip_id: ChipId,
    force: Annotated[
        bool, Field(description="True: release the lock of a live run, too, and stop that run.")
    ] = False,
    execution_id: Annotated[
        str | None,
        Field(
            max_length=128,
            description="Release only the lock of this execution; empty: of runs without a record.",
        ),
    ] = None,
    reason: Annotated[
        str, Field(max_length=LONGEST_REASON, description="Reason, for the event and the record of the run.")
    ] = "",
) -> ReleasedDocument:
    """Release the locks on a chip's instrument; 409 with the holder if its run may be alive, unless forced.

    If several live runs share the chip, and one is another user's, `execution_id` has to name the one to stop.

    The record of a live run then names the user who released the lock; the run stops and writes nothing more.
    """
    released = call.qdash.lock_release.release(
        call.access, chip_id, execution_id=execution_id, force=force, reason=reason
    )
    return ReleasedDocument.from_locks(released, call.qdash.locks.list_sharing_chips(released))

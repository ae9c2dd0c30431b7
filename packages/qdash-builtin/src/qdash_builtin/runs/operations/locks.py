"""Operations of instrument locks."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.request_parts.path_parts import ChipId
from qdash_builtin.runs.affecting_locks import list_affecting, list_sharing_chips
from qdash_builtin.runs.feature import LOCK_RELEASE
from qdash_builtin.runs.lock_release import LONGEST_REASON
from qdash_builtin.runs.views.locks import LocksDocument, ReleasedDocument
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("locks", place=480)


_Force = Annotated[bool, Field(description="True: release the lock of a live run, too, and stop that run.")]
_OfExecution = Annotated[
    str | None,
    Field(
        max_length=128,
        description="Release only the lock of this execution; empty: of runs without a record.",
    ),
]
_Reason = Annotated[
    str, Field(max_length=LONGEST_REASON, description="Reason, for the event and the record of the run.")
]


@operations.get("/locks", needs=RequiredRole.VIEWER, command=Command("lock status"))
def list_locks(call: Call) -> LocksDocument:
    """List the locks on the instruments of the project's chips, by runs of any project."""
    zone, project_id = call.qdash.zone, call.access.project_id
    found = list_affecting(call.qdash, project_id)
    chips = list_sharing_chips(call.qdash, found)
    return LocksDocument.from_locks(project_id, found, chips, lambda one: one.describe(zone, project_id))


@operations.delete("/locks", needs=RequiredRole.OWNER)
def release_locks(
    call: Call, force: _Force = False, execution_id: _OfExecution = None, reason: _Reason = ""
) -> ReleasedDocument:
    """Release the locks of all runs of the project; 409 with the holders if a run may be alive, unless forced."""
    return _release(call, None, execution_id=execution_id, force=force, reason=reason)


@operations.delete("/locks/{chip_id}", needs=RequiredRole.OWNER)
def release_lock(
    call: Call,
    chip_id: ChipId,
    force: _Force = False,
    execution_id: _OfExecution = None,
    reason: _Reason = "",
) -> ReleasedDocument:
    """Release the locks on a chip's instrument; 409 with the holder if its run may be alive, unless forced.

    If several live runs share the chip, and one is another user's, `execution_id` has to name the one to stop.

    The record of a live run then names the user who released the lock; the run stops and writes nothing more.
    """
    return _release(call, chip_id, execution_id=execution_id, force=force, reason=reason)


def _release(
    call: Call, chip_id: str | None, *, execution_id: str | None, force: bool, reason: str
) -> ReleasedDocument:
    released = call.qdash.get(LOCK_RELEASE).release(
        call.access, chip_id, execution_id=execution_id, force=force, reason=reason
    )
    return ReleasedDocument.from_locks(released, list_sharing_chips(call.qdash, released))

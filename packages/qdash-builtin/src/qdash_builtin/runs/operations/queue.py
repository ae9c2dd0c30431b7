"""Operations of the queue of runs."""

from __future__ import annotations

from qdash_builtin.record_lookup.call_ids import resolve_execution_id
from qdash_builtin.request_parts.path_parts import ChipId, ExecutionId
from qdash_builtin.runs.affecting_locks import list_sharing_chips
from qdash_builtin.runs.feature import QUEUE
from qdash_builtin.runs.queue_view import QueueStatus
from qdash_builtin.runs.requests import QueueChange, QueueChanges
from qdash_builtin.runs.views.chip_runs import ChipRunsDocument
from qdash_builtin.runs.views.queue import QueueChangeDocument, QueueChangesDocument, QueueEntryDocument
from qdash_core.documents.pages import PageOf
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("queue", place=420)


@operations.get("/queue", needs=RequiredRole.VIEWER, for_assistants=True, for_answers=True)
def list_queue(call: Call) -> PageOf[QueueEntryDocument]:
    """List the waiting and running runs, in the order in which they start."""
    return PageOf[QueueEntryDocument].from_page(
        call.qdash.get(QUEUE).page(call.access, call.page), QueueEntryDocument.from_status
    )


@operations.patch(
    "/queue",
    needs=RequiredRole.EDITOR,
    command=Command(
        "queue move", help="Move waiting runs in the queue, in the given order: all of them, or none."
    ),
)
def change_queue(call: Call, change: QueueChanges) -> QueueChangesDocument:
    """Move, hold, release or remove several waiting runs at once: all of them, or none."""
    named = [*dict.fromkeys(resolve_execution_id(call, one) for one in change.execution_ids)]
    call.record_objects(f"/queue/{one}" for one in named)
    call.qdash.get(QUEUE).change_many(
        call.access,
        named,
        held=change.held,
        removed=change.removed,
        before=resolve_execution_id(call, change.before),
        first=change.first,
    )
    done = [QueueChangeDocument(execution_id=one, done=change.kind) for one in named]
    return QueueChangesDocument(changes=done)


@operations.get("/queue/{execution_id}", needs=RequiredRole.VIEWER, versioned=True)
def show_queue_entry(call: Call, execution_id: ExecutionId) -> QueueEntryDocument:
    """Show a waiting or running run."""
    return _respond(call, call.qdash.get(QUEUE).show(call.access, execution_id))


@operations.patch(
    "/queue/{execution_id}",
    needs=RequiredRole.EDITOR,
    edits=True,
    compares="/queue/{execution_id}",
)
def change_queue_entry(call: Call, execution_id: ExecutionId, change: QueueChange) -> QueueEntryDocument:
    """Move a waiting run in the queue, hold it, or release it."""
    changed = call.qdash.get(QUEUE).change(
        call.access,
        execution_id,
        held=change.held,
        before=change.before,
        first=change.first,
        as_of=call.as_of,
    )
    return _respond(call, changed)


@operations.delete("/queue/{execution_id}", needs=RequiredRole.EDITOR)
def remove_from_queue(call: Call, execution_id: ExecutionId) -> QueueChangeDocument:
    """Remove a waiting run from the queue: a new run is cancelled, a resumed one keeps its earlier status."""
    call.qdash.get(QUEUE).remove(call.access, execution_id)
    return QueueChangeDocument(execution_id=execution_id, done="removed")


@operations.get("/chips/{chip_id}/runs", needs=RequiredRole.VIEWER, for_assistants=True)
def runs_on_chip(call: Call, chip_id: ChipId) -> ChipRunsDocument:
    """Show the runs on a chip, the locks on its instruments, and the runs that wait for it."""
    found = call.qdash.get(QUEUE).get_chip_runs(call.access, chip_id)
    return ChipRunsDocument.from_runs(found, list_sharing_chips(call.qdash, found.locks))


def _respond(call: Call, status: QueueStatus) -> QueueEntryDocument:
    # The reason why it waits depends on other runs: the caller always reads the whole entry again.
    call.set_changed_at(status.entry.updated_at, seq=0)
    return QueueEntryDocument.from_status(status)

"""The queue: runs that wait for their chip, and what is on a chip."""

from __future__ import annotations

from qdash_api.guarding.call import Call
from qdash_api.guarding.needs import Needs
from qdash_api.guarding.path_parts import ChipId, ExecutionId
from qdash_api.guarding.routes import Routes
from qdash_api.pages import PageOf
from qdash_api.requests.runs import QueueChange
from qdash_core.documents.chip_runs import ChipRunsDocument
from qdash_core.documents.queue import QueueChangeDocument, QueueEntryDocument
from qdash_core.runs.turns import QueueStatus

routes = Routes("queue")


@routes.get("/queue", needs=Needs.VIEWER, answers=PageOf[QueueEntryDocument])
def list_queue(call: Call) -> PageOf[QueueEntryDocument]:
    """Runs that wait or are being performed, in the order in which they begin."""
    return PageOf[QueueEntryDocument].of(call.qdash.queue.page(call.access, call.page), QueueEntryDocument.of)


@routes.get("/queue/{execution_id}", needs=Needs.VIEWER, answers=QueueEntryDocument, versioned=True)
def show_queue_entry(call: Call, execution_id: ExecutionId) -> QueueEntryDocument:
    """A run that waits or is being performed."""
    return _shown(call, call.qdash.queue.show(call.access, execution_id))


@routes.patch("/queue/{execution_id}", needs=Needs.EDITOR, answers=QueueEntryDocument, edits=True)
def change_queue_entry(call: Call, execution_id: ExecutionId, change: QueueChange) -> QueueEntryDocument:
    """Let a waiting run begin earlier or later, hold it, or release it."""
    changed = call.qdash.queue.change(
        call.access,
        execution_id,
        held=change.held,
        before=change.before,
        first=change.first,
        as_of=call.as_of,
    )
    return _shown(call, changed)


@routes.delete("/queue/{execution_id}", needs=Needs.EDITOR, answers=QueueChangeDocument)
def remove_from_queue(call: Call, execution_id: ExecutionId) -> QueueChangeDocument:
    """Take a waiting run out of the queue: what was to begin is cancelled, what was to go on stays as it is."""
    call.qdash.queue.remove(call.access, execution_id)
    return QueueChangeDocument(execution_id=execution_id, done="removed")


@routes.get("/chips/{chip_id}/runs", needs=Needs.VIEWER, answers=ChipRunsDocument)
def runs_on_chip(call: Call, chip_id: ChipId) -> ChipRunsDocument:
    """What runs on a chip, who has its instrument, and what waits for it."""
    found = call.qdash.queue.of_chip(call.access, chip_id)
    return ChipRunsDocument.of(found, call.qdash.leases.chips_of(found.leases))


def _shown(call: Call, status: QueueStatus) -> QueueEntryDocument:
    # What it waits for hangs on others: whoever has it asks for the whole again.
    call.changed_at(status.entry.updated_at, seq=0)
    return QueueEntryDocument.of(status)

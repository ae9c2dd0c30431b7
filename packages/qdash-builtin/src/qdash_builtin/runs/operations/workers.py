"""Operations of workers."""

from __future__ import annotations

from qdash_builtin.runs.feature import QUEUE
from qdash_builtin.runs.views.queue import WorkerDocument
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import Page
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("workers", place=490)


@operations.get("/workers", needs=RequiredRole.VIEWER)
def list_workers(call: Call) -> PageOf[WorkerDocument]:
    """List the live workers of the store, on all machines."""
    page = Page.from_all_items(
        call.qdash.get(QUEUE).list_workers(), call.page, lambda one: (one.host, one.pid, one.owner)
    )
    return PageOf[WorkerDocument].from_page(page, WorkerDocument.from_record)

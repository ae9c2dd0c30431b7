"""Routes of workers."""

from __future__ import annotations

from qdash_api.pages import PageOf
from qdash_api.routing.call import Call
from qdash_api.routing.required_role import RequiredRole
from qdash_api.routing.routes import Routes
from qdash_core.documents.queue import WorkerDocument
from qdash_core.models.pages import Page

routes = Routes("workers")


@routes.get("/workers", needs=RequiredRole.VIEWER, answers=PageOf[WorkerDocument])
def list_workers(call: Call) -> PageOf[WorkerDocument]:
    """List the live workers of the store, on all machines."""
    page = Page.from_all_items(
        call.qdash.queue.list_workers(), call.page, lambda one: (one.host, one.pid, one.owner)
    )
    return PageOf[WorkerDocument].from_page(page, WorkerDocument.from_record)

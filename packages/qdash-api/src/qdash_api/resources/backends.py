"""Routes of backends."""

from __future__ import annotations

from qdash_api.pages import PageOf
from qdash_api.routing.call import Call
from qdash_api.routing.required_role import RequiredRole
from qdash_api.routing.routes import Routes
from qdash_core.documents.backends import BackendDocument
from qdash_core.models.pages import Page

routes = Routes("backends")


@routes.get("/backends", needs=RequiredRole.VIEWER, answers=PageOf[BackendDocument])
def list_backends(call: Call) -> PageOf[BackendDocument]:
    """List the backends that are installed or were used in the project."""
    page = Page.from_all_items(
        call.qdash.backends.list_by_project(call.access), call.page, lambda one: (one.name,)
    )
    return PageOf[BackendDocument].from_page(page, BackendDocument.from_record)

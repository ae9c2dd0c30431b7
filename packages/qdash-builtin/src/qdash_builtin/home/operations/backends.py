"""Operations of backends."""

from __future__ import annotations

from qdash_builtin.home.feature import BACKENDS
from qdash_builtin.home.views.backends import BackendDocument
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import Page
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("backends", place=500)


@operations.get("/backends", needs=RequiredRole.VIEWER)
def list_backends(call: Call) -> PageOf[BackendDocument]:
    """List the backends that are installed or were used in the project."""
    page = Page.from_all_items(
        call.qdash.get(BACKENDS).list_by_project(call.access), call.page, lambda one: (one.name,)
    )
    return PageOf[BackendDocument].from_page(page, BackendDocument.from_record)

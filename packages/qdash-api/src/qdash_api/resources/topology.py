"""Routes of built-in topologies, and of the topology of a chip."""

from __future__ import annotations

from qdash_api.pages import PageOf
from qdash_api.routing.call import Call
from qdash_api.routing.path_parts import ChipId, Name
from qdash_api.routing.required_role import RequiredRole
from qdash_api.routing.routes import Routes
from qdash_core.chips.lattices import NAMES, get_builtin_topology
from qdash_core.documents.layouts import TopologyDocument, TopologyHeader
from qdash_core.models.pages import Page

routes = Routes("topology")


@routes.get("/topologies", needs=RequiredRole.VIEWER, answers=PageOf[TopologyHeader])
def list_topologies(call: Call) -> PageOf[TopologyHeader]:
    """List the suggested built-in topologies; others of these kinds are made on request."""
    page = Page.from_all_items(NAMES, call.page, lambda name: (name,))
    return PageOf.from_page(page, lambda name: TopologyHeader(name=name))


@routes.get("/topologies/{name}", needs=RequiredRole.VIEWER, answers=TopologyDocument, slow=True)
def show_topology(_call: Call, name: Name) -> TopologyDocument:
    """Show a built-in topology."""
    return TopologyDocument.from_topology(get_builtin_topology(name))


@routes.get("/chips/{chip_id}/topology", needs=RequiredRole.VIEWER, answers=TopologyDocument)
def chip_topology(call: Call, chip_id: ChipId) -> TopologyDocument:
    """Show the topology of a chip."""
    return TopologyDocument.from_topology(call.qdash.chips.get_stored(call.access, chip_id).topology)

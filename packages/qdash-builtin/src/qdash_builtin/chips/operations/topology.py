"""Operations of built-in topologies, of topologies in files, and of the topology of a chip."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.chips.topology_files import parse_topology_file
from qdash_builtin.chips.views.layouts import TopologyDocument, TopologyHeader
from qdash_builtin.request_parts.path_parts import ChipId, Name
from qdash_core.chips.lattices import NAMES, get_builtin_topology
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import Page
from qdash_core.operations.bodies import RawBody
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole
from qdash_core.parsing.limits import JSON_EXPORT

operations = Operations("topology", place=160)
FileName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        description="Name of the file: `.json` is read as JSON, every other as YAML.",
    ),
]


@operations.get("/topologies", needs=RequiredRole.VIEWER)
def list_topologies(call: Call) -> PageOf[TopologyHeader]:
    """List the suggested built-in topologies; others of these kinds are made on request."""
    page = Page.from_all_items(NAMES, call.page, lambda name: (name,))
    return PageOf.from_page(page, lambda name: TopologyHeader(name=name))


@operations.post(
    "/topologies/file",
    needs=RequiredRole.VIEWER,
    slow=True,
    reads=True,
    largest_body=JSON_EXPORT.size,
)
def read_topology_file(_call: Call, contents: RawBody, name: FileName) -> TopologyDocument:
    """Show the topology in a topology file, device table or exported chip, in JSON or YAML; the chip is not created."""
    return TopologyDocument.from_topology(parse_topology_file(name, contents))


@operations.get("/topologies/{name}", needs=RequiredRole.VIEWER, slow=True)
def show_topology(_call: Call, name: Name) -> TopologyDocument:
    """Show a built-in topology."""
    return TopologyDocument.from_topology(get_builtin_topology(name))


@operations.get("/chips/{chip_id}/topology", needs=RequiredRole.VIEWER)
def chip_topology(call: Call, chip_id: ChipId) -> TopologyDocument:
    """Show the topology of a chip."""
    return TopologyDocument.from_topology(call.qdash.get(CHIPS).get_stored(call.access, chip_id).topology)

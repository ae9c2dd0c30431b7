"""Operations with the tag `topology`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, File, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.layouts import TopologyDocument, TopologyHeader
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_topologies(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[TopologyHeader]]:
    """List the suggested built-in topologies; others of these kinds are made on request."""
    from qdash_core.documents.layouts import TopologyHeader

    return send_request(
        client, "GET", "/topologies", page_of(TopologyHeader), params={"limit": limit, "after": after}
    )


@operation
def read_topology_file(*, client: AuthenticatedClient, body: File, name: str) -> Response[TopologyDocument]:
    """Show the topology in a topology file, device table or exported chip, in JSON or YAML; the chip is
    not created."""
    from qdash_core.documents.layouts import TopologyDocument

    return send_request(
        client, "POST", "/topologies/file", TopologyDocument, params={"name": name}, body=body
    )


@operation
def show_topology(name: str, *, client: AuthenticatedClient) -> Response[TopologyDocument]:
    """Show a built-in topology."""
    from qdash_core.documents.layouts import TopologyDocument

    return send_request(client, "GET", f"/topologies/{quote_segment(name)}", TopologyDocument)


@operation
def chip_topology(chip_id: str, *, client: AuthenticatedClient) -> Response[TopologyDocument]:
    """Show the topology of a chip."""
    from qdash_core.documents.layouts import TopologyDocument

    return send_request(client, "GET", f"/chips/{quote_segment(chip_id)}/topology", TopologyDocument)

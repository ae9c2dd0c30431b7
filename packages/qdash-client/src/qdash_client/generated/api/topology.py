"""Operations with the tag `topology`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_client.generated.operation import PageOf, operation, quote_segment, send_request
from qdash_client.generated.types import UNSET, Response, Unset
from qdash_core.documents.layouts import TopologyDocument, TopologyHeader

if TYPE_CHECKING:
    from qdash_client.generated.client import AuthenticatedClient

PageOfTopologyHeader = PageOf[TopologyHeader]


@operation
def list_topologies(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOfTopologyHeader]:
    """List the suggested built-in topologies; others of these kinds are made on request."""
    return send_request(
        client, "GET", "/topologies", PageOfTopologyHeader, params={"limit": limit, "after": after}
    )


@operation
def show_topology(name: str, *, client: AuthenticatedClient) -> Response[TopologyDocument]:
    """Show a built-in topology."""
    return send_request(client, "GET", f"/topologies/{quote_segment(name)}", TopologyDocument)


@operation
def chip_topology(chip_id: str, *, client: AuthenticatedClient) -> Response[TopologyDocument]:
    """Show the topology of a chip."""
    return send_request(client, "GET", f"/chips/{quote_segment(chip_id)}/topology", TopologyDocument)

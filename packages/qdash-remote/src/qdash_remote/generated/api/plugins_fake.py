"""Operations with the tag `plugins_fake`, and their models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define
from pydantic import BaseModel

from qdash_remote.generated.operation import Body, operation, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.layouts import TopologyDocument
    from qdash_remote.generated.client import AuthenticatedClient


class DevicesDocument(BaseModel):
    """View model of the devices that twins can be made from, besides built-in topologies."""

    devices: list[str]
    n_qubits: dict[str, int]
    """Number of qubits of each device."""


class NewTwinDocument(BaseModel):
    """View model of a new twin and its chip."""

    chip_id: str
    project_id: str
    device: str
    seed: int
    options: dict[str, bool | float | str | dict[str, float]]
    backend: str
    n_qubits: int
    n_couplings: int


@define
class TwinRequest(Body):
    """Request for a twin and its chip."""

    chip_id: str
    device: str
    """Device, or built-in topology for which all parameters are drawn at random; not a file."""
    seed: int | Unset = UNSET
    """Seed for the parameters that are not in the table."""
    options: dict[str, bool | float | str | dict[str, float]] | Unset = UNSET
    """Faults of the twin, by the names of `qdash twin create`."""


@operation
def fake_devices(*, client: AuthenticatedClient) -> Response[DevicesDocument]:
    """List the devices that twins can be made from."""
    return send_request(client, "GET", "/plugins/fake/devices", DevicesDocument)


@operation
def fake_device_topology(name: str, *, client: AuthenticatedClient) -> Response[TopologyDocument]:
    """Show the topology of a device: positions of its qubits if known, and couplings."""
    from qdash_core.documents.layouts import TopologyDocument

    return send_request(
        client, "GET", f"/plugins/fake/devices/{quote_segment(name)}/topology", TopologyDocument
    )


@operation
def fake_create_twin(*, client: AuthenticatedClient, body: TwinRequest) -> Response[NewTwinDocument]:
    """Create a twin and its chip."""
    return send_request(client, "POST", "/plugins/fake/twins", NewTwinDocument, status=201, body=body)

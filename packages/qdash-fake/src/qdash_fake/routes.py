"""HTTP routes for devices and new twins.

There is no route for the truth of a twin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request

from qdash_core.documents.layouts import TopologyDocument
from qdash_core.errors import InvalidInputError
from qdash_core.models.project import ProjectRole
from qdash_fake.documents import DevicesDocument, NewTwinDocument, TwinRequest

if TYPE_CHECKING:
    from qdash_core.application import QDash
    from qdash_core.models.access import Access

router = APIRouter()

MOST_QUBITS = 2000
"""Largest number of qubits of a twin created by a route: larger ones would occupy the host for long."""


@router.get("/devices")
def devices() -> DevicesDocument:
    """List the devices that twins can be made from."""
    from qdash_fake.devices import list_device_names, load_known_device

    names = list(list_device_names())
    return DevicesDocument(devices=names, n_qubits={name: load_known_device(name).n_qubits for name in names})


@router.get("/devices/{name}/topology")
def device_topology(name: Annotated[str, Path(max_length=100)]) -> TopologyDocument:
    """Show the topology of a device: positions of its qubits if known, and couplings."""
    from qdash_fake.devices import load_known_device

    return TopologyDocument.from_topology(load_known_device(name).layout)


@router.post("/twins", status_code=201, response_model_exclude_none=True)
def create_twin(asked: TwinRequest, request: Request) -> NewTwinDocument:
    """Create a twin and its chip."""
    from qdash_fake.chips import create_twin_chip
    from qdash_fake.devices import load_known_device
    from qdash_fake.options import TwinOptions

    qdash: QDash = request.state.qdash
    access: Access = request.state.access
    access.require(ProjectRole.EDITOR)
    options = TwinOptions.parse(asked.options)
    device = load_known_device(asked.device)
    if device.n_qubits > MOST_QUBITS:
        raise InvalidInputError(
            f"{asked.device!r} has {device.n_qubits} qubits; the host creates twins of at most {MOST_QUBITS} qubits: "
            "use `qdash twin create` for larger ones"
        )
    chip = create_twin_chip(
        qdash, access, asked.chip_id, device, seed=asked.seed, options=options.model_dump()
    )
    return NewTwinDocument.from_chip(chip, device.device, seed=asked.seed, options=options)

"""Operations of devices and new twins.

There is none for the truth of a twin.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.chips.views.layouts import TopologyDocument
from qdash_core.errors import InvalidInputError
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command
from qdash_core.operations.plugin_operations import PluginOperations
from qdash_core.operations.required_role import RequiredRole
from qdash_fake.documents import DevicesDocument, NewTwinDocument, TwinRequest

operations = PluginOperations("fake")

MOST_QUBITS = 2000
"""Largest number of qubits of a twin created by an operation: larger ones would occupy the host for long."""


@operations.get("/devices", needs=RequiredRole.VIEWER, command=Command("devices"))
def devices(_call: Call) -> DevicesDocument:
    """List the devices that twins can be made from."""
    from qdash_fake.devices import list_device_names, load_known_device

    names = list(list_device_names())
    return DevicesDocument(devices=names, n_qubits={name: load_known_device(name).n_qubits for name in names})


@operations.get("/devices/{name}/topology", needs=RequiredRole.VIEWER)
def device_topology(_call: Call, name: Annotated[str, Field(max_length=100)]) -> TopologyDocument:
    """Show the topology of a device: positions of its qubits if known, and couplings."""
    from qdash_fake.devices import load_known_device

    return TopologyDocument.from_topology(load_known_device(name).layout)


@operations.post("/twins", needs=RequiredRole.EDITOR, status=201, creates=True)
def create_twin(call: Call, asked: TwinRequest) -> NewTwinDocument:
    """Create a twin and its chip."""
    from qdash_fake.chips import create_twin_chip
    from qdash_fake.devices import load_known_device
    from qdash_fake.options import TwinOptions

    options = TwinOptions.parse(asked.options)
    device = load_known_device(asked.device)
    if device.n_qubits > MOST_QUBITS:
        raise InvalidInputError(
            f"{asked.device!r} has {device.n_qubits} qubits; the host creates twins of at most {MOST_QUBITS} qubits: "
            "use `qdash twin create` on its machine for larger ones"
        )
    chip = create_twin_chip(
        call.qdash, call.access, asked.chip_id, device, seed=asked.seed, options=options.model_dump()
    )
    return NewTwinDocument.from_chip(chip, device.device, seed=asked.seed, options=options)

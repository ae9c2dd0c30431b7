"""Conversion of a topology to a device table that contains only qubits, positions and couplings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.targets import split_coupling
from qdash_fake.devices.tables import CouplingRow, DeviceTable, QubitRow

if TYPE_CHECKING:
    from qdash_core.chips.topology import Topology


def make_table(topology: Topology) -> DeviceTable:
    """Return the table of a chip with only its layout known; a twin draws all other values."""
    directed = (split_coupling(coupling) for coupling in topology.couplings)
    return DeviceTable(
        device=topology.name,
        n_qubits=len(topology.qubits),
        qubits=tuple(QubitRow(qid=qid) for qid in topology.qids),
        couplings=tuple(CouplingRow(control=a, target=b) for a, b in directed),
        topology=topology.to_document(),
    )

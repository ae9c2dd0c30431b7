"""Kinds of timed faults of a twin, each an option of the same name, with their effects on the truth.

The modules import no numerics, because the help of the commands names all kinds.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_fake.fault_kinds.chips import CHIP_FAULTS
from qdash_fake.fault_kinds.couplings import COUPLING_FAULTS
from qdash_fake.fault_kinds.drives import DRIVE_FAULTS
from qdash_fake.fault_kinds.qubits import QUBIT_FAULTS
from qdash_fake.fault_kinds.readouts import READOUT_FAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_fake.timed_changes import CouplingFaultKind, QubitFaultKind

FAULT_KINDS: Mapping[str, QubitFaultKind | CouplingFaultKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (*QUBIT_FAULTS, *DRIVE_FAULTS, *READOUT_FAULTS, *CHIP_FAULTS, *COUPLING_FAULTS)
    }
)
"""All kinds by name."""

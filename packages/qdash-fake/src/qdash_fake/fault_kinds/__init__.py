"""Kinds of timed faults of a twin, each an option of the same name.

`fault_effects` has what they do to the truth.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_fake.fault_kinds.of_chips import CHIP_FAULTS
from qdash_fake.fault_kinds.of_couplings import COUPLING_FAULTS
from qdash_fake.fault_kinds.of_drives import DRIVE_FAULTS
from qdash_fake.fault_kinds.of_qubits import QUBIT_FAULTS
from qdash_fake.fault_kinds.of_readouts import READOUT_FAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_fake.timed_faults import FaultKind

FAULT_KINDS: Mapping[str, FaultKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (*QUBIT_FAULTS, *DRIVE_FAULTS, *READOUT_FAULTS, *CHIP_FAULTS, *COUPLING_FAULTS)
    }
)
"""All kinds by name."""

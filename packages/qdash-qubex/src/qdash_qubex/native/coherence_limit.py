"""Coherence limit of the library's ZX90, for the length in its note."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from qdash_qubex.native.base import NATIVE
from qdash_qubex.native.declarations import LIBRARY_GATE
from qdash_tasks.coupling.coherence_limit import Check2QGateCoherenceLimit as Standard

_LENGTH = "zx90_gate_time"


class Check2QGateCoherenceLimit(Standard):
    """Coherence limit of the gate that `CreateZX90` of this backend calibrates."""

    backend = NATIVE
    input_parameters = MappingProxyType(
        {
            **Standard.input_parameters,
            _LENGTH: replace(Standard.input_parameters[_LENGTH], source=LIBRARY_GATE),
        }
    )

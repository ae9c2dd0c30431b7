"""The coherence limit of a gate on two coupled qubits."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from qdash_core.tasks.base import BaseTask
from qdash_tasks.declared import TIMES, fidelity, of_both, of_coupling


class Check2QGateCoherenceLimit(BaseTask):
    """Work out what relaxation and dephasing of both qubits alone leave of a ZX90."""

    name = "Check2QGateCoherenceLimit"
    task_type = "coupling"
    description = (
        "Highest average fidelity of the ZX90 that T1, T2 and its length allow; nothing is measured."
    )
    input_parameters = MappingProxyType(
        {
            **{name: replace(given, required=True) for name, given in of_both(TIMES).items()},
            "zx90_gate_time": of_coupling("ns", "length of the whole gate"),
        }
    )
    output_parameters = MappingProxyType(
        {"two_qubit_gate_coherence_limit": fidelity("average gate fidelity of a ZX90 at the limit")}
    )

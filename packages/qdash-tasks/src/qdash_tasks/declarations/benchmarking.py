"""Standard tasks that say how good the gates are."""

from dataclasses import replace
from types import MappingProxyType

from qdash_core.tasks.base import BaseTask
from qdash_tasks.declared import MEASUREMENT, PULSES, fidelity, known, random_sequences

_BENCHMARKING = {**MEASUREMENT, **random_sequences(20, fewest=3, longest=100_000.0)}
_BENCHMARKED = {
    **PULSES,
    "one_qubit_gate_coherence_limit": known("", "chooses the longest sequence"),
    "average_gate_fidelity": known("", "chooses the longest sequence"),
}


class RandomizedBenchmarking(BaseTask):
    """Measure the average fidelity of Clifford gates."""

    name = "RandomizedBenchmarking"
    description = "Average fidelity of a Clifford gate, from random sequences of growing length."
    input_parameters = MappingProxyType(_BENCHMARKED)
    run_parameters = MappingProxyType(_BENCHMARKING)
    output_parameters = MappingProxyType(
        {
            "average_gate_fidelity": fidelity(
                "1 - error per Clifford (a Clifford has one half pi pulse on average)"
            )
        }
    )


class SimultaneousRandomizedBenchmarking(BaseTask):
    """Measure the average fidelity of Clifford gates while all other qubits play theirs.

    Below that of RandomizedBenchmarking by what crosstalk and ZZ do (Gambetta et al., PRL 109, 240504 (2012)).
    """

    name = "SimultaneousRandomizedBenchmarking"
    description = "Average fidelity of a Clifford gate while coupled qubits are benchmarked, too."
    isolated = False
    input_parameters = MappingProxyType(
        {**_BENCHMARKED, "simultaneous_gate_fidelity": known("", "chooses the longest sequence")}
    )
    # What neighbours do is coherent: of 20 sequences the scatter would often come out too small.
    run_parameters = MappingProxyType(
        {**_BENCHMARKING, "sequences": replace(_BENCHMARKING["sequences"], value=40)}
    )
    output_parameters = MappingProxyType(
        {
            "simultaneous_gate_fidelity": fidelity(
                "1 - error per Clifford while all qubits of the run play random sequences"
            )
        }
    )


class X90InterleavedRandomizedBenchmarking(BaseTask):
    """Measure the fidelity of the half pi pulse."""

    name = "X90InterleavedRandomizedBenchmarking"
    description = (
        "Fidelity of the half pi pulse, from random sequences with and without it after each Clifford."
    )
    input_parameters = MappingProxyType(_BENCHMARKED)
    run_parameters = MappingProxyType(_BENCHMARKING)
    output_parameters = MappingProxyType({"x90_gate_fidelity": fidelity("average gate fidelity of X90")})


class X180InterleavedRandomizedBenchmarking(BaseTask):
    """Measure the fidelity of the pi pulse."""

    name = "X180InterleavedRandomizedBenchmarking"
    description = "Fidelity of the pi pulse, from random sequences with and without it after each Clifford."
    input_parameters = MappingProxyType(_BENCHMARKED)
    run_parameters = MappingProxyType(_BENCHMARKING)
    output_parameters = MappingProxyType({"x180_gate_fidelity": fidelity("average gate fidelity of X180")})

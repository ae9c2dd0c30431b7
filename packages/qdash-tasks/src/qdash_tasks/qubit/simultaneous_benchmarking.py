"""Simultaneous randomized benchmarking: the average Clifford fidelity while coupled qubits are driven too."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core.models.targets import by_number
from qdash_tasks.declarations import (
    ASYMPTOTE,
    BENCHMARKED,
    BENCHMARKING,
    declare_fidelity,
    declare_optional_input,
)
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import SimultaneousSequences
from qdash_tasks.laboratory.requests.sequences import SIMULTANEOUS_WITH
from qdash_tasks.programs.features.decays import SURVIVAL, describe_survival
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.one_qubit_benchmarking import (
    REFERENCE,
    BenchmarkSequences,
    draw_decays,
    estimate_expected_error,
    fit_recorded_decays,
    make_fidelity_output,
    sketch_decays,
)
from qdash_tasks.programs.passive_reset import T1_TRACE
from qdash_tasks.programs.raw_arrays import require_complete

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import TaskOutput
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program

_CAUSES = (
    "the drive of a coupled qubit disturbs it (benchmark the qubit alone), or its pulses are not calibrated"
)


class SimultaneousRandomizedBenchmarking(LaboratoryTask):
    """Simultaneous randomized benchmarking of all qubits of a group, including coupled ones.

    It continues until every error is known. The fidelity is below that of RandomizedBenchmarking because of
    crosstalk and ZZ (Gambetta et al., PRL 109, 240504 (2012)). The other qubits that played are stored with
    the data (`beside`): in isolation the error would be smaller. With passive reset a T1 trace comes first
    and sets the interval; a given interval shorter than five T1 is rejected.
    """

    name = "SimultaneousRandomizedBenchmarking"
    description = "Average fidelity of a Clifford gate while coupled qubits are benchmarked at the same time."
    isolated = False
    expected_s = 12.0
    relaxed = True
    input_parameters = MappingProxyType(
        {**BENCHMARKED, "simultaneous_gate_fidelity": declare_optional_input("", "sets the longest sequence")}
    )
    # Errors by neighbours are coherent: the scatter of 20 sequences would often come out too small.
    run_parameters = MappingProxyType(
        {**BENCHMARKING, "sequences": replace(BENCHMARKING["sequences"], value=40)}
    )
    output_parameters = MappingProxyType(
        {
            "simultaneous_gate_fidelity": declare_fidelity(
                "1 − error per Clifford while all qubits of the run play random sequences"
            )
        }
    )
    analysis_options = MappingProxyType(ASYMPTOTE)
    fit_axes = (f"{REFERENCE}_length",)
    feature_parameters = SURVIVAL
    traces = MappingProxyType(
        {
            **T1_TRACE,
            REFERENCE: MeasurementDeclaration(
                SimultaneousSequences,
                "random Clifford sequences up to the length at which the decay is resolved; fitted",
            ),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Measure sequences of suitable lengths."""
        others = frozenset(self.context.group) - {self.context.qid}
        sequences = BenchmarkSequences.from_context(self.context, laboratory, simultaneous_with=others)
        yield from sequences.measure_decay(REFERENCE, estimate_expected_error(self.context))
        return {SIMULTANEOUS_WITH: sorted(others, key=by_number)}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the decay."""
        _, fit = fit_recorded_decays(require_complete(result), (REFERENCE,), causes=_CAUSES)
        return make_fidelity_output("simultaneous_gate_fidelity", fit)

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_survival(raw, REFERENCE)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw single sequences, mean of each length, and decay; only data if they were rejected."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="length", x_unit="")
        (reference,), _ = fit_recorded_decays(raw, (REFERENCE,), causes=_CAUSES)
        return add_value_box(draw_decays({"Reference": reference}, output), cls, output)

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the mean of each length and the recorded decay."""
        if not output.parameters:
            return cls.figure(raw, output)
        return sketch_decays(raw, (REFERENCE,), output)

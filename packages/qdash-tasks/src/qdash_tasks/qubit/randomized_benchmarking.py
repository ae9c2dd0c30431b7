"""Randomized benchmarking: the average fidelity of a Clifford gate, independent of readout errors."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_tasks.declarations import ASYMPTOTE, BENCHMARKED, BENCHMARKING, declare_fidelity
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import RandomSequences
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


class RandomizedBenchmarking(LaboratoryTask):
    """Randomized benchmarking: error per Clifford, which has one X90 on average, from random sequences.

    Coupled qubits do not belong in one group: their ZZ would count as an error. With passive reset a T1 trace
    comes first and sets the interval; a given interval shorter than five T1 is rejected, because the error
    per gate would come out more than twice as large.
    """

    name = "RandomizedBenchmarking"
    description = "Average fidelity of a Clifford gate, from random sequences of growing length."
    expected_s = 6.3
    relaxed = True
    input_parameters = MappingProxyType(BENCHMARKED)
    run_parameters = MappingProxyType(BENCHMARKING)
    output_parameters = MappingProxyType(
        {
            "average_gate_fidelity": declare_fidelity(
                "1 − error per Clifford (a Clifford has one π/2 pulse on average)"
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
                RandomSequences,
                "random Clifford sequences up to the length at which the decay is resolved; fitted",
            ),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Measure sequences of suitable lengths."""
        sequences = BenchmarkSequences.from_context(self.context, laboratory)
        yield from sequences.measure_decay(REFERENCE, estimate_expected_error(self.context))
        return {}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the decay."""
        _, fit = fit_recorded_decays(require_complete(result), (REFERENCE,))
        return make_fidelity_output("average_gate_fidelity", fit)

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_survival(raw, REFERENCE)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw single sequences, mean of each length, and decay; only data if they were rejected."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="length", x_unit="")
        (reference,), _ = fit_recorded_decays(raw, (REFERENCE,))
        return add_value_box(draw_decays({"Reference": reference}, output), cls, output)

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the mean of each length and the recorded decay."""
        if not output.parameters:
            return cls.figure(raw, output)
        return sketch_decays(raw, (REFERENCE,), output)

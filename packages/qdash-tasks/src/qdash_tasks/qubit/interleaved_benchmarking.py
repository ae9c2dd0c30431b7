"""Interleaved randomized benchmarking of a pulse: its fidelity, independent of readout errors."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from qdash_tasks.declarations import ASYMPTOTE, BENCHMARKED, BENCHMARKING, declare_fidelity
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import RandomSequences
from qdash_tasks.programs.features.decays import SURVIVAL, describe_survival
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.one_qubit_benchmarking import (
    INTERLEAVED,
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

    from qdash_analysis.cliffords.one_qubit import Interleaved
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import TaskOutput
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program


class InterleavedRandomizedBenchmarking(LaboratoryTask):
    """Interleaved randomized benchmarking of a pulse: random Cliffords with and without it after each.

    Coupled qubits do not belong in one group: their ZZ would count as an error. With passive reset a T1 trace
    comes first and sets the interval; a given interval shorter than five T1 is rejected, because the error
    per gate would come out more than twice as large.

    A subclass declares the pulse and its angle in texts.
    """

    relaxed = True
    input_parameters = MappingProxyType(BENCHMARKED)
    run_parameters = MappingProxyType(BENCHMARKING)
    analysis_options = MappingProxyType(ASYMPTOTE)
    fit_axes = (f"{REFERENCE}_length", f"{INTERLEAVED}_length")
    feature_parameters = SURVIVAL
    pulse: ClassVar[Interleaved]

    def __init_subclass__(cls, *, pulse: Interleaved | None = None, angle: str = "", **given: Any) -> None:
        """Derive the declarations from the pulse."""
        if pulse is not None:
            cls.pulse = pulse
            cls.description = f"Fidelity of the {angle} pulse, from random sequences with and without it after each Clifford."
            cls.output_parameters = MappingProxyType(
                {f"{pulse.lower()}_gate_fidelity": declare_fidelity(f"average gate fidelity of {pulse}")}
            )
            cls.traces = MappingProxyType(
                {
                    **T1_TRACE,
                    REFERENCE: MeasurementDeclaration(
                        RandomSequences,
                        "random Clifford sequences up to the length at which the decay is resolved; fitted",
                    ),
                    INTERLEAVED: MeasurementDeclaration(
                        RandomSequences, f"the same sequences with an {pulse} after each Clifford; fitted"
                    ),
                }
            )
        super().__init_subclass__(**given)

    def program(self, laboratory: Laboratory) -> Program:
        """Measure the reference decay, then the interleaved one, with about twice the error."""
        sequences = BenchmarkSequences.from_context(self.context, laboratory)
        error = yield from sequences.measure_decay(REFERENCE, estimate_expected_error(self.context))
        yield from sequences.measure_decay(INTERLEAVED, 2 * error, interleaved=self.pulse)
        return {}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit both decays."""
        _, fit = fit_recorded_decays(require_complete(result), (REFERENCE, INTERLEAVED))
        (name,) = self.output_parameters
        return make_fidelity_output(name, fit)

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_survival(raw, REFERENCE)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw single sequences, mean of each length, and decays; only data if they were rejected."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="length", x_unit="")
        (reference, interleaved), _ = fit_recorded_decays(raw, (REFERENCE, INTERLEAVED))
        found = {"Reference": reference, f"Interleaved {cls.pulse}": interleaved}
        return add_value_box(draw_decays(found, output), cls, output)

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the mean of each length and the recorded decays."""
        if not output.parameters:
            return cls.figure(raw, output)
        return sketch_decays(raw, (REFERENCE, INTERLEAVED), output)


class X90InterleavedRandomizedBenchmarking(InterleavedRandomizedBenchmarking, pulse="X90", angle="π/2"):
    """Interleaved randomized benchmarking of X90."""

    name = "X90InterleavedRandomizedBenchmarking"
    expected_s = 13.0


class X180InterleavedRandomizedBenchmarking(InterleavedRandomizedBenchmarking, pulse="X180", angle="π"):
    """Interleaved randomized benchmarking of X180."""

    name = "X180InterleavedRandomizedBenchmarking"
    expected_s = 12.0

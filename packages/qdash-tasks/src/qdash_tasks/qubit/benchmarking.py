"""Randomized benchmarking of one qubit, independent of readout errors: alone, with coupled qubits, or of one pulse."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

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
from qdash_tasks.laboratory.requests import RandomSequences, SimultaneousSequences
from qdash_tasks.laboratory.requests.sequences import SIMULTANEOUS_WITH
from qdash_tasks.programs.features.decays import SURVIVAL, describe_survival
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.one_qubit_benchmarking import (
    INTERLEAVED,
    NOT_CALIBRATED,
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
    from collections.abc import Mapping, Sequence

    from qdash_analysis.cliffords.one_qubit import Interleaved
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import TaskOutput
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program

_REFERENCE_TEXT = "random Clifford sequences up to the length at which the decay is resolved; fitted"


class Benchmarking(LaboratoryTask):
    """Base class of randomized benchmarking.

    With passive reset a T1 trace comes first and sets the interval; a given interval shorter than five T1 is
    rejected, because the error per gate would come out more than twice as large.
    """

    relaxed = True
    input_parameters = MappingProxyType(BENCHMARKED)
    run_parameters = MappingProxyType(BENCHMARKING)
    analysis_options = MappingProxyType(ASYMPTOTE)
    fit_axes: ClassVar[Sequence[str]] = (f"{REFERENCE}_length",)
    feature_parameters = SURVIVAL
    traces = MappingProxyType(
        {**T1_TRACE, REFERENCE: MeasurementDeclaration(RandomSequences, _REFERENCE_TEXT)}
    )
    decays: ClassVar[Mapping[str, str]] = MappingProxyType({REFERENCE: "Reference"})
    """Titles of the fitted traces."""
    causes: ClassVar[str] = NOT_CALIBRATED
    """Possible causes of very bad gates."""

    def program(self, laboratory: Laboratory) -> Program:
        """Measure sequences of suitable lengths."""
        sequences = BenchmarkSequences.from_context(self.context, laboratory)
        yield from sequences.measure_decay(REFERENCE, estimate_expected_error(self.context))
        return {}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the decays."""
        _, fit = fit_recorded_decays(require_complete(result), tuple(self.decays), causes=self.causes)
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
        found, _ = fit_recorded_decays(raw, tuple(cls.decays), causes=cls.causes)
        titled = dict(zip(cls.decays.values(), found, strict=True))
        return add_value_box(draw_decays(titled, output), cls, output)

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the mean of each length and the recorded decays."""
        if not output.parameters:
            return cls.figure(raw, output)
        return sketch_decays(raw, tuple(cls.decays), output)


class RandomizedBenchmarking(Benchmarking):
    """Randomized benchmarking: error per Clifford, which has one X90 on average, from random sequences.

    Coupled qubits do not belong in one group: their ZZ would count as an error.
    """

    name = "RandomizedBenchmarking"
    description = "Average fidelity of a Clifford gate, from random sequences of growing length."
    expected_s = 6.3
    output_parameters = MappingProxyType(
        {
            "average_gate_fidelity": declare_fidelity(
                "1 − error per Clifford (a Clifford has one π/2 pulse on average)"
            )
        }
    )


class SimultaneousRandomizedBenchmarking(Benchmarking):
    """Simultaneous randomized benchmarking of all qubits of a group, including coupled ones.

    It continues until every error is known. The fidelity is below that of RandomizedBenchmarking because of
    crosstalk and ZZ (Gambetta et al., PRL 109, 240504 (2012)). The other qubits that played are stored with
    the data (`beside`): in isolation the error would be smaller.
    """

    name = "SimultaneousRandomizedBenchmarking"
    description = "Average fidelity of a Clifford gate while coupled qubits are benchmarked at the same time."
    isolated = False
    expected_s = 12.0
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
    traces = MappingProxyType(
        {**T1_TRACE, REFERENCE: MeasurementDeclaration(SimultaneousSequences, _REFERENCE_TEXT)}
    )
    causes = "the drive of a coupled qubit disturbs it (benchmark the qubit alone), or its pulses are not calibrated"

    def program(self, laboratory: Laboratory) -> Program:
        """Measure sequences of suitable lengths."""
        others = frozenset(self.context.group) - {self.context.qid}
        sequences = BenchmarkSequences.from_context(self.context, laboratory, simultaneous_with=others)
        yield from sequences.measure_decay(REFERENCE, estimate_expected_error(self.context))
        return {SIMULTANEOUS_WITH: sorted(others, key=by_number)}


class InterleavedRandomizedBenchmarking(Benchmarking):
    """Interleaved randomized benchmarking of a pulse: random Cliffords with and without it after each.

    Coupled qubits do not belong in one group: their ZZ would count as an error. A subclass declares the pulse
    and its angle in texts.
    """

    fit_axes = (f"{REFERENCE}_length", f"{INTERLEAVED}_length")
    pulse: ClassVar[Interleaved]

    def __init_subclass__(cls, *, pulse: Interleaved | None = None, angle: str = "", **given: Any) -> None:
        """Derive the declarations from the pulse."""
        if pulse is not None:
            cls.pulse = pulse
            cls.description = f"Fidelity of the {angle} pulse, from random sequences with and without it after each Clifford."
            cls.output_parameters = MappingProxyType(
                {f"{pulse.lower()}_gate_fidelity": declare_fidelity(f"average gate fidelity of {pulse}")}
            )
            cls.decays = MappingProxyType({REFERENCE: "Reference", INTERLEAVED: f"Interleaved {pulse}"})
            text = f"the same sequences with an {pulse} after each Clifford; fitted"
            cls.traces = MappingProxyType(
                {**Benchmarking.traces, INTERLEAVED: MeasurementDeclaration(RandomSequences, text)}
            )
        super().__init_subclass__(**given)

    def program(self, laboratory: Laboratory) -> Program:
        """Measure the reference decay, then the interleaved one, with about twice the error."""
        sequences = BenchmarkSequences.from_context(self.context, laboratory)
        error = yield from sequences.measure_decay(REFERENCE, estimate_expected_error(self.context))
        yield from sequences.measure_decay(INTERLEAVED, 2 * error, interleaved=self.pulse)
        return {}


class X90InterleavedRandomizedBenchmarking(InterleavedRandomizedBenchmarking, pulse="X90", angle="π/2"):
    """Interleaved randomized benchmarking of X90."""

    name = "X90InterleavedRandomizedBenchmarking"
    expected_s = 13.0


class X180InterleavedRandomizedBenchmarking(InterleavedRandomizedBenchmarking, pulse="X180", angle="π"):
    """Interleaved randomized benchmarking of X180."""

    name = "X180InterleavedRandomizedBenchmarking"
    expected_s = 12.0

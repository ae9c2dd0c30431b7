"""Interleaved randomized benchmarking of the ZX90."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_analysis import Estimate
from qdash_analysis.benchmarking import FEWEST_LENGTHS
from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.parameters import FeatureDeclaration
from qdash_tasks.declarations import (
    BOTH_QUBITS,
    GATE,
    MEASUREMENT,
    declare_coupling_input,
    declare_fidelity,
    declare_random_sequences,
)
from qdash_tasks.figures.plots import figure
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.sketches import sketch
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.pair_requests import RandomPairSequences
from qdash_tasks.programs.benchmarking_sweep import TWO_QUBITS, follow_decay
from qdash_tasks.programs.estimates import make_quality, require_success
from qdash_tasks.programs.features.pairs import (
    PAIR_FEATURES,
    SEQUENCE_FEATURES,
    describe_conditions,
    describe_sequences,
)
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_trace
from qdash_tasks.programs.pair_conditions import make_pair_attributes
from qdash_tasks.programs.pair_survival import (
    combine_survivals,
    estimate_leakage,
    read_sequences,
    separate_qubits,
)
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.requested_sweeps import read_requested_sweep
from qdash_tasks.programs.survival import draw_survival, fit_decays, sketch_survival

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import RunContext
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.measurement_calls import MeasurementCall, Program
    from qdash_tasks.programs.survival import Survival

    Floats = NDArray[np.float64]

_REFERENCE, _INTERLEAVED = "reference_decay", "interleaved_decay"
_USUAL_ERROR = 0.01
_ABOVE_LIMIT = 1.7
"""Error of a gate in units of its coherence limit, as in published tables."""
_GATES = 1.5
"""Average number of ZX90 in a Clifford."""
_DIMENSION = 4
_INTERFERENCE = 0.02
"""Remaining shift of the gate error by coherent errors of neighbouring gates, relative to that error
(simulated).
"""


class ZX90InterleavedRandomizedBenchmarking(LaboratoryTask):
    """Interleaved randomized benchmarking of the ZX90: random two-qubit Cliffords with and without a ZX90
    after each.

    Sequences of different lengths, and those with and without the gate, are drawn independently. A quarter of
    them should end in each basis state: the differences decay to zero, so the decay need not be followed to
    its end. Both qubits are read, and both contribute to the estimate of the one decay. Coherent errors of
    successive gates do not add up: pi rotations within the Cliffords randomise their signs; what remains is
    part of the error. Leakage of the control out of its two levels looks like depolarisation over all states,
    which would count only three quarters of it. It shows as a shift of the mean over all final states, and
    the missing quarter is added.
    """

    name = "ZX90InterleavedRandomizedBenchmarking"
    task_type = "coupling"
    description = (
        "Fidelity of the ZX90, from random two-qubit sequences with and without it after each Clifford."
    )
    expected_s = 10.0
    relaxed = True
    input_parameters = MappingProxyType(
        {
            **BOTH_QUBITS,
            **GATE,
            "two_qubit_gate_coherence_limit": declare_coupling_input(
                "", "sets the longest sequence", required=False
            ),
        }
    )
    run_parameters = MappingProxyType(
        {**MEASUREMENT, **declare_random_sequences(24, fewest=4, longest=10_000.0)}
    )
    output_parameters = MappingProxyType(
        {"zx90_gate_fidelity": declare_fidelity("average gate fidelity of ZX90", negligible=0.01)}
    )
    traces = MappingProxyType(
        {
            _REFERENCE: MeasurementDeclaration(
                RandomPairSequences, "random two-qubit Clifford sequences, both qubits read"
            ),
            _INTERLEAVED: MeasurementDeclaration(
                RandomPairSequences, "the same sequences with a ZX90 after each Clifford"
            ),
        }
    )

    feature_parameters = MappingProxyType(
        {
            **PAIR_FEATURES,
            **SEQUENCE_FEATURES,
            "error_per_clifford": FeatureDeclaration(
                "", "error per random Clifford without the interleaved gate"
            ),
            "leaked": FeatureDeclaration("", "leakage of the control per ZX90"),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:  # noqa: ARG002  nothing in use decides the lengths
        """Measure the reference decay, then the interleaved one, which takes fewer Cliffords."""
        given = read_requested_sweep(self.context, "lengths", fewest=FEWEST_LENGTHS)
        error = yield from _follow_decay(
            _REFERENCE, _estimate_expected_error(self.context), given, self.context
        )
        both = min((1 + 1 / _GATES) * error, TWO_QUBITS.useless)
        yield from _follow_decay(_INTERLEAVED, both, given, self.context)
        return {**make_pair_attributes(self.context), "shots": self.context.parameters["shots"]}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit both decays."""
        _, fit = _fit_sequences(require_complete(result))
        leaked = _estimate_leakage(result, fit)
        found = fit.parameters["gate_fidelity"]
        value = found.value - leaked.value / _DIMENSION
        error = None
        if found.error is not None and leaked.error is not None:
            interference = _INTERFERENCE * max(1 - value, 0.0)
            error = math.hypot(found.error, leaked.error / _DIMENSION, interference)
        note = {
            name: fit.parameters[name].value for name in ("alpha", "alpha_interleaved", "systematic_bound")
        }
        return TaskOutput(
            {"zx90_gate_fidelity": Parameter(value, error)},
            r2=fit.r2,
            quality=make_quality(fit),
            note={**note, "leaked": leaked.value, "leaked_error": leaked.error},
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:
        """Return the features of both sets of sequences, and the errors if the decays were fitted."""
        names = {"reference": _REFERENCE, "interleaved": _INTERLEAVED}
        measured = {
            name: read_sequences(raw, stored)
            for name, stored in names.items()
            if f"{stored}_iq" in raw.arrays
        }
        found = describe_conditions(raw) | describe_sequences(measured)
        if output is not None and "alpha" in output.note:
            found["error_per_clifford"] = (1 - float(output.note["alpha"])) / TWO_QUBITS.alpha_per_error
            found["leaked"] = float(output.note["leaked"])
        return found

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw single sequences, mean of each length, and decays; only the data if the analysis rejected them."""
        if not output.parameters:
            return draw_raw_traces(separate_qubits(raw), x_name="length", x_unit="")
        found, _ = _fit_sequences(raw)
        data = [
            drawn
            for name, survival in zip(("Reference", "Interleaved ZX90"), found, strict=True)
            for drawn in draw_survival(name, survival, n_qubits=2)
        ]
        found_fidelity = output.parameters["zx90_gate_fidelity"]
        title = f"ZX90 gate error {1 - found_fidelity.value:.3g}"
        return add_value_box(figure(title, "Number of Cliffords", "Normalised survival", data), cls, output)

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the mean of each length and the recorded decays."""
        if not output.parameters:
            return cls.figure(raw, output)
        alphas = (float(output.note[name]) for name in ("alpha", "alpha_interleaved"))
        found = zip(_combine_survivals(raw), alphas, strict=True)
        data = (drawn for survival, alpha in found for drawn in sketch_survival(survival, alpha))
        return sketch("Number of Cliffords", "Normalised survival", data)


def _estimate_expected_error(context: RunContext) -> float:
    limit = context.inputs.get("two_qubit_gate_coherence_limit")
    if limit is None or limit.value >= 1:
        return _USUAL_ERROR
    return min(_GATES * _ABOVE_LIMIT * (1 - limit.value), TWO_QUBITS.useless)


def _follow_decay(
    name: str, error: float, requested_lengths: Floats | None, context: RunContext
) -> Generator[MeasurementCall, Mapping[str, Answer], float]:
    """Measure sequences of suitable lengths; return the error per Clifford, or an approximation."""
    parameters = context.parameters

    def measure(lengths: Floats) -> Generator[MeasurementCall, Mapping[str, Answer], Trace]:
        qids, interleaved = (context.control, context.target), name == _INTERLEAVED
        return measure_trace(
            name, RandomPairSequences(*qids, lengths, interleaved=interleaved), parameters["shots"]
        )

    def find_survival(trace: Trace) -> Survival:
        (survival,) = combine_survivals((trace,), shots=parameters["shots"])
        return survival

    return follow_decay(
        TWO_QUBITS,
        error,
        measure=measure,
        find_survival=find_survival,
        requested_lengths=requested_lengths,
        sequences=parameters["sequences"],
    )


def _estimate_leakage(raw: RawData, fit: FitResult) -> Estimate:
    """Return the leakage of the control per ZX90, with its error."""
    reference, interleaved = (
        estimate_leakage(read_sequences(raw, name), alpha=fit.parameters[alpha].value)
        for name, alpha in ((_REFERENCE, "alpha"), (_INTERLEAVED, "alpha_interleaved"))
    )
    error = None
    if reference.error is not None and interleaved.error is not None:
        error = math.hypot(reference.error, interleaved.error)
    return Estimate(1 - (1 - interleaved.value) / (1 - reference.value), error, "")


def _combine_survivals(raw: RawData) -> tuple[Survival, ...]:
    traces = [read_sequences(raw, name) for name in (_REFERENCE, _INTERLEAVED)]
    return combine_survivals(traces, shots=int(raw.attributes["shots"]), attributes=raw.attributes)


def _fit_sequences(raw: RawData) -> tuple[tuple[Survival, ...], FitResult]:
    """Return both sets of sequences and their fit, or raise `AnalysisError`."""
    found = _combine_survivals(raw)
    fit = require_success(fit_decays(found, n_qubits=2))
    lost = (1 - fit.parameters["alpha"].value) / TWO_QUBITS.alpha_per_error
    if lost > TWO_QUBITS.useless:
        raise AnalysisError(
            f"each Clifford loses {lost:.0%}: the ZX90 is not calibrated (CreateZX90), or a pulse is not"
        )
    return found, fit

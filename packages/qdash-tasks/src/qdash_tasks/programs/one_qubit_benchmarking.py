"""Randomized benchmarking of one qubit: random sequences with and without an interleaved gate.

Half of the sequences should end in |1>: the difference decays to zero, so the decay need not be followed to its end.
Coherent errors scatter the sequences; the shift of a gate's fidelity that they allow is part of its error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qdash_analysis.benchmarking import FEWEST_LENGTHS
from qdash_core.errors import AnalysisError
from qdash_core.tasks.base import TaskOutput
from qdash_tasks.figures.plots import figure
from qdash_tasks.figures.sketches import sketch
from qdash_tasks.laboratory.requests import RandomSequences, SimultaneousSequences
from qdash_tasks.programs.benchmarking_sweep import ONE_QUBIT, follow_decay
from qdash_tasks.programs.estimates import make_parameter, make_quality, require_success
from qdash_tasks.programs.measurement_calls import measure_trace
from qdash_tasks.programs.passive_reset import require_long_interval
from qdash_tasks.programs.requested_sweeps import read_requested_sweep
from qdash_tasks.programs.survival import (
    draw_survival,
    fit_decays,
    project_survival,
    project_survivals,
    sketch_survival,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from qdash_analysis.cliffords.one_qubit import Interleaved
    from qdash_analysis.result import FitResult
    from qdash_core.models.estimates import Parameter
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import RunContext
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.measurement_calls import MeasurementCall
    from qdash_tasks.programs.survival import Survival

    Floats = NDArray[np.float64]

REFERENCE, INTERLEAVED = "reference_decay", "interleaved_decay"
"""Names of the traces without and with a gate after each Clifford."""
_X_TITLE, _Y_TITLE = "Number of Cliffords", "Survival signal (a.u.)"
_TITLES = {
    "average_gate_fidelity": "Error per Clifford",
    "simultaneous_gate_fidelity": "Error per Clifford",
    "x90_gate_fidelity": "X90 gate error",
    "x180_gate_fidelity": "X180 gate error",
}
"""Title of the figure for each fidelity."""
NOT_CALIBRATED = "the pulses are not calibrated, or the drive is faulty"
_USUAL_ERROR = 1e-3
_ABOVE_LIMIT = 1.7
"""Error per Clifford in units of its coherence limit, as in published tables."""
_WORST = 0.05
_PULSES = 1.5
"""π/2 pulses per Clifford, with a margin above their mean of one."""


@dataclass(frozen=True, slots=True)
class BenchmarkSequences:
    """Number, lengths and shots of random sequences.

    Attributes
    ----------
    lengths
        Requested lengths in Cliffords, or None to choose them from the data.
    number
        Sequences per length.
    longest
        Most Cliffords of one playable sequence, each with a gate after it.
    simultaneous_with
        Other qubits that play random sequences at the same time, possibly empty, or None for isolated benchmarking.
    """

    lengths: Floats | None
    number: int
    shots: int
    longest: float
    simultaneous_with: frozenset[str] | None = None

    @classmethod
    def from_context(
        cls, context: RunContext, laboratory: Laboratory, *, simultaneous_with: frozenset[str] | None = None
    ) -> BenchmarkSequences:
        """Read the sequences from the run parameters; raise `InvalidInputError` if there are too few lengths."""
        lengths = read_requested_sweep(context, "lengths", fewest=FEWEST_LENGTHS)
        parameters, settings = context.parameters, laboratory.settings[context.qid]
        step_ns = _PULSES * settings.hpi_length_ns + max(settings.hpi_length_ns, settings.pi_length_ns)
        longest = laboratory.limits.longest_program_ns / step_ns
        return cls(lengths, parameters["sequences"], parameters["shots"], longest, simultaneous_with)

    def measure_decay(
        self, name: str, error: float, *, interleaved: Interleaved | None = None
    ) -> Generator[MeasurementCall, Mapping[str, Answer], float]:
        """Measure sequences of suitable lengths; return the error per Clifford, or an approximation.

        The trace `name` is measured with the expected `error` per Clifford; the gate `interleaved` follows each
        Clifford.
        """

        def measure(lengths: Floats) -> Generator[MeasurementCall, Mapping[str, Answer], Trace]:
            others = self.simultaneous_with
            request = (
                RandomSequences(lengths, interleaved=interleaved)
                if others is None
                else SimultaneousSequences(lengths, interleaved=interleaved, simultaneous_with=others)
            )
            return (yield from measure_trace(name, request, self.shots))

        least, most = ONE_QUBIT.longest
        return follow_decay(
            replace(ONE_QUBIT, longest=(least, min(most, self.longest))),
            error,
            measure=measure,
            find_survival=project_survival,
            requested_lengths=self.lengths,
            sequences=self.number,
        )


def estimate_expected_error(context: RunContext) -> float:
    """Return the expected error per Clifford, from earlier results, the coherence limit or a usual value."""
    inputs = context.inputs
    for name in ("simultaneous_gate_fidelity", "average_gate_fidelity"):
        if (known := inputs.get(name)) is not None and known.value < 1:
            return 1 - known.value
    if (limit := inputs.get("one_qubit_gate_coherence_limit")) is not None and limit.value < 1:
        return _ABOVE_LIMIT * (1 - limit.value)
    return _USUAL_ERROR


def fit_recorded_decays(
    raw: RawData, names: tuple[str, ...], *, causes: str = NOT_CALIBRATED
) -> tuple[tuple[Survival, ...], FitResult]:
    """Return the recorded traces (reference, and interleaved if there is one) and their fit.

    Raises `AnalysisError` without a decay, if the interval of a passive reset is too short, or with `causes` for very
    bad gates.
    """
    require_long_interval(raw)
    found = project_survivals(raw, names)
    fit = require_success(fit_decays(found, n_qubits=1))
    lost = (1 - fit.parameters["alpha"].value) / 2
    if lost > _WORST:
        raise AnalysisError(f"each Clifford loses {100 * lost:.2g}\N{NO-BREAK SPACE}%: {causes}")
    return found, fit


def make_fidelity_output(output: str, fit: FitResult) -> TaskOutput:
    """Return the fidelity of a Clifford, or of the interleaved gate, as the named output."""
    found = "gate_fidelity" if "gate_fidelity" in fit.parameters else "average_gate_fidelity"
    note = {name: estimate.value for name, estimate in fit.parameters.items() if name != found}
    fidelity = _add_shift(make_parameter(fit.parameters[found]), note.get("coherent_shift", 0.0))
    return TaskOutput({output: fidelity}, r2=fit.r2, quality=make_quality(fit), note=note)


def draw_decays(found: Mapping[str, Survival], output: TaskOutput) -> dict[str, Any]:
    """Draw the sequences of each name, the mean of each length with its error, and the decays."""
    data = [drawn for name, survival in found.items() for drawn in draw_survival(name, survival, n_qubits=1)]
    ((name, fidelity),) = output.parameters.items()
    title = f"{_TITLES[name]} {1 - fidelity.value:.3g}"
    return figure(title, _X_TITLE, _Y_TITLE, data)


def sketch_decays(raw: RawData, names: tuple[str, ...], output: TaskOutput) -> dict[str, Any]:
    """Sketch the mean of each length of each set of sequences, with the recorded decay."""
    data = (
        drawn
        for survival, alpha in zip(
            project_survivals(raw, names), ("alpha", "alpha_interleaved"), strict=False
        )
        for drawn in sketch_survival(survival, float(output.note[alpha]))
    )
    return sketch(_X_TITLE, _Y_TITLE, data)


def _add_shift(fidelity: Parameter, shift: float) -> Parameter:
    """Add a possible shift by coherent errors to the error of `fidelity`."""
    error = None if fidelity.error is None else math.hypot(fidelity.error, shift)
    return replace(fidelity, error=error)

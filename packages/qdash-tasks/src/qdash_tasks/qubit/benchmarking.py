"""Randomized benchmarking: how much a gate loses, whatever the readout."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from qdash_analysis.benchmarking import FEWEST_LENGTHS
from qdash_core.errors import AnalysisError
from qdash_core.models.targets import by_number
from qdash_core.tasks.base import TaskOutput
from qdash_tasks import declarations
from qdash_tasks.figures.plots import figure
from qdash_tasks.laboratory.cliffords import BESIDE
from qdash_tasks.laboratory.requests import RandomSequences
from qdash_tasks.programs.benchmarking_sweep import ONE_QUBIT, look_for_decay
from qdash_tasks.programs.decay_window import search_delays_us
from qdash_tasks.programs.estimates import parameter, quality, require
from qdash_tasks.programs.passive_reset import require_long_interval
from qdash_tasks.programs.rounds import require_complete
from qdash_tasks.programs.survival import drawn_survival, fit_decays, survival_of, survivals
from qdash_tasks.programs.sweep_rounds import RoundsTask, Sweep

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.estimates import Parameter
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import BaseTask
    from qdash_tasks.laboratory.cliffords import Interleaved
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.survival import Survival
    from qdash_tasks.programs.sweep_rounds import Program

_REFERENCE, _INTERLEAVED = "reference_decay", "interleaved_decay"
_USUAL_ERROR = 1e-3
_ABOVE_LIMIT = 1.7
"""Error per Clifford in units of what relaxation and dephasing alone cause, as published tables have it."""
_WORST = 0.05


class BenchmarkingTask(RoundsTask):
    """Random sequences of growing length, and where `interleaved` names a gate, others with that gate in between.

    Sequences of different lengths, and those with and without the gate, are drawn independently. Half of them should end
    in |1>: the difference decays to zero, so the decay need not be followed to its end. Coupled qubits do not belong in
    one group: their ZZ would count as an error. With passive reset a T1 trace comes first, and an interval of less than
    five T1 is refused: the error per gate would come out too large by more than its value. Coherent errors make sequences
    scatter: by as much as they may then shift the fidelity of a single gate, its error is wider.
    """

    x_name, x_unit = "length", "Cliffords"
    fewest_points = MappingProxyType({"lengths": FEWEST_LENGTHS})
    interleaved: ClassVar[Interleaved | None] = None
    suspected: ClassVar[str] = "the pulses are not calibrated, or the drive is faulty"
    beside: frozenset[str] = frozenset()

    def sweeps(self, session: Session) -> Program:
        """Follow the reference decay, then the one with the gate, which adds about as much error again."""
        if self.repetition.reset == "passive":
            shots = max(self.context.parameters["shots"], 256)
            yield Sweep("reference", search_delays_us(session.limits), shots, kind="t1")
        error = yield from self._look_for_decay(_REFERENCE, self._expected_error())
        if self.interleaved is not None:
            yield from self._look_for_decay(_INTERLEAVED, 2 * error)
        return {}

    def request_of(self, laboratory: Laboratory, sweep: Sweep) -> Request:  # noqa: ARG002  the settings in use do
        """Return the measurement of one sweep."""
        return RandomSequences(
            sweep.x,
            interleaved=self.interleaved if sweep.name == _INTERLEAVED else None,
            simultaneous_with=sweep.beside,
        )

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the decays."""
        _, fit = self.fitted(require_complete(result))
        (output,) = self.output_parameters
        found = "average_gate_fidelity" if self.interleaved is None else "gate_fidelity"
        note = {name: estimate.value for name, estimate in fit.parameters.items() if name != found}
        return TaskOutput(
            {output: _with_shift(parameter(fit.parameters[found]), note.get("coherent_shift", 0.0))},
            r2=fit.r2,
            quality=quality(fit),
            note=note,
        )

    @classmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Single sequences, the mean of each length with its error, and the decays."""
        found, _ = cls.fitted(raw)
        names = ("reference", f"with {cls.interleaved}") if cls.interleaved else ("reference",)
        data = [
            drawn
            for name, survival in zip(names, found, strict=True)
            for drawn in drawn_survival(name, survival, n_qubits=1)
        ]
        ((output_name, fidelity),) = output.parameters.items()
        title = f"{output_name.replace('_', ' ')}: error {1 - fidelity.value:.3g}"
        return figure(title, "Cliffords", "signal towards the meant ending (a.u.)", data)

    @classmethod
    def fitted(cls, raw: RawData) -> tuple[tuple[Survival, ...], FitResult]:
        """Return the traces and their fit, or raise `AnalysisError`."""
        require_long_interval(raw)
        names = (_REFERENCE,) if cls.interleaved is None else (_REFERENCE, _INTERLEAVED)
        found = survivals(raw, names)
        fit = require(fit_decays(found, n_qubits=1))
        lost = (1 - fit.parameters["alpha"].value) / 2
        if lost > _WORST:
            raise AnalysisError(f"each Clifford loses {100 * lost:.2g} %: {cls.suspected}")
        return found, fit

    def _look_for_decay(self, name: str, error: float) -> Generator[Sweep, Trace, float]:
        parameters = self.context.parameters
        return look_for_decay(
            ONE_QUBIT,
            error,
            sweep_of=lambda lengths: Sweep(name, lengths, parameters["shots"], beside=self.beside),
            survival_in=lambda _, trace: survival_of(trace),
            given=self.asked("lengths"),
            sequences=parameters["sequences"],
        )

    def _expected_error(self) -> float:
        inputs = self.context.inputs
        for name in ("simultaneous_gate_fidelity", "average_gate_fidelity"):
            if (known := inputs.get(name)) is not None and known.value < 1:
                return 1 - known.value
        if (limit := inputs.get("one_qubit_gate_coherence_limit")) is not None and limit.value < 1:
            return _ABOVE_LIMIT * (1 - limit.value)
        return _USUAL_ERROR


def _with_shift(fidelity: Parameter, shift: float) -> Parameter:
    """Return `fidelity` with what coherent errors may shift as part of its error."""
    error = None if fidelity.error is None else math.hypot(fidelity.error, shift)
    return replace(fidelity, error=error)


class RandomizedBenchmarking(BenchmarkingTask, declarations.RandomizedBenchmarking):
    """Random sequences of Cliffords: the error of one, which has one X90 on average."""

    expected_s = 6.3


class SimultaneousRandomizedBenchmarking(BenchmarkingTask, declarations.SimultaneousRandomizedBenchmarking):
    """Random sequences on all qubits of the group, coupled ones too, until the last of them knows its error.

    Who played beside a qubit is kept with its data (`beside`): measured alone it would lose less.
    """

    expected_s = 12.0
    suspected = (
        "the drive of a coupled qubit disturbs it (benchmark it alone), or its pulses are not calibrated"
    )

    @classmethod
    def run_group(cls, backend: BaseBackend, tasks: Sequence[BaseTask]) -> list[RawData | Exception]:
        """Measure all targets, each beside all others. Touches hardware."""
        group = frozenset(task.context.qid for task in tasks)
        for task in tasks:
            if isinstance(task, cls):
                task.beside = group - {task.context.qid}
        return super().run_group(backend, tasks)

    def conditions(self) -> dict[str, Any]:
        """Return under what the traces are measured, who played beside included."""
        return super().conditions() | {BESIDE: sorted(self.beside, key=by_number)}


class X90InterleavedRandomizedBenchmarking(
    BenchmarkingTask, declarations.X90InterleavedRandomizedBenchmarking
):
    """Random Cliffords with and without an X90 after each: the error of the X90."""

    expected_s = 13.0
    interleaved = "X90"


class X180InterleavedRandomizedBenchmarking(
    BenchmarkingTask, declarations.X180InterleavedRandomizedBenchmarking
):
    """Random Cliffords with and without an X180 after each: the error of the X180."""

    expected_s = 12.0
    interleaved = "X180"

"""Interleaved randomized benchmarking of ZX90: how much the gate loses, whatever the readout."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_analysis import Estimate
from qdash_analysis.benchmarking import FEWEST_LENGTHS
from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_tasks import declarations
from qdash_tasks.figures.plots import figure
from qdash_tasks.programs.benchmarking_sweep import TWO_QUBITS, look_for_decay
from qdash_tasks.programs.estimates import quality, require
from qdash_tasks.programs.pair_rounds import PairRoundsTask
from qdash_tasks.programs.pair_survival import (
    leaked_per_clifford,
    pair_survival_of,
    pair_survivals,
    qubits_apart,
)
from qdash_tasks.programs.pair_sweeps import PairBenchmark
from qdash_tasks.programs.rounds import require_complete
from qdash_tasks.programs.survival import drawn_survival, fit_decays

if TYPE_CHECKING:
    from collections.abc import Generator

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.survival import Survival
    from qdash_tasks.programs.sweep_rounds import Program, Sweep

_NAMES = ("reference_decay", "interleaved_decay")
_USUAL_ERROR = 0.01
_ABOVE_LIMIT = 1.7
"""Error of a gate in units of what relaxation and dephasing alone cause, as published tables have it."""
_GATES = 1.5
"""ZX90 in a Clifford, on average."""
_DIMENSION = 4
_INTERFERENCE = 0.02
"""By how much coherent errors of neighbouring gates still shift the error of the gate, in units of that error (simulated)."""


class ZX90InterleavedRandomizedBenchmarking(
    PairRoundsTask, declarations.ZX90InterleavedRandomizedBenchmarking
):
    """Random two-qubit Cliffords with and without a ZX90 after each: the error of the ZX90.

    Sequences of different lengths, and those with and without the gate, are drawn independently. A quarter of them should
    end in each basis state: the differences decay to zero, so the decay need not be followed to its end. Both qubits are
    read, and what both say of the one decay is combined. Coherent errors of the gate and those of the next do not add up:
    half turns within the Cliffords give them random signs; what is left of that is part of the error.

    What leaves the two levels of the control looks as if it were lost evenly among all states, which would count it for three
    quarters: it is told by the middle of all endings, which moves, and the last quarter is added.
    """

    expected_s = 10.0
    x_name, x_unit = "length", "Cliffords"
    fewest_points = MappingProxyType({"lengths": FEWEST_LENGTHS})

    def sweeps(self, session: Session) -> Program:  # noqa: ARG002  nothing in use decides the lengths
        """Follow the reference decay, then the one with the gate, of which there is less than in a Clifford."""
        reference, interleaved = _NAMES
        error = yield from self._look_for_decay(reference, self._expected_error(), interleaved=False)
        both = min((1 + 1 / _GATES) * error, TWO_QUBITS.useless)
        yield from self._look_for_decay(interleaved, both, interleaved=True)
        return {"shots": self.context.parameters["shots"]}

    def _look_for_decay(
        self, name: str, error: float, *, interleaved: bool
    ) -> Generator[Sweep, Trace, float]:
        parameters = self.context.parameters
        return look_for_decay(
            TWO_QUBITS,
            error,
            sweep_of=lambda lengths: PairBenchmark(
                name, lengths, parameters["shots"], direction=self.direction, interleaved=interleaved
            ),
            survival_in=pair_survival_of,
            given=self.asked("lengths"),
            sequences=parameters["sequences"],
        )

    def _expected_error(self) -> float:
        limit = self.context.inputs.get("two_qubit_gate_coherence_limit")
        if limit is None or limit.value >= 1:
            return _USUAL_ERROR
        return min(_GATES * _ABOVE_LIMIT * (1 - limit.value), TWO_QUBITS.useless)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit both decays."""
        _, fit = _fitted(require_complete(result))
        leaked = _leaked(result, fit)
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
            quality=quality(fit),
            note={**note, "leaked": leaked.value, "leaked_error": leaked.error},
        )

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the result; when the analysis refused the data, those of each qubit."""
        return super().figure(raw if output.parameters else qubits_apart(raw), output)

    @classmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Single sequences, the mean of each length with its error, and the decays."""
        found, _ = _fitted(raw)
        data = [
            drawn
            for name, survival in zip(("reference", "with ZX90"), found, strict=True)
            for drawn in drawn_survival(name, survival, n_qubits=2)
        ]
        fidelity = output.parameters["zx90_gate_fidelity"]
        title = f"ZX90 gate fidelity: error {1 - fidelity.value:.3g}"
        return figure(title, "Cliffords", "share that both qubits give back", data)


def _leaked(raw: RawData, fit: FitResult) -> Estimate:
    """Return what one ZX90 takes out of the control's two levels, its error included."""
    reference, interleaved = (
        leaked_per_clifford(raw, name, alpha=fit.parameters[alpha].value)
        for name, alpha in zip(_NAMES, ("alpha", "alpha_interleaved"), strict=True)
    )
    error = None
    if reference.error is not None and interleaved.error is not None:
        error = math.hypot(reference.error, interleaved.error)
    return Estimate(1 - (1 - interleaved.value) / (1 - reference.value), error, "")


def _fitted(raw: RawData) -> tuple[tuple[Survival, ...], FitResult]:
    """Return both sets of sequences and their fit, or raise `AnalysisError`."""
    found = pair_survivals(raw, _NAMES, shots=int(raw.attributes["shots"]))
    fit = require(fit_decays(found, n_qubits=2))
    lost = (1 - fit.parameters["alpha"].value) / TWO_QUBITS.lost
    if lost > TWO_QUBITS.useless:
        raise AnalysisError(
            f"each Clifford loses {lost:.0%}: the ZX90 is not calibrated (CreateZX90), or a pulse is not"
        )
    return found, fit

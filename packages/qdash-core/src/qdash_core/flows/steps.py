"""The steps of a flow: tasks on the targets that are left, and filters that leave fewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from qdash_core.errors import InvalidInputError
from qdash_core.models.chip import TargetStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.flows.run import FlowRun

BRING_UP = (
    "CheckResonatorSpectroscopy",
    "CheckQubitSpectroscopy",
    "CheckRabi",
    "CheckReadoutFrequency",
    "CheckRamsey",
    "CreateHPIPulse",
    "CreatePIPulse",
    "CreateDRAGHPIPulse",
    "CreateDRAGPIPulse",
    "ReadoutClassification",
    "CheckT1",
    "CheckT2Echo",
    "Check1QGateCoherenceLimit",
    "RandomizedBenchmarking",
    "X90InterleavedRandomizedBenchmarking",
)
ONE_QUBIT_CHECK = (
    "CheckRabi",
    "CheckRamsey",
    "CheckDRAGHPIPulse",
    "CheckDRAGPIPulse",
    "ReadoutClassification",
    "CheckT1",
    "CheckT2Echo",
    "RandomizedBenchmarking",
)
ONE_QUBIT_FINE_TUNE = (
    "CheckReadoutFrequency",
    "CheckOptimalReadoutAmplitude",
    "CheckRamsey",
    "CreateHPIPulse",
    "CreatePIPulse",
    "CreateDRAGHPIPulse",
    "CreateDRAGPIPulse",
)


class Step(Protocol):
    """One step of a flow."""

    @property
    def tasks(self) -> Sequence[str]:
        """Names of the tasks it runs, so that they can be checked before anything runs."""

    def apply(self, run: FlowRun) -> None:
        """Do it. May run tasks, and may leave fewer targets to the steps behind it."""


@dataclass(frozen=True, slots=True)
class CustomOneQubit:
    """These tasks, in this order, on every qubit."""

    tasks: Sequence[str]

    def apply(self, run: FlowRun) -> None:
        run.run_tasks(self.tasks, kind="qubit")


@dataclass(frozen=True, slots=True)
class CustomTwoQubit:
    """These tasks, in this order, on every coupling."""

    tasks: Sequence[str]

    def apply(self, run: FlowRun) -> None:
        run.run_tasks(self.tasks, kind="coupling")


@dataclass(frozen=True, slots=True)
class BringUp:
    """From nothing to a qubit with frequency, pulses, readout, coherence and gate errors; sets the status of every qubit."""

    tasks: Sequence[str] = BRING_UP

    def apply(self, run: FlowRun) -> None:
        try:
            run.run_tasks(self.tasks, kind="qubit")
        finally:
            # Qubits that are through have their status even when the rest is cut.
            for qid in run.targets:
                own = run.results_of(qid, self.tasks)
                if len(own) == len(self.tasks):
                    good = all(result.accepted for result in own)
                    run.set_status(qid, TargetStatus.CALIBRATED if good else TargetStatus.FAILED)


@dataclass(frozen=True, slots=True)
class OneQubitCheck:
    """Whether a calibrated qubit is still what it was."""

    tasks: Sequence[str] = ONE_QUBIT_CHECK

    def apply(self, run: FlowRun) -> None:
        run.run_tasks(self.tasks, kind="qubit")


@dataclass(frozen=True, slots=True)
class OneQubitFineTune:
    """Readout, frequency and pulses of a calibrated qubit, made as good as they can be."""

    tasks: Sequence[str] = ONE_QUBIT_FINE_TUNE

    def apply(self, run: FlowRun) -> None:
        run.run_tasks(self.tasks, kind="qubit")


@dataclass(frozen=True, slots=True)
class FilterByStatus:
    """Only targets with one of these statuses go on."""

    statuses: Sequence[str] = (TargetStatus.CALIBRATED,)
    tasks: ClassVar[Sequence[str]] = ()

    def __post_init__(self) -> None:
        known = [str(status) for status in TargetStatus]
        for status in self.statuses:
            if status not in known:
                raise InvalidInputError(f"{status!r} is not a status (there are: {', '.join(known)})")

    def apply(self, run: FlowRun) -> None:
        run.keep(lambda target: target.status in self.statuses)


@dataclass(frozen=True, slots=True)
class FilterByMetric:
    """Only targets whose accepted value lies within the bounds go on; one without a value does not."""

    metric: str
    minimum: float | None = None
    maximum: float | None = None
    tasks: ClassVar[Sequence[str]] = ()

    def apply(self, run: FlowRun) -> None:
        low = float("-inf") if self.minimum is None else self.minimum
        high = float("inf") if self.maximum is None else self.maximum
        run.keep(lambda target: self.metric in target.data and low <= target.data[self.metric].value <= high)

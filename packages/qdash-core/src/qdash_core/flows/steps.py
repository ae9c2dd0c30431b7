"""The steps of a flow: tasks on the targets that are left, and filters that leave fewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from qdash_core.errors import InvalidInputError
from qdash_core.flows.coupling_steps import (
    ConfigureAll,
    GenerateCRSchedule,
    SetCRSchedule,
    TwoQubitCalibration,
)
from qdash_core.flows.usual_tasks import tasks_of
from qdash_core.models.chip import TargetStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.hooks.flows import StepRun
    from qdash_core.models.chip import CouplingModel, QubitModel

__all__ = [
    "BringUp",
    "ConfigureAll",
    "CustomOneQubit",
    "CustomTwoQubit",
    "FilterByMetric",
    "FilterByStatus",
    "GenerateCRSchedule",
    "OneQubitCheck",
    "OneQubitFineTune",
    "SetCRSchedule",
    "TwoQubitCalibration",
]


@dataclass(frozen=True, slots=True)
class CustomOneQubit:
    """These tasks, in this order, on every qubit."""

    tasks: Sequence[str]

    def apply(self, run: StepRun) -> None:
        run.run_tasks(self.tasks, kind="qubit")


@dataclass(frozen=True, slots=True)
class CustomTwoQubit:
    """These tasks, in this order, on every coupling; where qubits are the targets, on those among them."""

    tasks: Sequence[str]

    def apply(self, run: StepRun) -> None:
        run.run_tasks(self.tasks, kind="coupling")


@dataclass(frozen=True, slots=True)
class BringUp:
    """From nothing to a qubit with frequency, pulses, readout, coherence and gate errors; sets the status of every qubit."""

    tasks: Sequence[str] | None = None

    def apply(self, run: StepRun) -> None:
        run.calibrate(tasks_of(self), kind="qubit")


@dataclass(frozen=True, slots=True)
class OneQubitCheck:
    """Whether a calibrated qubit is still what it was."""

    tasks: Sequence[str] | None = None

    def apply(self, run: StepRun) -> None:
        run.run_tasks(tasks_of(self), kind="qubit")


@dataclass(frozen=True, slots=True)
class OneQubitFineTune:
    """Readout, frequency and pulses of a calibrated qubit, made as good as they can be."""

    tasks: Sequence[str] | None = None

    def apply(self, run: StepRun) -> None:
        run.run_tasks(tasks_of(self), kind="qubit")


@dataclass(frozen=True, slots=True)
class FilterByStatus:
    """Only targets with one of these statuses go on.

    Parameters
    ----------
    statuses : sequence of str
        Those that go on.
    of : {"target", "qubits"}
        Whose status counts where couplings are the targets: their own, or that of both their qubits.
    """

    statuses: Sequence[str] = (TargetStatus.CALIBRATED,)
    of: Literal["target", "qubits"] = "target"
    tasks: ClassVar[Sequence[str]] = ()

    def __post_init__(self) -> None:
        known = [str(status) for status in TargetStatus]
        for status in self.statuses:
            if status not in known:
                raise InvalidInputError(f"{status!r} is not a status (there are: {', '.join(known)})")

    def apply(self, run: StepRun) -> None:
        run.keep(self._lacks, of=self.of)

    def _lacks(self, target: QubitModel | CouplingModel) -> str | None:
        if target.status in self.statuses:
            return None
        return f"status is {target.status}, not {' or '.join(self.statuses)}"


@dataclass(frozen=True, slots=True)
class FilterByMetric:
    """Only targets whose accepted value lies within the bounds go on; one without a value does not.

    A coupling goes on by its own value, or by those of both its qubits where only tasks on qubits make the metric.
    """

    metric: str
    minimum: float | None = None
    maximum: float | None = None
    tasks: ClassVar[Sequence[str]] = ()

    def apply(self, run: StepRun) -> None:
        kinds = set(run.kinds_making(self.metric))
        run.keep(self._lacks, of="qubits" if kinds == {"qubit"} else "target")

    def _lacks(self, target: QubitModel | CouplingModel) -> str | None:
        known = target.data.get(self.metric)
        if known is None:
            return f"{self.metric} is not known"
        unit = f" {known.unit}" if known.unit else ""
        if self.minimum is not None and not known.value >= self.minimum:
            return f"{self.metric} is below {self.minimum:g}{unit}"
        if self.maximum is not None and not known.value <= self.maximum:
            return f"{self.metric} is above {self.maximum:g}{unit}"
        return None

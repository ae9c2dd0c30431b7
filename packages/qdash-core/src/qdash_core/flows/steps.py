"""Steps of a flow: tasks on the remaining targets, schedules of couplings, and filters."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, ClassVar, Literal

from qdash_core.errors import InvalidInputError
from qdash_core.flows.task_selection import require_tasks
from qdash_core.judgement.conditions import parse_conditions
from qdash_core.models.chip import TargetStatus
from qdash_core.models.strategies import select_strategies
from qdash_core.models.targets import parse_coupling_id, split_coupling
from qdash_core.scheduling.coupling_schedules import CouplingRules
from qdash_core.scheduling.directions import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.hooks.flows import StepRun
    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.models.strategies import StrategySelection
    from qdash_core.scheduling.directions import DirectionRule

__all__ = [
    "BringUp",
    "ConfigureAll",
    "CustomOneQubit",
    "CustomTwoQubit",
    "FilterByCondition",
    "FilterByMetric",
    "FilterByStatus",
    "GenerateCRSchedule",
    "OneQubitCheck",
    "OneQubitFineTune",
    "ScheduledStep",
    "SetCRSchedule",
    "TwoQubitCalibration",
]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ConfigureAll:
    """Configuration of the instruments before a calibration, by the tasks that the backend offers."""

    chip_tasks: Sequence[str] = ("LinkUp", "ConfigureAll")
    tasks: ClassVar[Sequence[str]] = ()

    def apply(self, run: StepRun) -> None:
        installed = run.installed(self.chip_tasks)
        if not installed and not run.previewing:
            logger.info("nothing to configure: the backend has none of %s", ", ".join(self.chip_tasks))
        run.run_on_chip(installed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledStep:
    """Step that runs tasks on targets, with its scheduling strategy and limits, unless the request of the run selects others.

    `strategy` is None for the default, and `max_parallel` for the backend's limit only. `one_of_each_mux` tells
    whether one qubit of each multiplexer is measured at a time.
    """

    strategy: str | None = None
    max_parallel: int | None = None
    one_of_each_mux: bool = False

    def __post_init__(self) -> None:
        _ = self.selection  # raises InvalidInputError for invalid fields

    @property
    def selection(self) -> StrategySelection:
        """Strategy and limits."""
        return select_strategies(
            strategies=() if self.strategy is None else (self.strategy,),
            max_parallel=self.max_parallel,
            one_of_each_mux=self.one_of_each_mux or None,
        )


@dataclass(frozen=True, slots=True)
class CustomOneQubit(ScheduledStep):
    """Given tasks, in order, on every qubit."""

    tasks: Sequence[str]

    def apply(self, run: StepRun) -> None:
        run.run_tasks(self.tasks, kind="qubit", selection=self.selection)


@dataclass(frozen=True, slots=True)
class CustomTwoQubit(ScheduledStep):
    """Given tasks, in order, on every coupling, or on the couplings between the qubits if the targets are qubits."""

    tasks: Sequence[str]

    def apply(self, run: StepRun) -> None:
        run.run_tasks(self.tasks, kind="coupling", selection=self.selection)


@dataclass(frozen=True, slots=True)
class BringUp(ScheduledStep):
    """Calibration of uncalibrated qubits: frequency, pulses, readout, coherence, gate errors. Sets the status of every qubit."""

    tasks: Sequence[str] | None = None

    def apply(self, run: StepRun) -> None:
        run.calibrate(require_tasks(self), kind="qubit", selection=self.selection)


@dataclass(frozen=True, slots=True)
class OneQubitCheck(ScheduledStep):
    """Check of calibrated qubits by another measurement of their values."""

    tasks: Sequence[str] | None = None

    def apply(self, run: StepRun) -> None:
        run.run_tasks(require_tasks(self), kind="qubit", selection=self.selection)


@dataclass(frozen=True, slots=True)
class OneQubitFineTune(ScheduledStep):
    """Fine tuning of the readout, frequency and pulses of a calibrated qubit."""

    tasks: Sequence[str] | None = None

    def apply(self, run: StepRun) -> None:
        run.run_tasks(require_tasks(self), kind="qubit", selection=self.selection)


@dataclass(frozen=True, slots=True)
class GenerateCRSchedule:
    """Choice of directions and groups of the remaining couplings for the following steps.

    If the targets are qubits, the couplings between them become the targets. The directions become the chip's. For
    the rules see `CouplingRules`; `max_parallel` is None for the backend's limit only.
    """

    strategy: str = "best"
    direction: DirectionRule | Mapping[str, str] = "error"
    max_parallel: int | None = None
    spectators: bool = False
    collisions: bool = False
    wiring: bool = True
    tasks: ClassVar[Sequence[str]] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.direction, Mapping) and self.direction not in RULES:
            raise InvalidInputError(
                f"{self.direction!r} is not a rule of directions (there are: {', '.join(RULES)})"
            )
        if self.max_parallel is not None and self.max_parallel < 1:
            raise InvalidInputError(f"max_parallel is {self.max_parallel}: at least one at a time")

    @property
    def rules(self) -> CouplingRules:
        """Rules by which couplings exclude each other."""
        return CouplingRules(
            direction=self.direction,
            spectators=self.spectators,
            collisions=self.collisions,
            wiring=self.wiring,
            max_parallel=self.max_parallel,
        )

    def apply(self, run: StepRun) -> None:
        run.schedule_couplings(self.strategy, self.rules)


@dataclass(frozen=True, slots=True)
class SetCRSchedule:
    """Given groups of couplings, one after the other, with given directions.

    Each coupling is in one group. Couplings of a group share no qubit; other shared resources are the author's
    responsibility. Couplings in no group are omitted. `directions` has the control qubit of each coupling; one
    without keeps that of the chip.
    """

    groups: Sequence[Sequence[str]]
    directions: Mapping[str, str] = field(default_factory=dict)
    tasks: ClassVar[Sequence[str]] = ()

    def __post_init__(self) -> None:
        named = [coupling for group in self.coupling_groups for coupling in group]
        for coupling in named:
            if named.count(coupling) > 1:
                raise InvalidInputError(f"coupling {coupling} is in the schedule twice")
        for group in self.coupling_groups:
            for one, other in combinations(group, 2):
                for qid in set(split_coupling(one)).intersection(split_coupling(other)):
                    raise InvalidInputError(f"couplings {one} and {other} of one group share qubit {qid}")
        for coupling in self.directions:
            if parse_coupling_id(coupling) not in named:
                raise InvalidInputError(f"a direction is given for {coupling}, which is in no group")

    @property
    def coupling_groups(self) -> list[list[str]]:
        """The groups, with the chip's name of every coupling."""
        return [[parse_coupling_id(coupling) for coupling in group] for group in self.groups]

    def apply(self, run: StepRun) -> None:
        run.set_coupling_groups(
            self.coupling_groups,
            {parse_coupling_id(coupling): control for coupling, control in self.directions.items()},
        )


@dataclass(frozen=True, slots=True)
class TwoQubitCalibration(ScheduledStep):
    """Calibration of a ZX90 gate between two calibrated qubits, with its errors. Sets the status of every coupling."""

    tasks: Sequence[str] | None = None

    def apply(self, run: StepRun) -> None:
        run.calibrate(require_tasks(self), kind="coupling", selection=self.selection)


@dataclass(frozen=True, slots=True)
class FilterByStatus:
    """Filter that passes targets with one of the given statuses.

    For couplings, `of` tells whether to use their own status or that of both their qubits.
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
        run.keep(self._find_obstacle, of=self.of)

    def _find_obstacle(self, target: QubitModel | CouplingModel) -> str | None:
        if target.status in self.statuses:
            return None
        return f"status is {target.status}, not {' or '.join(self.statuses)}"


@dataclass(frozen=True, slots=True)
class FilterByCondition:
    """Filter for targets that meet one of the given conditions.

    Parameters
    ----------
    only : sequence of str
        The conditions: `stale`, `disputed`, `flagged`, `failed`, `out-of-spec` (`metrics.conditions.Condition`).
    names : sequence of str or None
        Only values of these parameters count, or of all if None. The status counts in any case.
    couplings : bool
        Whether the couplings between the remaining qubits become the targets first.
    """

    only: Sequence[str]
    names: Sequence[str] | None = None
    couplings: bool = False
    tasks: ClassVar[Sequence[str]] = ()

    def __post_init__(self) -> None:
        parse_conditions(self.only)

    def apply(self, run: StepRun) -> None:
        if self.couplings:
            run.narrow_to_couplings()
        run.select(parse_conditions(self.only), names=self.names)


@dataclass(frozen=True, slots=True)
class FilterByMetric:
    """Filter that passes targets whose accepted value is within bounds; a target without a value does not pass.

    For a coupling its own value is used, or those of both its qubits if only tasks on qubits measure the metric.
    """

    metric: str
    minimum: float | None = None
    maximum: float | None = None
    tasks: ClassVar[Sequence[str]] = ()

    def apply(self, run: StepRun) -> None:
        kinds = set(run.kinds_making(self.metric))
        run.keep(self._find_obstacle, of="qubits" if kinds == {"qubit"} else "target")

    def _find_obstacle(self, target: QubitModel | CouplingModel) -> str | None:
        known = target.data.get(self.metric)
        if known is None:
            return f"{self.metric} is not known"
        unit = f" {known.unit}" if known.unit else ""
        if self.minimum is not None and not known.value >= self.minimum:
            return f"{self.metric} is below {self.minimum:g}{unit}"
        if self.maximum is not None and not known.value <= self.maximum:
            return f"{self.metric} is above {self.maximum:g}{unit}"
        return None

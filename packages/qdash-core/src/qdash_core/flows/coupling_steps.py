"""The steps of a flow that couplings need: how they are driven, what is measured together, and the gate itself."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, ClassVar

from qdash_core.errors import InvalidInputError
from qdash_core.flows.usual_tasks import tasks_of
from qdash_core.models.targets import coupling_id, qubits_of
from qdash_core.scheduling.cr_scheduler import CouplingRules
from qdash_core.scheduling.directions import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.hooks.flows import StepRun
    from qdash_core.scheduling.directions import DirectionRule

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ConfigureAll:
    """The instruments brought into the state that a calibration needs, by those of these tasks that the backend has."""

    chip_tasks: Sequence[str] = ("LinkUp", "ConfigureAll")
    tasks: ClassVar[Sequence[str]] = ()

    def apply(self, run: StepRun) -> None:
        installed = run.installed(self.chip_tasks)
        if not installed and not run.previewing:
            logger.info("nothing to configure: the backend has none of %s", ", ".join(self.chip_tasks))
        run.run_on_chip(installed)


@dataclass(frozen=True, slots=True)
class GenerateCRSchedule:
    """Directions and groups of the couplings that are left, for the steps behind it.

    Where qubits are the targets, the couplings among them become the targets. The directions are the chip's from now on.

    Parameters
    ----------
    strategy : str
        Name of the colouring.
    direction : DirectionRule, or mapping of str to str
        How directions are chosen, or the controlling qubits.
    max_parallel : int or None
        Couplings that may be measured at once; None: no limit but the backend's.
    spectators, collisions : bool
        Whether couplings one coupling apart exclude each other: all, or those of which a drive meets a transition.
    wiring : bool
        Whether couplings do that hang on one module, where the chip's wiring is known.
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
        """What couplings exclude each other by."""
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
    """These groups of couplings, one after the other, each driven as it is said here.

    Couplings of a group share no qubit; what else they may share, whoever wrote the groups knows. What is not in a group is left
    out. A coupling whose direction is not given keeps that of the chip.

    Parameters
    ----------
    groups : sequence of sequence of str
        Couplings; each once.
    directions : mapping of str to str
        Coupling to its controlling qubit.
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
                for qid in set(qubits_of(one)).intersection(qubits_of(other)):
                    raise InvalidInputError(f"couplings {one} and {other} of one group share qubit {qid}")
        for coupling in self.directions:
            if coupling_id(coupling) not in named:
                raise InvalidInputError(f"a direction is given for {coupling}, which is in no group")

    @property
    def coupling_groups(self) -> list[list[str]]:
        """The groups, with every coupling named as the chip does."""
        return [[coupling_id(coupling) for coupling in group] for group in self.groups]

    def apply(self, run: StepRun) -> None:
        run.set_coupling_groups(
            self.coupling_groups,
            {coupling_id(coupling): control for coupling, control in self.directions.items()},
        )


@dataclass(frozen=True, slots=True)
class TwoQubitCalibration:
    """From two calibrated qubits to a ZX90 gate with its errors; sets the status of every coupling."""

    tasks: Sequence[str] | None = None

    def apply(self, run: StepRun) -> None:
        run.calibrate(tasks_of(self), kind="coupling")

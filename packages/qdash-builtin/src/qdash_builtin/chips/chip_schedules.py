"""Measurement schedules of a chip, without a run."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qdash_builtin.chips.scheduled_targets import select_couplings, select_qubits
from qdash_core.backends.constraints import DEFAULT_CONSTRAINTS
from qdash_core.errors import InvalidInputError
from qdash_core.flows.task_selection import find_usual_tasks
from qdash_core.models.strategies import DEFAULT_STRATEGIES
from qdash_core.runs.run_preparation import get_steps
from qdash_core.scheduling.coupling_schedules import CouplingRules, schedule_couplings
from qdash_core.scheduling.durations import read_durations
from qdash_core.scheduling.layout import Layout
from qdash_core.scheduling.qubit_schedules import QubitRules, find_qubit_conflicts
from qdash_core.scheduling.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.backends.constraints import InstrumentConstraints
    from qdash_core.chips.chip import Chip
    from qdash_core.models.access import Access
    from qdash_core.models.targets import TargetKind
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.scheduling.colouring import Scheduler
    from qdash_core.scheduling.directions import DirectionRule
    from qdash_core.tasks.base import BaseTask

_FLOWS: Mapping[TargetKind, str] = {"coupling": "two-qubit", "qubit": "bring-up"}
"""Default flow for each kind, whose tasks determine the duration of a target."""


@dataclass(frozen=True, slots=True)
class ScheduleRequest:
    """Request for a schedule.

    Parameters
    ----------
    targets : sequence of str or None
        Targets of this kind, or None for all of the chip.
    strategy : str or None
        Name of a scheduling strategy, or None for that of flows.
    flow : str or None
        Flow whose tasks are scheduled, or None for `two-qubit` or `bring-up`.
    max_parallel : int or None
        Limit of targets measured at once, or None for no limit.
    one_of_each_mux : bool
        Whether one qubit of each multiplexer is measured at a time, even if the backend could measure several.
    wiring : bool or None
        Whether targets on one module exclude each other; None if the backend declares it. False ignores what it declares.
    direction, spectators, collisions
        Rules for couplings, see `CouplingRules`; None to choose directions by predicted error.

    Raises
    ------
    InvalidInputError
        If rules for one kind are given for the other.
    """

    kind: TargetKind
    targets: Sequence[str] | None = None
    exclude: Sequence[str] = ()
    strategy: str | None = None
    flow: str | None = None
    max_parallel: int | None = None
    one_of_each_mux: bool = False
    wiring: bool | None = None
    direction: DirectionRule | Mapping[str, str] | None = None
    spectators: bool = False
    collisions: bool = False

    def __post_init__(self) -> None:
        """Refuse rules for the other kind."""
        if self.kind == "qubit" and (self.spectators or self.collisions or self.direction is not None):
            raise InvalidInputError("--spectators, --collisions and --direction are rules about couplings")
        if self.kind == "coupling" and self.one_of_each_mux:
            raise InvalidInputError("--one-of-each-mux is a rule about qubits")

    @property
    def coupling_rules(self) -> CouplingRules:
        """Rules of exclusion and direction of couplings."""
        return CouplingRules(
            direction=self.direction or "error",
            spectators=self.spectators,
            collisions=self.collisions,
            wiring=self.wiring is not False,
            max_parallel=self.max_parallel,
        )


@dataclass(frozen=True, slots=True)
class FoundSchedule:
    """Schedule with the wall time of its computation in seconds."""

    schedule: Schedule
    seconds: float


def find_schedule(runtime: Runtime, access: Access, chip_id: str, asked: ScheduleRequest) -> FoundSchedule:
    """Return the measurement schedule of a chip, with a lower bound on the number of groups.

    Raises
    ------
    NotFoundError, InvalidInputError
        If something in the request does not exist, or the rules do not fit the kind of targets or the chip.
    """
    project_id = access.project_id
    chip = runtime.chip_record.show(project_id, chip_id)
    if asked.wiring and chip.wiring is None:
        raise InvalidInputError(
            f"--wiring: that of chip {chip_id} is not known (`qdash chip create --wiring`)"
        )
    wanted = (select_couplings if asked.kind == "coupling" else select_qubits)(
        chip, asked.targets, asked.exclude
    )
    tasks = _list_tasks(runtime, chip, asked.flow or _FLOWS[asked.kind], asked.kind)
    planned = {task: task.run_parameters for task in tasks}
    expected = read_durations(runtime.repositories, project_id, chip_id, planned)
    durations_s = {target: expected.sum_durations(tasks, target) for target in wanted}
    scheduler = runtime.registry.scheduler(asked.kind, asked.strategy or DEFAULT_STRATEGIES[asked.kind])
    began = time.perf_counter()
    constraints = runtime.get_constraints(project_id, chip_id)
    made = _make_schedule(chip, asked, durations_s, tasks, scheduler, constraints)
    _ = made.timeline, made.makespan_by_groups_s  # computed on first access
    return FoundSchedule(made, time.perf_counter() - began)


def _make_schedule(
    chip: Chip,
    asked: ScheduleRequest,
    durations_s: Mapping[str, float],
    tasks: Sequence[type[BaseTask]],
    scheduler: Scheduler,
    constraints: InstrumentConstraints,
) -> Schedule:
    """Return the schedule of the targets with these durations."""
    targets = list(durations_s)
    if asked.kind == "coupling":
        if asked.wiring:
            constraints = replace(constraints, serial_modules=constraints.serial_modules | {"coupling"})
        return schedule_couplings(
            chip,
            targets,
            scheduler,
            rules=asked.coupling_rules,
            durations_s=durations_s,
            constraints=constraints,
        )
    rules = QubitRules(
        isolated=any(task.isolated for task in tasks),
        one_of_each_mux=asked.one_of_each_mux,
        wiring=asked.wiring,
        max_parallel=asked.max_parallel,
    )
    return schedule_qubits(
        chip, targets, scheduler, rules=rules, durations_s=durations_s, constraints=constraints
    )


def schedule_qubits(
    chip: Chip,
    qids: Sequence[str],
    strategy: Scheduler,
    *,
    rules: QubitRules,
    durations_s: Mapping[str, float] | None = None,
    constraints: InstrumentConstraints = DEFAULT_CONSTRAINTS,
) -> Schedule:
    """Return the groups of qubits of a chip; `durations_s` are the expected durations in seconds, or None for a second each."""
    conflicts = find_qubit_conflicts(chip, qids, rules, constraints)
    colouring = strategy.colour(conflicts, Layout(chip.topology, chip.wiring))
    return Schedule("qubit", colouring, conflicts, durations_s or dict.fromkeys(qids, 1.0))


def _list_tasks(runtime: Runtime, chip: Chip, flow: str, kind: TargetKind) -> list[type[BaseTask]]:
    """Return the installed tasks of a flow on this kind of target, for any backend."""
    registry = runtime.registry
    catalogue = runtime.get_catalogue(chip.header.project_id, chip.header.chip_id)
    steps = get_steps(flow, registry, catalogue)
    known = [catalogue.known(name) for step in steps for name in find_usual_tasks(step, registry)]
    found = [task for task in known if task is not None and task.task_type == kind]
    if not found:
        raise InvalidInputError(f"flow {flow!r} has no task on a {kind}")
    return found

"""Plans of stages: the conflicts between targets, and their groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from qdash_core.errors import InvalidInputError
from qdash_core.models.strategies import DEFAULT_STRATEGIES
from qdash_core.scheduling.colouring import Colouring, list_barriers
from qdash_core.scheduling.conflicts import Conflicts
from qdash_core.scheduling.coupling_schedules import CouplingRules, find_coupling_conflicts
from qdash_core.scheduling.layout import Layout
from qdash_core.scheduling.qubit_schedules import QubitRules, find_qubit_conflicts
from qdash_core.session.dispatch.plans import Plan
from qdash_core.tasks.inputs import get_direction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.backends.constraints import InstrumentConstraints
    from qdash_core.chips.chip import Chip
    from qdash_core.flows.strategy_choice import StrategyChoice
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.targets import TargetKind
    from qdash_core.session.dispatch.plans import PlannedTask
    from qdash_core.tasks.base import BaseTask


@dataclass(frozen=True, slots=True)
class CouplingGroups:
    """Couplings in groups; `by_hand` tells whether a person wrote the groups, so that no strategy replaces them."""

    colouring: Colouring
    conflicts: Conflicts
    by_hand: bool = False

    @classmethod
    def from_groups(cls, groups: Sequence[Sequence[str]]) -> Self:
        """Return groups written by a person, which run one after another."""
        filled = tuple(tuple(group) for group in groups if group)
        colouring = Colouring(filled, 0, "groups given by the flow", "", list_barriers(filled), ordered=True)
        return cls(
            colouring, Conflicts({target: frozenset() for group in filled for target in group}), by_hand=True
        )

    def list_pairs(self, controls: Mapping[str, str]) -> list[list[tuple[str, str]]]:
        """Return the groups with the control and target qubit of each coupling."""
        return [
            [get_direction(coupling, controls[coupling]) for coupling in group]
            for group in self.colouring.groups
        ]


def plan_stage(
    planned: Sequence[PlannedTask],
    targets: Sequence[str],
    chip: Chip,
    registry: Registry,
    *,
    kind: TargetKind,
    grouped: CouplingGroups | None,
    choice: StrategyChoice,
    constraints: InstrumentConstraints,
    lanes: int | None,
) -> Plan:
    """Return the plan of tasks on targets.

    `grouped` has the groups of couplings set by an earlier step. `lanes` is the number of tasks (or groups) that the
    backend can run in parallel.

    Raises
    ------
    InvalidInputError
        If a strategy is selected for groups that a person wrote.
    """
    tasks = [one.task for one in planned]
    colouring: Colouring | None = None
    if kind == "coupling" and grouped is not None:
        colouring = _keep_groups(grouped, targets, choice)
        conflicts = grouped.conflicts.only(target for group in colouring.groups for target in group)
    elif any(task.task_type == "coupling" for task in tasks):
        conflicts = find_coupling_conflicts(chip, targets, CouplingRules(), {}, constraints)
    else:
        rules = QubitRules(
            isolated=any(task.isolated for task in tasks), one_of_each_mux=choice.one_of_each_mux
        )
        conflicts = find_qubit_conflicts(chip, targets, rules, constraints)
    conflicts = limit_to_lanes(conflicts.with_limit(choice.max_parallel), tasks, lanes)
    if choice.strategy is None and colouring is None and conflicts.max_parallel == 1:
        return Plan(planned, [[target] for target in targets], conflicts)
    if colouring is None or choice.strategy not in (None, colouring.strategy):
        scheduler = registry.scheduler(kind, choice.strategy or DEFAULT_STRATEGIES[kind])
        colouring = scheduler.colour(conflicts, Layout(chip.topology, chip.wiring))
    return Plan.from_colouring(planned, colouring, conflicts)


def _keep_groups(grouped: CouplingGroups, targets: Sequence[str], choice: StrategyChoice) -> Colouring:
    """Return the groups of an earlier step with the remaining targets."""
    if grouped.by_hand and choice.strategy is not None:
        raise InvalidInputError(
            f"the flow gives the groups of couplings itself: omit the strategy {choice.strategy!r}"
        )
    return grouped.colouring.only(targets)


def limit_to_lanes(conflicts: Conflicts, tasks: Sequence[type[BaseTask]], lanes: int | None) -> Conflicts:
    """Return conflicts limited to the parallel targets of the backend, unless a task measures several targets
    simultaneously.
    """
    return conflicts if any(task.simultaneous for task in tasks) else conflicts.with_limit(lanes)

"""Plans of stages: the conflicts between targets, and their groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qdash_core.scheduling.cr_scheduler import CouplingRules, find_coupling_conflicts
from qdash_core.scheduling.layout import Layout
from qdash_core.scheduling.rules import make_qubit_conflicts
from qdash_core.session.dispatch.plans import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.manager import Registry
    from qdash_core.scheduling.conflicts import Conflicts
    from qdash_core.session.dispatch.plans import PlannedTask
    from qdash_core.tasks.base import BaseTask

DEFAULT_STRATEGIES = {"qubit": "uncoupled", "coupling": "best"}
"""Default strategies of flows."""


@dataclass(frozen=True, slots=True)
class CouplingGroups:
    """Couplings in groups.

    Parameters
    ----------
    conflicts : Conflicts or None
        Conflicts from which the groups were computed, or None for groups written by a person, which run one after another.
    """

    groups: Sequence[Sequence[str]]
    conflicts: Conflicts | None = None


def plan_stage(
    planned: Sequence[PlannedTask],
    targets: Sequence[str],
    chip: Chip,
    registry: Registry,
    *,
    kind: Literal["qubit", "coupling"],
    grouped: CouplingGroups | None,
    lanes: int | None,
) -> Plan:
    """Return the plan of tasks on targets.

    Parameters
    ----------
    grouped : CouplingGroups or None
        Groups of couplings set by an earlier step.
    lanes : int or None
        Number of tasks (or groups) that the backend can run in parallel.
    """
    if kind == "coupling" and grouped is not None:
        return _plan_of_groups(planned, targets, grouped, lanes=lanes)
    conflicts = make_conflicts([one.task for one in planned], targets, chip, lanes=lanes)
    if conflicts.max_parallel == 1:
        return Plan(planned, [[target] for target in targets], conflicts)
    scheduler = registry.scheduler(kind, DEFAULT_STRATEGIES[kind])
    return Plan(planned, scheduler.colour(conflicts, Layout(chip.topology, chip.wiring)).groups, conflicts)


def _plan_of_groups(
    planned: Sequence[PlannedTask], targets: Sequence[str], grouped: CouplingGroups, *, lanes: int | None
) -> Plan:
    """Return the plan of tasks on the remaining targets of these groups."""
    left = set(targets)
    filled = [kept for group in grouped.groups if (kept := [target for target in group if target in left])]
    if grouped.conflicts is None:
        return Plan(planned, filled)
    among = grouped.conflicts.only(target for group in filled for target in group)
    return Plan(planned, filled, limit_to_lanes(among, [one.task for one in planned], lanes))


def make_conflicts(
    tasks: Sequence[type[BaseTask]],
    targets: Sequence[str],
    chip: Chip,
    *,
    lanes: int | None,
) -> Conflicts:
    """Return the resources that targets occupy during these tasks."""
    if any(task.task_type == "coupling" for task in tasks):
        conflicts = find_coupling_conflicts(chip, targets, CouplingRules(), {})
    else:
        conflicts = make_qubit_conflicts(
            targets, chip.topology, isolated=any(task.isolated for task in tasks)
        )
    return limit_to_lanes(conflicts, tasks, lanes)


def limit_to_lanes(conflicts: Conflicts, tasks: Sequence[type[BaseTask]], lanes: int | None) -> Conflicts:
    """Return conflicts limited to the parallel targets of the backend, unless a task measures several targets
    simultaneously.
    """
    return conflicts if any(task.simultaneous for task in tasks) else conflicts.with_limit(lanes)

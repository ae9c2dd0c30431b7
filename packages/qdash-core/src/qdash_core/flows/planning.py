"""The plan of one stage: which of its targets exclude each other, and the groups that people see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qdash_core.scheduling.cr_scheduler import CouplingRules, conflicts_of_couplings
from qdash_core.scheduling.layout import Layout
from qdash_core.scheduling.rules import qubit_conflicts
from qdash_core.session.dispatch.plans import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.manager import Registry
    from qdash_core.scheduling.conflicts import Conflicts
    from qdash_core.session.dispatch.plans import PlannedTask
    from qdash_core.tasks.base import BaseTask

STRATEGY = {"qubit": "uncoupled", "coupling": "best"}
"""The strategies in use where a flow names none."""


@dataclass(frozen=True, slots=True)
class CouplingGroups:
    """Couplings in groups.

    Parameters
    ----------
    conflicts : Conflicts or None
        What the groups were made of. None: they are somebody's wish, and run one after another.
    """

    groups: Sequence[Sequence[str]]
    conflicts: Conflicts | None = None


def plan_of(
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
        In which groups couplings are measured, where a step of the flow has said so.
    lanes : int or None
        Tasks (or groups) that the backend can run at once.
    """
    if kind == "coupling" and grouped is not None:
        return _plan_of_groups(planned, targets, grouped, lanes=lanes)
    conflicts = conflicts_of([one.task for one in planned], targets, chip, lanes=lanes)
    if conflicts.max_parallel == 1:
        return Plan(planned, [[target] for target in targets], conflicts)
    scheduler = registry.scheduler(kind, STRATEGY[kind])
    return Plan(planned, scheduler.colour(conflicts, Layout(chip.topology, chip.wiring)).groups, conflicts)


def _plan_of_groups(
    planned: Sequence[PlannedTask], targets: Sequence[str], grouped: CouplingGroups, *, lanes: int | None
) -> Plan:
    """Return the plan of tasks on those targets of these groups that are left."""
    left = set(targets)
    filled = [kept for group in grouped.groups if (kept := [target for target in group if target in left])]
    if grouped.conflicts is None:
        return Plan(planned, filled)
    among = grouped.conflicts.only(target for group in filled for target in group)
    return Plan(planned, filled, within_lanes(among, [one.task for one in planned], lanes))


def conflicts_of(
    tasks: Sequence[type[BaseTask]],
    targets: Sequence[str],
    chip: Chip,
    *,
    lanes: int | None,
) -> Conflicts:
    """Return what targets occupy while these tasks run on them."""
    if any(task.task_type == "coupling" for task in tasks):
        conflicts = conflicts_of_couplings(chip, targets, CouplingRules(), {})
    else:
        conflicts = qubit_conflicts(targets, chip.topology, isolated=any(task.isolated for task in tasks))
    return within_lanes(conflicts, tasks, lanes)


def within_lanes(conflicts: Conflicts, tasks: Sequence[type[BaseTask]], lanes: int | None) -> Conflicts:
    """Return conflicts by which no more run at once than the backend can, where no task measures several in one go."""
    return conflicts if any(task.simultaneous for task in tasks) else conflicts.limited(lanes)

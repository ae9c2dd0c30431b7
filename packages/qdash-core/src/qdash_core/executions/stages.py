"""What a run planned, as it is recorded, so that one can say later how good its schedule was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.execution import StageModel
from qdash_core.scheduling.conflicts import Conflicts

if TYPE_CHECKING:
    from qdash_core.executions.plans import Plan


def stage_of(plan: Plan) -> StageModel:
    """Return the record of a plan. Of groups that somebody has written down it is not known what excludes what."""
    conflicts = plan.conflicts or Conflicts(dict.fromkeys(plan.targets, frozenset()))
    return StageModel(
        tasks=[planned.task.name for planned in plan.tasks],
        groups=[list(group) for group in plan.groups],
        resources={target: sorted(needed) for target, needed in conflicts.resources.items()},
        max_parallel=conflicts.max_parallel,
    )


def conflicts_of(stage: StageModel) -> Conflicts:
    """Return the conflicts that a stage ran with."""
    needed = {target: frozenset(names) for target, names in stage.resources.items()}
    return Conflicts(needed, stage.max_parallel)

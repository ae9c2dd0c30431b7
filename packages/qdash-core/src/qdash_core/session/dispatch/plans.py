"""What is to be run: tasks in order on targets, and what these exclude each other by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.models.execution import StageModel
from qdash_core.models.targets import by_number
from qdash_core.scheduling.conflicts import Conflicts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.run_parameters import RunParameter


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A task with the run parameters it will have."""

    task: type[BaseTask]
    parameters: Mapping[str, RunParameter]


@dataclass(frozen=True, slots=True)
class Plan:
    """Tasks in order, on every target.

    Parameters
    ----------
    groups : sequence of sequence of str
        Targets of one group may be measured together. With `conflicts` they are the plan as people see it; nothing waits
        for the end of a group then.
    conflicts : Conflicts or None
        What each target occupies from its first task to its last one. None: the groups run one after another.
    """

    tasks: Sequence[PlannedTask]
    groups: Sequence[Sequence[str]]
    conflicts: Conflicts | None = None

    def __post_init__(self) -> None:
        if self.conflicts is not None and set(self.conflicts.targets) != set(self.targets):
            differing = sorted(set(self.conflicts.targets) ^ set(self.targets), key=by_number)
            raise InvalidInputError(
                f"a plan has {', '.join(differing)} in its groups or in its conflicts, and not in both"
            )

    @property
    def targets(self) -> list[str]:
        """Every target, group by group."""
        return [target for group in self.groups for target in group]

    @property
    def size(self) -> int:
        """How many results it will have."""
        return len(self.tasks) * len(self.targets)

    @property
    def parts(self) -> list[Conflicts]:
        """What runs one after the other: everything where it is known what excludes what, else group by group."""
        if self.conflicts is not None:
            return [self.conflicts]
        return [Conflicts(dict.fromkeys(group, frozenset())) for group in self.groups]


def stage_of(plan: Plan) -> StageModel:
    """Return the record of a plan. Of groups that somebody has written down it is not known what excludes what."""
    conflicts = plan.conflicts or Conflicts(dict.fromkeys(plan.targets, frozenset()))
    return StageModel(
        tasks=[planned.task.name for planned in plan.tasks],
        groups=[list(group) for group in plan.groups],
        resources={target: sorted(needed) for target, needed in conflicts.resources.items()},
        max_parallel=conflicts.max_parallel,
    )

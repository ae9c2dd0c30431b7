"""Plans: tasks in order on targets, with their mutual exclusions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.execution import StageModel
from qdash_core.models.targets import by_number
from qdash_core.scheduling.blocks import Block, split_blocks
from qdash_core.scheduling.colouring import check_barriers, list_barriers
from qdash_core.scheduling.conflicts import Conflicts
from qdash_core.tasks.input_overrides import select_input_overrides
from qdash_core.tasks.overrides import get_run_parameters

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.models.estimates import Parameter
    from qdash_core.record.config import CalibConfig
    from qdash_core.scheduling.colouring import Colouring
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.quantities import Quantity
    from qdash_core.tasks.run_parameters import RunParameter


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """Task with its run parameters, and the inputs that the run gives it instead of the chip's values, by declared name."""

    task: type[BaseTask]
    parameters: Mapping[str, RunParameter]
    inputs: Mapping[str, Parameter] = field(default_factory=dict)


def plan_task(
    task: type[BaseTask],
    config: CalibConfig,
    parameters: Mapping[str, object] | None,
    inputs: Mapping[str, Parameter] | None,
    *,
    quantities: Mapping[str, Quantity],
) -> PlannedTask:
    """Return a task with its run parameters and given inputs, over those of the session.

    Raises
    ------
    InvalidInputError
        If the task does not declare one, or a value does not fit its declaration.
    """
    return PlannedTask(
        task,
        get_run_parameters(task, config.run_parameters, parameters or {}),
        select_input_overrides(task, config.inputs, inputs or {}, quantities),
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """Tasks in order, on every target. For `barriers` and `ordered` see `Colouring`.

    Targets of one group may be measured together. `conflicts` has the resources that each target occupies from its
    first task to its last; then it waits for the end of earlier groups only at barriers. If it is None, group runs
    after group. `strategy` is empty if no strategy made the groups.
    """

    tasks: Sequence[PlannedTask]
    groups: Sequence[Sequence[str]]
    conflicts: Conflicts | None = None
    barriers: Collection[int] = frozenset()
    strategy: str = ""
    ordered: bool = False

    @classmethod
    def from_colouring(cls, tasks: Sequence[PlannedTask], colouring: Colouring, conflicts: Conflicts) -> Self:
        """Return the plan of tasks on the groups of a colouring."""
        return cls(
            tasks,
            colouring.groups,
            conflicts.with_resources(colouring.exclusions),
            colouring.barriers,
            colouring.strategy,
            colouring.ordered,
        )

    def __post_init__(self) -> None:
        check_barriers(self.groups, self.barriers)
        if self.conflicts is not None and set(self.conflicts.targets) != set(self.targets):
            differing = sorted(set(self.conflicts.targets) ^ set(self.targets), key=by_number)
            raise InvalidInputError(
                f"a plan has {', '.join(differing)} in its groups or in its conflicts, and not in both"
            )

    @property
    def targets(self) -> list[str]:
        """All targets, group by group."""
        return [target for group in self.groups for target in group]

    @property
    def run_parameters(self) -> dict[type[BaseTask], Mapping[str, RunParameter]]:
        """Run parameters of each task."""
        return {planned.task: planned.parameters for planned in self.tasks}

    @property
    def size(self) -> int:
        """Number of its results."""
        return len(self.tasks) * len(self.targets)

    @property
    def blocks(self) -> list[Block]:
        """Blocks between barriers, which run one after another. If the conflicts are unknown, each group is a block."""
        if self.conflicts is not None:
            return split_blocks(self.groups, self.barriers, self.conflicts)
        unknown = Conflicts(dict.fromkeys(self.targets, frozenset()))
        return split_blocks(self.groups, list_barriers(self.groups), unknown)


def make_stage(plan: Plan) -> StageModel:
    """Return the record of a plan. Groups given by a person have no known resources."""
    conflicts = plan.conflicts or Conflicts(dict.fromkeys(plan.targets, frozenset()))
    return StageModel(
        tasks=[planned.task.name for planned in plan.tasks],
        groups=[list(group) for group in plan.groups],
        resources={target: sorted(needed) for target, needed in conflicts.resources.items()},
        max_parallel=conflicts.max_parallel,
        strategy=plan.strategy,
        barriers=sorted(list_barriers(plan.groups) if plan.conflicts is None else plan.barriers),
    )


def check_target(task: type[BaseTask], qid: str, chip: Chip) -> None:
    """Check that a task can run on a target of a chip.

    Raises
    ------
    NotFoundError
        If the chip has no such target.
    InvalidInputError
        If the task runs on the whole chip only.
    """
    name = chip.header.chip_id
    match task.task_type:
        case "qubit":
            if qid not in chip.qubits:
                raise NotFoundError(f"chip {name} has no qubit {qid!r} ({_describe_size(chip)})")
        case "coupling":
            if qid not in chip.couplings:
                raise NotFoundError(f"chip {name} has no coupling {qid!r}")
        case "mux":
            if qid not in {str(site.mux) for site in chip.topology.qubits if site.mux is not None}:
                raise NotFoundError(f"chip {name} has no multiplexer {qid!r}")
        case "global" | "system":
            if qid:
                raise InvalidInputError(f"{task.name} runs on the whole chip, not on {qid!r}")


def _describe_size(chip: Chip) -> str:
    qids = list(chip.qubits)
    return f"it has {len(qids)}, {qids[0]} to {qids[-1]}" if qids else "it has none"

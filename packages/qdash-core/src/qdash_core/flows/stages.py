"""What is run on what before it runs: a part of a step."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from qdash_core.models.task import Node
    from qdash_core.session.dispatch.plans import Plan
    from qdash_core.tasks.base import BaseTask


@dataclass(frozen=True, slots=True)
class Stage:
    """Tasks on targets.

    Parameters
    ----------
    step : str
        Kind of the step.
    tasks : tuple of type of BaseTask
        What it runs, in this order; none: it chooses targets.
    targets : tuple of str
        On what, at most: what is measured before may leave fewer. A single empty one is the whole chip.
    plan : Plan or None
        How, as far as it is known; None: nothing is run on qubits or couplings, or it was not planned.
    rest : mapping of str to tuple of type of BaseTask, or None
        Of what goes on where an earlier run was cut: target to the tasks that are not answered from there, for each target that
        has any. None: it is all run.
    """

    step: str
    tasks: tuple[type[BaseTask], ...]
    targets: tuple[str, ...]
    plan: Plan | None = None
    rest: Mapping[str, tuple[type[BaseTask], ...]] | None = None

    def tasks_on(self, target: str) -> tuple[type[BaseTask], ...]:
        """Return what is run on a target."""
        return self.tasks if self.rest is None else self.rest.get(target, ())


def without_done(stages: Iterable[Stage], done: Collection[Node]) -> list[Stage]:
    """Return stages of which some nodes need not be run: they are answered from an earlier run."""
    asked: Counter[tuple[str, str]] = Counter()
    left = []
    for stage in stages:
        rest: dict[str, tuple[type[BaseTask], ...]] = {}
        for target in stage.targets:
            nodes = [(task.name, target, asked[task.name, target]) for task in stage.tasks]
            tasks = [task for task, node in zip(stage.tasks, nodes, strict=True) if node not in done]
            asked.update((task.name, target) for task in stage.tasks)
            rest |= {target: tuple(tasks)} if tasks else {}
        left.append(replace(stage, rest=rest))
    return left

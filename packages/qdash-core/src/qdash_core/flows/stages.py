"""What the steps of a flow will run on what, as far as it is known before anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qdash_core.chips.ids import qubits_of
from qdash_core.errors import InvalidInputError
from qdash_core.executions.targets import check_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.chips.service import Chip
    from qdash_core.flows.steps import Step
    from qdash_core.hooks.manager import Registry
    from qdash_core.tasks.base import BaseTask

_NAMED = 5
"""So many targets are named in an error."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step before it runs.

    Parameters
    ----------
    step : str
        Kind of the step.
    tasks : tuple of type of BaseTask
        What it runs, in this order.
    targets : tuple of str
        On what, at most: filters before it may leave fewer. A single empty one is the whole chip.
    """

    step: str
    tasks: tuple[type[BaseTask], ...]
    targets: tuple[str, ...]


def stages_of(
    steps: Sequence[Step], targets: Sequence[str], chip: Chip, registry: Registry, *, backend: str
) -> list[Stage]:
    """Return what each step will run on what.

    Raises
    ------
    NotFoundError, InvalidInputError
        If a task does not exist, or a step does not run on the targets that it would have.
    """
    current, stages = list(targets), []
    for step in steps:
        name = type(step).__name__
        tasks = tuple(registry.task(task, backend=backend) for task in step.tasks)
        kind = _kind_of(step, tasks)
        if kind == "coupling":
            narrowed = couplings_among(chip, current)
            if current and not narrowed:
                raise InvalidInputError(
                    f"{name} measures couplings, and chip {chip.header.chip_id} has none of which both qubits are among "
                    f"{_some(current)}"
                )
            current = narrowed
        elif kind == "qubit" and any("-" in target for target in current):
            raise InvalidInputError(
                f"{name} measures qubits ({_some([task.name for task in tasks], 1)}), and the targets are couplings "
                f"({_some(current)}): name qubits, or a flow of tasks on couplings"
            )
        for task in tasks:
            for target in current:
                check_target(task, target, chip)
        check = getattr(step, "check", None)
        if check is not None:
            check(chip, registry, current)
        on_chip = _on_chip(step, registry, backend)
        stages.append(Stage(name, on_chip or tasks, ("",) if on_chip else tuple(current)))
    return stages


def couplings_among(chip: Chip, targets: Sequence[str]) -> list[str]:
    """Return the couplings of which both qubits are among the targets, without those that have been set aside.

    Targets that are couplings stay as they are.
    """
    if not any("-" not in target for target in targets):
        return list(targets)
    left = set(targets)
    return [
        coupling
        for coupling in chip.couplings
        if left.issuperset(qubits_of(coupling)) and chip.is_usable(coupling)
    ]


def _kind_of(step: Step, tasks: Sequence[type[BaseTask]]) -> Literal["qubit", "coupling"] | None:
    """Return what a step runs on: what it says itself, or what all its tasks do; None: anything."""
    said: Literal["qubit", "coupling"] | None = getattr(step, "kind", None)
    if said is not None:
        return said
    kinds = {task.task_type for task in tasks}
    return "coupling" if kinds == {"coupling"} else "qubit" if kinds == {"qubit"} else None


def _on_chip(step: Step, registry: Registry, backend: str) -> tuple[type[BaseTask], ...]:
    """Return the tasks of the whole chip that a step runs where the backend has them."""
    known = registry.tasks()
    return tuple(
        registry.task(name, backend=backend)
        for name in getattr(step, "chip_tasks", ())
        if (backend, name) in known or (None, name) in known
    )


def _some(names: Sequence[str], number: int = _NAMED) -> str:
    more = f" and {len(names) - number} more" if len(names) > number else ""
    return ", ".join(names[:number]) + more

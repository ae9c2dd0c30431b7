"""What the steps of a flow will run on what, as far as it is known before anything runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from qdash_core.errors import InvalidInputError
from qdash_core.flows.left_out import in_words, set_aside, some
from qdash_core.models.targets import qubits_of
from qdash_core.session.targets import check_target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.flows import Step
    from qdash_core.hooks.manager import Registry
    from qdash_core.tasks.base import BaseTask


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
    left_out : mapping of str to str
        Which of its targets, or of the couplings among them, go no further by what is known now, each with the reason.
    """

    step: str
    tasks: tuple[type[BaseTask], ...]
    targets: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A run before it begins.

    Parameters
    ----------
    targets : list of str
        What is measured.
    stages : list of Stage
        What each step will run on what.
    left_out : mapping of str to str
        What is not measured although it was named, as far as that is known, each with the reason.
    """

    targets: list[str]
    stages: list[Stage]
    left_out: Mapping[str, str]


def stages_of(
    steps: Sequence[Step],
    targets: Sequence[str],
    chip: Chip,
    registry: Registry,
    *,
    backend: str,
    filtered: bool = False,
) -> list[Stage]:
    """Return what each step will run on what.

    Parameters
    ----------
    filtered : bool
        Whether filters before the first task leave what passes now, in a flow that has been checked without: where they leave
        nothing for a step, that is no error. A resumed run lets pass what passed before, too.

    Raises
    ------
    NotFoundError, InvalidInputError
        If a task does not exist, or a step does not run on the targets that it would have.
    """
    asked = current = list(targets)
    stages, as_known = [], filtered
    for step in steps:
        name = type(step).__name__
        tasks = tuple(registry.task(task, backend=backend) for task in step.tasks)
        kind = _kind_of(step, tasks)
        left_out: dict[str, str] = {}
        if kind == "coupling":
            left, left_out = narrowed(chip, asked, current)
            if not left and not filtered:
                aside = f" but {in_words(left_out, briefly=True)}" if left_out else ""
                raise InvalidInputError(
                    f"{name} measures couplings, and chip {chip.header.chip_id} has none of which both qubits are among "
                    f"{some(current)}{aside}"
                )
            asked, current = couplings_among(chip, asked), left
        elif kind == "qubit" and any("-" in target for target in current):
            raise InvalidInputError(
                f"{name} measures qubits ({some([task.name for task in tasks], 1)}), and the targets are couplings "
                f"({some(current)}): name qubits, or a flow of tasks on couplings"
            )
        for task in tasks:
            for target in current:
                check_target(task, target, chip)
        check = getattr(step, "check", None)
        if check is not None and not filtered:
            check(chip, registry, current)
        on_chip = _on_chip(step, registry, backend)
        leaves = getattr(step, "left_out", None) if as_known else None
        if leaves is not None:
            left_out |= leaves(current, chip, registry)
        stages.append(Stage(name, on_chip or tasks, ("",) if on_chip else tuple(current), left_out))
        current = [target for target in current if target not in left_out]
        as_known = as_known and not tasks
    return stages


def narrowed(chip: Chip, asked: Sequence[str], left: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return the couplings of which both qubits are left, and those that are not although asked for, each with the reason.

    Parameters
    ----------
    asked : sequence of str
        What was asked for: where these are couplings already, what is left of them stays as it is.
    left : sequence of str
        Those of them that filters have left.
    """
    if not any("-" not in target for target in asked):
        return list(left), {}
    every = couplings_among(chip, asked)
    aside, qubits = set_aside(every, chip), set(left)
    why: dict[str, str] = {}
    for coupling in every:
        if coupling in aside:
            why[coupling] = aside[coupling]
        elif missing := [qid for qid in qubits_of(coupling) if qid not in qubits]:
            why[coupling] = f"qubit {' and '.join(missing)} left out before"
    return [coupling for coupling in every if coupling not in why], why


def couplings_among(chip: Chip, targets: Sequence[str]) -> list[str]:
    """Return the couplings of which both qubits are among the targets. Targets that are couplings stay as they are."""
    if not any("-" not in target for target in targets):
        return list(targets)
    left = set(targets)
    return [coupling for coupling in chip.couplings if left.issuperset(qubits_of(coupling))]


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

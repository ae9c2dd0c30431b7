"""Which tasks the steps of a run have: those that a person named, or the usual ones, as far as the chip's backend has them."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from qdash_core.errors import InvalidInputError
from qdash_core.flows.left_out import tasks_in_words
from qdash_core.models.targets import qubits_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.hooks.flows import Step
    from qdash_core.hooks.manager import Registry
    from qdash_core.tasks.base import BaseTask


@dataclass(frozen=True, slots=True)
class StepsToRun:
    """Steps that can be applied.

    Parameters
    ----------
    steps : list of Step
        Each with its tasks; a step of which nothing is left is not among them.
    skipped_tasks : dict of str to str
        Usual tasks that are not run, each with the reason, in the order of the flow.
    """

    steps: list[Step]
    skipped_tasks: dict[str, str]


def tasks_of(step: Step) -> Sequence[str]:
    """Return the tasks of a step that is applied; InvalidInputError where nobody has said yet which they are."""
    if step.tasks is None:
        raise InvalidInputError(
            f"{type(step).__name__} is applied without tasks: a run gives it the usual ones, see CalibService.run"
        )
    return step.tasks


def usual_tasks(step: Step, registry: Registry) -> Sequence[str]:
    """Return the tasks of a step: its own, or those that the first installed flow gives a step of its class.

    Raises
    ------
    InvalidInputError
        If it has none of its own, and no flow says which.
    """
    if step.tasks is not None:
        return step.tasks
    for template in registry.flows().values():
        for other in template.steps:
            if type(other) is type(step) and other.tasks is not None:
                return other.tasks
    kind = type(step).__name__
    raise InvalidInputError(
        f"no installed flow says which tasks {kind} runs: install qdash-tasks, or name them, as in {kind}(tasks=[..])"
    )


def steps_to_run(
    steps: Sequence[Step], targets: Sequence[str], chip: Chip, registry: Registry, catalogue: Catalogue
) -> StepsToRun:
    """Return steps with the tasks that they run on the chip.

    Tasks of an installed flow are left out where the backend does not have them, or where neither a task that it has makes
    an input that they need, nor one of the targets has a value of it. What a person named stays as it is.

    Raises
    ------
    NotFoundError
        If a flow names a task that nobody has.
    InvalidInputError
        If no flow says which tasks a step runs, or nothing is left of all of them.
    """
    of_flows = {id(step) for template in registry.flows().values() for step in template.steps}
    values = _values_of(targets, chip)
    kept: list[Step] = []
    skipped: dict[str, str] = {}
    for step in steps:
        names = usual_tasks(step, registry)
        usual = step.tasks is None or (id(step) in of_flows and _takes_tasks(step))
        why = _not_run(names, catalogue, values, skipped) if names and usual else {}
        rest = [name for name in names if name not in why]
        skipped |= why
        if rest or not names:
            kept.append(_with_tasks(step, rest) if why or step.tasks is None else step)
    if skipped and not any(step.tasks for step in kept):
        raise InvalidInputError(
            f"nothing is left to run on chip {chip.header.chip_id}: {tasks_in_words(skipped, briefly=True)}"
        )
    return StepsToRun(kept, skipped)


def _takes_tasks(step: Step) -> bool:
    return is_dataclass(step) and any(field.name == "tasks" and field.init for field in fields(step))


def _with_tasks(step: Step, names: Sequence[str]) -> Step:
    return cast("Step", replace(cast("Any", step), tasks=tuple(names)))


def _values_of(targets: Iterable[str], chip: Chip) -> set[str]:
    """Return the parameters of which any of the targets has a value, their qubits and the couplings among them included."""
    qubits = {qid for target in targets for qid in (qubits_of(target) if "-" in target else (target,))}
    couplings = (coupling for coupling in chip.couplings if qubits.issuperset(qubits_of(coupling)))
    models = [chip.qubits[qid] for qid in qubits if qid in chip.qubits]
    return {name for model in (*models, *(chip.couplings[one] for one in couplings)) for name in model.data}


def _not_run(
    names: Sequence[str], catalogue: Catalogue, values: Collection[str], before: Mapping[str, str]
) -> dict[str, str]:
    """Return which of these tasks cannot be run, each with the reason; NotFoundError for one that nobody has.

    Parameters
    ----------
    values : collection of str
        Parameters that are known.
    before : mapping of str to str
        What is left out of earlier steps.
    """
    why: dict[str, str] = {}
    tasks: dict[str, type[BaseTask]] = {}
    for name in names:
        reason = catalogue.why_not(name)
        if reason is None or catalogue.known(name) is None:
            tasks[name] = catalogue.task(name)
        else:
            why[name] = reason
    makers = catalogue.makers()
    while lost := {
        name: f"needs {lacking}, which no task makes that backend {catalogue.backend} can run"
        for name, task in tasks.items()
        if name not in why and (lacking := _unmade_input(task, makers, values, {**before, **why})) is not None
    }:
        why |= lost  # what they make nobody makes now
    return {name: why[name] for name in names if name in why}


def _unmade_input(
    task: type[BaseTask],
    makers: Mapping[str, Iterable[str]],
    values: Collection[str],
    left_out: Collection[str],
) -> str | None:
    """Return an input that a task needs and that neither a target has nor another task makes."""
    for name, declared in task.input_parameters.items():
        source = declared.source or name
        if source in values or not declared.required or declared.default is not None:
            continue
        if all(maker == task.name or maker in left_out for maker in makers.get(source, ())):
            return source
    return None

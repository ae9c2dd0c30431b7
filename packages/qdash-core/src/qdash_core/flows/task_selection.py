"""Selection of the tasks that steps run: named tasks, or the default tasks that the chip's backend offers."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.flows.exclusions import describe_skipped_tasks
from qdash_core.models.targets import split_coupling
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.hooks.flows import Step
    from qdash_core.hooks.manager import Registry
    from qdash_core.tasks.base import BaseTask

    Tasks = Mapping[tuple[str | None, str], type[BaseTask]]
    """Tasks by name and backend, which is None for any backend."""


@dataclass(frozen=True, slots=True)
class SelectedSteps:
    """Steps that can be applied.

    Steps without remaining tasks are omitted. `skipped_tasks` has the default tasks that are not run, with reasons,
    in the order of the flow.
    """

    steps: list[Step]
    skipped_tasks: dict[str, str]


def require_tasks(step: Step) -> Sequence[str]:
    """Return the tasks of a step; raise InvalidInputError if they have not been selected."""
    if step.tasks is None:
        raise InvalidInputError(
            f"{type(step).__name__} is applied without tasks: a run gives it the usual ones, see CalibService.run"
        )
    return step.tasks


def find_usual_tasks(step: Step, registry: Registry) -> Sequence[str]:
    """Return the tasks of a step: its own, or those that the first installed flow defines for a step of its class.

    Raises
    ------
    InvalidInputError
        If the step has no tasks and no flow defines them.
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


def select_steps(
    steps: Sequence[Step], targets: Sequence[str], chip: Chip, registry: Registry, catalogue: Catalogue
) -> SelectedSteps:
    """Return steps with the tasks to run on the chip.

    Tasks of an installed flow are omitted if the backend does not offer them, or if a required input is neither the output of
    an available task nor a value of a target. Tasks that a person named are never omitted.

    Raises
    ------
    NotFoundError
        If a flow names an unknown task.
    InvalidInputError
        If no flow defines the tasks of a step, or no task remains.
    """
    of_flows = {id(step) for template in registry.flows().values() for step in template.steps}
    values = _collect_values(targets, chip)
    kept: list[Step] = []
    skipped: dict[str, str] = {}
    for step in steps:
        names = find_usual_tasks(step, registry)
        usual = step.tasks is None or (id(step) in of_flows and _takes_tasks(step))
        why = _find_not_run(names, catalogue, values, skipped) if names and usual else {}
        rest = [name for name in names if name not in why]
        skipped |= why
        if rest or not names:
            kept.append(_replace_tasks(step, rest) if why or step.tasks is None else step)
    if skipped and not any(step.tasks for step in kept):
        raise InvalidInputError(
            f"nothing is left to run on chip {chip.header.chip_id}: {describe_skipped_tasks(skipped, briefly=True)}"
        )
    return SelectedSteps(kept, skipped)


def _takes_tasks(step: Step) -> bool:
    return is_dataclass(step) and any(field.name == "tasks" and field.init for field in fields(step))


def _replace_tasks(step: Step, names: Sequence[str]) -> Step:
    return cast("Step", replace(cast("Any", step), tasks=tuple(names)))


def _collect_values(targets: Iterable[str], chip: Chip) -> set[str]:
    """Return the parameters for which any target, its qubits or the couplings between them have a value."""
    qubits = {qid for target in targets for qid in (split_coupling(target) if "-" in target else (target,))}
    couplings = (coupling for coupling in chip.couplings if qubits.issuperset(split_coupling(coupling)))
    models = [chip.qubits[qid] for qid in qubits if qid in chip.qubits]
    return {name for model in (*models, *(chip.couplings[one] for one in couplings)) for name in model.data}


def _find_not_run(
    names: Sequence[str], catalogue: Catalogue, values: Collection[str], before: Mapping[str, str]
) -> dict[str, str]:
    """Return the tasks that cannot be run, with reasons; raise NotFoundError for an unknown one.

    `values` are the known parameters; `before` has the tasks omitted from earlier steps.
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
        if name not in why
        and (lacking := _find_missing_input(task, makers, values, {**before, **why})) is not None
    }:
        why |= lost  # their outputs have no maker now
    return {name: why[name] for name in names if name in why}


def _find_missing_input(
    task: type[BaseTask],
    makers: Mapping[str, Iterable[str]],
    values: Collection[str],
    left_out: Collection[str],
) -> str | None:
    """Return a required input that has no value and no task that measures it."""
    for name, declared in task.input_parameters.items():
        source = declared.source or name
        if source in values or not declared.required or declared.default is not None:
            continue
        if all(maker == task.name or maker in left_out for maker in makers.get(source, ())):
            return source
    return None


def find_measuring_kinds(
    metric: str, tasks: Tasks, catalogue: Catalogue, chip: Callable[[], Chip]
) -> frozenset[str]:
    """Return the kinds of target on which tasks of any backend measure a metric; empty if only stored values have it.

    `chip` is called only if no task measures the metric.

    Raises
    ------
    NotFoundError
        If no task measures the metric and the chip has no value of it: a filter would pass nothing.
    """
    if metric not in catalogue.makers():
        _require_on_chip(metric, tasks, catalogue, chip())
    return frozenset(task.task_type for task in tasks.values() if metric in task.output_parameters)


def _require_on_chip(metric: str, tasks: Tasks, catalogue: Catalogue, chip: Chip) -> None:
    known = {name for part in (*chip.qubits.values(), *chip.couplings.values()) for name in part.data}
    if metric in known:
        return
    nobody = f"no task makes a value {metric!r}, and chip {chip.header.chip_id} has none"
    makers = [name for name, one in catalogue.missing.items() if metric in one.task.output_parameters]
    if makers:
        raise NotFoundError(f"{nobody}; {makers[0]} {catalogue.why_not(makers[0])}")
    made = {name for task in tasks.values() for name in task.output_parameters}
    hint = suggest(
        metric, (made | known) - {metric}, n=3, otherwise="; `qdash task list --json` has those there are"
    )
    raise NotFoundError(f"{nobody}{hint}")

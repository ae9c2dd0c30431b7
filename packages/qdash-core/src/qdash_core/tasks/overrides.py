"""Effective run parameters: declarations with the overrides of a flow, of a task's entry and of a single run.

Names are checked before types, and types before ranges.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.run_parameters import RunParameter


def apply_overrides(
    declared: Mapping[str, RunParameter], overrides: Mapping[str, object], *, task: str
) -> dict[str, RunParameter]:
    """Return the declared run parameters of `task` with those in `overrides` replaced.

    Raises
    ------
    InvalidInputError
        If the task does not declare a name, or a value does not fit its declaration.
    """
    _check_names(declared, overrides, task)
    chosen = _convert_overrides(declared, overrides, task)
    _check_ranges(chosen, task)
    return {**declared, **chosen}


def get_run_parameters(
    task: type[BaseTask], session: Mapping[str, Any], own: Mapping[str, object]
) -> dict[str, RunParameter]:
    """Return the run parameters of a task in a session.

    `session` has the overrides for all tasks that declare the name, and under a task's name or alias for that task
    alone. `own` has the overrides of this run, which take precedence.
    """
    return apply_overrides(task.run_parameters, {**_select_overrides(task, session), **own}, task=task.name)


def check_overrides(
    tasks: Sequence[type[BaseTask]], overrides: Mapping[str, Any], *, ignore_unused: bool = False
) -> None:
    """Raise an error for overrides that no task of a flow declares, or that do not fit its declarations.

    Names are checked before types, and types before ranges, over all tasks. `ignore_unused` tells whether overrides
    that no task of the flow uses are ignored, as in flows of the original.

    Raises
    ------
    InvalidInputError
        If an override is not valid. The message names it.
    """
    unused = [] if ignore_unused else find_unused_overrides(tasks, overrides)
    for name in unused:
        if isinstance(overrides[name], Mapping):
            names = {task.name for task in tasks}
            hint = suggest(name, _list_names(tasks))
            raise InvalidInputError(
                f"{name}: not a task of this flow{hint} (it has: {', '.join(sorted(names))})"
            )
        declared = _list_declared(tasks)
        raise InvalidInputError(
            f"{name}: no task of this flow has such a run parameter{suggest(name, declared)} "
            f"(they have: {', '.join(sorted(declared))})"
        )
    own = [(task, _select_overrides(task, overrides)) for task in tasks]
    for task, values in own:
        _check_names(task.run_parameters, values, task.name)
    chosen = [(task, _convert_overrides(task.run_parameters, values, task.name)) for task, values in own]
    for task, parameters in chosen:
        _check_ranges(parameters, task.name)


def find_unused_overrides(tasks: Collection[type[BaseTask]], overrides: Mapping[str, Any]) -> list[str]:
    """Return the overrides that none of the tasks uses: run parameters, and tasks by name or alias."""
    names, declared = _list_names(tasks), _list_declared(tasks)
    return [
        name
        for name, value in overrides.items()
        if name not in (names if isinstance(value, Mapping) else declared)
    ]


def _list_names(tasks: Collection[type[BaseTask]]) -> set[str]:
    return {name for task in tasks for name in (task.name, *task.aliases)}


def _list_declared(tasks: Collection[type[BaseTask]]) -> set[str]:
    return {name for task in tasks for name in task.run_parameters}


def _select_overrides(task: type[BaseTask], session: Mapping[str, Any]) -> dict[str, Any]:
    """Return the overrides of a session for one task: general ones that it declares, updated with its own."""
    general = {name: value for name, value in session.items() if name in task.run_parameters}
    for called in (*task.aliases, task.name):
        specific = session.get(called, {})
        if not isinstance(specific, Mapping):
            raise InvalidInputError(
                f"{called}: {specific!r} is not a mapping of its run parameters to values"
            )
        general |= specific
    return general


def _check_names(declared: Mapping[str, RunParameter], overrides: Mapping[str, object], task: str) -> None:
    unknown = sorted(set(overrides) - set(declared))
    if unknown:
        known = ", ".join(declared) or "none"
        raise InvalidInputError(
            f"{task} has no run parameter {unknown[0]!r}{suggest(unknown[0], declared)} (it has: {known})"
        )


def _convert_overrides(
    declared: Mapping[str, RunParameter], overrides: Mapping[str, object], task: str
) -> dict[str, RunParameter]:
    return {name: declared[name].typed(f"{task}.{name}", raw) for name, raw in overrides.items()}


def _check_ranges(chosen: Mapping[str, RunParameter], task: str) -> None:
    for name, parameter in chosen.items():
        parameter.check_range(f"{task}.{name}")

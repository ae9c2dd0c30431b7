"""Inputs that a run gives its tasks instead of the chip's values.

Names are checked before units, and units before ranges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.similar_names import suggest
from qdash_core.tasks.quantities import find_quantity
from qdash_core.values.manual_values import admit_values

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qdash_core.models.estimates import Parameter
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.quantities import Quantity


def select_input_overrides(
    task: type[BaseTask],
    session: Mapping[str, Parameter],
    own: Mapping[str, Parameter],
    quantities: Mapping[str, Quantity],
) -> dict[str, Parameter]:
    """Return the inputs that a run gives a task, by declared name, in the units of their quantities, within their limits.

    `session` has the inputs of all tasks that read them, by declared name or by the name of the chip's parameter. An
    empty unit stands for that of the quantity, whatever unit the task reads it in. `own` has the inputs of this task,
    which take precedence.

    Raises
    ------
    InvalidInputError
        If the task does not read an input of its own, a name stands for several inputs, or a value has another unit or is out of range.
    """
    found: dict[str, Parameter] = {}
    for given, must_exist in ((session, False), (own, True)):
        for name, value in given.items():
            declared = _find_declared(task, name)
            if len(declared) > 1:
                raise InvalidInputError(
                    f"{task.name} reads {name} of several targets: give {' or '.join(declared)}"
                )
            if not declared and must_exist:
                known = ", ".join(task.input_parameters) or "none"
                raise InvalidInputError(
                    f"{task.name} has no input {name!r}{suggest(name, task.input_parameters)} (it has: {known})"
                )
            found |= dict.fromkeys(declared, value)
    return _admit_given(task, found, quantities)


def check_input_overrides(
    tasks: Collection[type[BaseTask]], given: Mapping[str, Parameter], quantities: Mapping[str, Quantity]
) -> None:
    """Raise InvalidInputError if none of the tasks reads an input, or a value has another unit or is out of range."""
    known = {name for task in tasks for name, one in task.input_parameters.items()}
    known |= {one.source for task in tasks for one in task.input_parameters.values() if one.source}
    for name in given:
        if name not in known:
            raise InvalidInputError(
                f"{name}: no task of this run has such an input{suggest(name, known)} "
                f"(they have: {', '.join(sorted(known)) or 'none'})"
            )
    for task in tasks:
        found = {one: value for name, value in given.items() for one in _find_declared(task, name)}
        _admit_given(task, found, quantities)


def _find_declared(task: type[BaseTask], name: str) -> list[str]:
    """Return the declared inputs that a name stands for: itself, or all that are read from the parameter."""
    if name in task.input_parameters:
        return [name]
    return [one for one, declared in task.input_parameters.items() if declared.source == name]


def _admit_given(
    task: type[BaseTask], given: Mapping[str, Parameter], quantities: Mapping[str, Quantity]
) -> dict[str, Parameter]:
    return admit_values(given, {name: find_quantity(task, name, quantities) for name in given})

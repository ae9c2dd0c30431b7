"""Run parameters in the original's form, `{"value": .., "value_type": ..}`, as values of the core."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.tasks.run_parameters import SWEEPS, RunParameter

if TYPE_CHECKING:
    from collections.abc import Sequence

ASSIGNMENT = "resonator_assignment_pattern"
"""Run parameter of the original that assigns the resonators of a multiplexer to its qubits."""


def unwrap_run_parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return run parameters, of all tasks and of single tasks, as values. Parameters without a value are omitted.

    Raises
    ------
    InvalidInputError
        If the arguments of a sweep do not fit its type, or resonators are assigned by a pattern.
    """
    plain = {name: unwrap_value(name, value) for name, value in given.items()}
    refuse_assignment(plain.get(ASSIGNMENT))
    return {name: value for name, value in plain.items() if value is not None}


def unwrap_value(name: str, given: Any) -> Any:
    """Return the value of `{"value": .., "value_type": ..}`, the parameters of one task, or the value itself.

    A whole number may be a product, `"150 * 1024"`. A sweep keeps its type, since the task may declare another one.
    """
    if not isinstance(given, Mapping):
        return given
    if "value" not in given:
        return unwrap_run_parameters(given)
    value, kind = given["value"], given.get("value_type")
    if kind == "int" and isinstance(value, str):
        factors = value.split("*")
        return prod(map(int, factors)) if all(factor.strip().isdecimal() for factor in factors) else value
    if kind in SWEEPS and value is not None:
        return RunParameter(value_type=kind).override(name, value)
    return value


def refuse_assignment(pattern: object) -> None:
    """Raise InvalidInputError if resonators are assigned by a pattern."""
    if pattern is not None:
        raise InvalidInputError(
            f"{ASSIGNMENT}={pattern!r} does not exist here: CheckResonatorSpectroscopy assigns resonators by the chip's design; "
            "`qdash import DESIGN.yaml` stores one"
        )


def select_task_parameters(
    task_details: Mapping[str, Any] | None, task: str
) -> tuple[dict[str, Any], list[str]]:
    """Return the run parameters that the details of a call give a task, and the names of its input parameters."""
    details = (task_details or {}).get(task) or {}
    return (
        unwrap_run_parameters(details.get("run_parameters") or {}),
        list(details.get("input_parameters") or {}),
    )


def refuse_inputs(place: str, names: Mapping[str, Any] | Sequence[str] | None) -> None:
    """Refuse inputs that a flow gives a task: they come from the chip."""
    if names:
        raise InvalidInputError(
            f"{place} ({', '.join(names)}): the inputs of a task are the chip's values; set them with set_parameter before"
        )

"""Run parameters and inputs in the original's form, `{"value": .., "value_type": ..}`, as values of the core."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from qdash.workflow.service.parameter_values import make_inputs
from qdash_core.tasks.run_parameters import SWEEPS, RunParameter

if TYPE_CHECKING:
    from qdash_core.models.estimates import Parameter
    from qdash_core.tasks.base import BaseTask


def unwrap_run_parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return run parameters, of all tasks and of single tasks, as values. Parameters without a value are omitted.

    Raises
    ------
    InvalidInputError
        If the arguments of a sweep do not fit its type.
    """
    plain = {name: unwrap_value(name, value) for name, value in given.items()}
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


def select_task_parameters(
    task_details: Mapping[str, Any] | None, called: str, task: type[BaseTask]
) -> tuple[dict[str, Any], dict[str, Parameter]]:
    """Return the run parameters and the inputs that the details of a call give a task.

    Inputs are under `calibration_inputs` or `input_parameters`. Under `input_parameters` the original also reads run parameters.
    """
    details = (task_details or {}).get(called) or {}
    mixed = details.get("input_parameters") or {}
    inputs = {
        name: value
        for name, value in mixed.items()
        if name in task.input_parameters or name not in task.run_parameters
    }
    parameters = {name: value for name, value in mixed.items() if name not in inputs}
    return (
        unwrap_run_parameters(parameters | (details.get("run_parameters") or {})),
        make_inputs(inputs | (details.get("calibration_inputs") or {})),
    )

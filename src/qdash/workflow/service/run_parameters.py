"""Run parameters and inputs in the original's form, `{"value": .., "value_type": ..}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qdash.workflow.service.parameter_values import make_inputs

if TYPE_CHECKING:
    from qdash_core.models.estimates import Parameter
    from qdash_core.tasks.base import BaseTask


def unwrap_run_parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return run parameters, of all tasks and of single tasks, as plain values. Parameters without a value are omitted."""
    plain = {name: unwrap_value(value) for name, value in given.items()}
    return {name: value for name, value in plain.items() if value is not None}


def unwrap_value(value: Any) -> Any:
    """Return the value of `{"value": .., "value_type": ..}`, the parameters of one task, or the value itself."""
    if not isinstance(value, Mapping):
        return value
    return value["value"] if "value" in value else unwrap_run_parameters(value)


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

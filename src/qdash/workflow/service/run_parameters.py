"""Run parameters in the original's form, `{"value": .., "value_type": ..}`, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence


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

"""Values that a flow gives: those that it sets by hand, and inputs of its tasks."""

from __future__ import annotations

from collections.abc import Mapping
from reprlib import repr as shorten
from typing import TYPE_CHECKING, Any, SupportsFloat

from qdash_builtin.values.feature import VALUES
from qdash_core.errors import InvalidInputError
from qdash_core.models.estimates import Parameter
from qdash_core.runtime.application import QDash

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.runtime.runtime import Runtime


def make_parameter(name: str, given: Any) -> Parameter:
    """Return a number, `{"value": .., "error": .., "unit": ..}` or an object with these attributes as an estimate.

    An error of 0 is an unknown error, as in the original.

    Raises
    ------
    InvalidInputError
        If the value or its error is not a number.
    """
    parts = (
        given
        if isinstance(given, Mapping)
        else {
            "value": getattr(given, "value", given),
            "error": getattr(given, "error", None),
            "unit": getattr(given, "unit", None),
        }
    )
    try:
        error = None if parts.get("error") is None else _convert_number(parts["error"])
        return Parameter(_convert_number(parts["value"]), error or None, str(parts.get("unit") or ""))
    except (KeyError, TypeError, ValueError):
        raise InvalidInputError(
            f"{name}: {shorten(given)} is not a number, nor a mapping with value, error and unit"
        ) from None
    except OverflowError:
        raise InvalidInputError(f"{name}: the number is too large") from None


def _convert_number(given: Any) -> float:
    """Return a number, or text of a number, as float; raise TypeError for truth values and bytes, which Python would convert."""
    # By name also those of numpy, whose import would slow down the start of a flow.
    is_truth_value = type(given).__name__ in ("bool", "bool_")
    if is_truth_value or not isinstance(given, SupportsFloat | str):
        raise TypeError
    return float(given)


def make_inputs(given: Mapping[str, Any] | None) -> dict[str, Parameter]:
    """Return inputs by name as estimates; raise InvalidInputError if a name is not text, or a value is not a number."""
    for name in given or {}:
        if not isinstance(name, str):
            raise InvalidInputError(f"{shorten(name)} is no name of an input: names are text")
    return {name: make_parameter(name, value) for name, value in (given or {}).items()}


def set_value(
    runtime: Runtime, access: Access, chip_id: str, target: str, name: str, value: Any, *, reason: str
) -> None:
    """Set a value of a target.

    Raises
    ------
    InvalidInputError
        If the parameter is unknown, or the value is not a number or out of range.
    """
    values = QDash.from_runtime(runtime).get(VALUES)
    values.set(access, chip_id, target, {name: make_parameter(name, value)}, reason=reason)

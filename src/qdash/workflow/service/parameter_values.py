"""Values that a flow gives: those that it sets by hand, and inputs of its tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qdash_core.application import QDash
from qdash_core.errors import InvalidInputError
from qdash_core.models.estimates import Parameter

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.runtime import Runtime


def make_parameter(name: str, given: Any) -> Parameter:
    """Return a number, `{"value": .., "error": .., "unit": ..}` or an object with these attributes as an estimate.

    An error of 0 is an unknown error, as in the original.

    Raises
    ------
    InvalidInputError
        If the value or its error is no number.
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
        error = None if parts.get("error") is None else float(parts["error"])
        return Parameter(float(parts["value"]), error or None, str(parts.get("unit") or ""))
    except (KeyError, TypeError, ValueError):
        raise InvalidInputError(
            f"{name}: {given!r} is not a number, nor a mapping with value, error and unit"
        ) from None


def make_inputs(given: Mapping[str, Any] | None) -> dict[str, Parameter]:
    """Return inputs by name as estimates; raise InvalidInputError if one is no number."""
    return {name: make_parameter(name, value) for name, value in (given or {}).items()}


def set_value(
    runtime: Runtime, access: Access, chip_id: str, target: str, name: str, value: Any, *, reason: str
) -> None:
    """Set a value of a target.

    Raises
    ------
    InvalidInputError
        If the parameter is unknown, or the value is no number or out of range.
    """
    values = QDash.from_runtime(runtime).values
    values.set(access, chip_id, target, {name: make_parameter(name, value)}, reason=reason)

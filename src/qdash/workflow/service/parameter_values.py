"""Values that a flow sets by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.application import QDash
from qdash_core.models.estimates import Parameter

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.runtime import Runtime


def set_value(
    runtime: Runtime, access: Access, chip_id: str, target: str, name: str, value: Any, *, reason: str
) -> None:
    """Set a value of a target: a number, or an estimate with `value`, `error` and `unit`.

    Raises
    ------
    InvalidInputError
        If the parameter is unknown, or the value is out of range.
    """
    estimate = Parameter(
        float(getattr(value, "value", value)), getattr(value, "error", None), getattr(value, "unit", "") or ""
    )
    values = QDash.from_runtime(runtime).values
    values.set(access, chip_id, target, {name: estimate}, reason=reason)

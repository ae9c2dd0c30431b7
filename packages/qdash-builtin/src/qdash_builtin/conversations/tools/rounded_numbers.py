"""Numbers of JSON documents rounded to the digits that mean something."""

from __future__ import annotations

from math import isfinite
from typing import Any

from qdash_core.models.quantities import round_as_shown

_DIGITS = 7
"""Significant digits of a number without an error."""
_ERROR_DIGITS = 2


def round_numbers(value: Any) -> Any:
    """Return a document with each `value` rounded to its `error`, and other numbers to seven significant digits; None if not finite."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}") if isfinite(value) else None
    if isinstance(value, list):
        return [round_numbers(one) for one in value]
    if not isinstance(value, dict):
        return value
    rounded = {name: round_numbers(one) for name, one in value.items()}
    number, error = value.get("value"), value.get("error")
    if isinstance(number, float) and isinstance(error, float) and error > 0:
        rounded["value"] = round_as_shown(number, error)
        rounded["error"] = float(f"{error:.{_ERROR_DIGITS}g}")
    return rounded

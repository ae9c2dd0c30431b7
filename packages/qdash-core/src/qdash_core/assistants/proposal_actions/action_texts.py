"""Texts of actions: their values in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.base import as_json_text
from qdash_core.models.quantities import format_quantity

if TYPE_CHECKING:
    from qdash_core.models.chip import ParameterModel


def write_value(value: ParameterModel | None) -> str:
    """Return a value with its error and unit."""
    return "no value" if value is None else format_quantity(float(value.value), value.error, value.unit)


def write_json(value: object) -> str:
    """Return options or parameters of a task as they are written."""
    return as_json_text(value).decode()

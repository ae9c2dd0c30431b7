"""Texts of actions: their values in words, and the digest of the state that they depend on."""

from __future__ import annotations

import hashlib
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


def make_basis(state: object) -> str:
    """Return the digest of the state that a proposal depends on."""
    return hashlib.sha256(as_json_text(state)).hexdigest()[:16]

"""Kinds of inputs for the fields that people fill in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from qdash_core.models.annotations import iter_parts

InputKind = Literal["text", "time", "number", "boolean", "choice", "texts"]
"""Kind of input for a field; `texts` is a list of texts."""
_TYPES: dict[InputKind, set[type]] = {
    "text": {str},
    "time": {datetime},
    "boolean": {bool},
    "number": {int, float},
}


def find_input_kind(annotation: Any) -> InputKind | None:
    """Return the kind of input for a field of this type, or None for a type without one."""
    parts = set(iter_parts(annotation)) - {NoneType}
    if parts and all(_is_choice(part) for part in parts):
        return "choice"
    if len(parts) == 1 and get_origin(part := next(iter(parts))) in (list, tuple):
        return "texts" if find_input_kind(get_args(part)[0]) == "text" else None
    return next((kind for kind, types in _TYPES.items() if parts and parts <= types), None)


def list_choices(annotation: Any) -> list[str]:
    """Return the values of a choice: an enumeration, or literal texts."""
    return [
        str(value)
        for part in iter_parts(annotation)
        if _is_choice(part)
        for value in (get_args(part) or [one.value for one in part])
    ]


def _is_choice(part: Any) -> bool:
    if get_origin(part) is Literal:
        return all(isinstance(value, str) for value in get_args(part))
    return isinstance(part, type) and issubclass(part, StrEnum)

"""Annotation of the fields of a record that users edit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from qdash_core.errors import InvalidInputError
from qdash_core.models.annotations import iter_parts

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo


InputKind = Literal["text", "time", "number", "boolean", "choice"]
"""InputKind of input for a field."""
_TYPES: dict[InputKind, set[type]] = {
    "text": {str},
    "time": {datetime},
    "boolean": {bool},
    "number": {int, float},
}


@dataclass(frozen=True, slots=True)
class Editable:
    """Annotation that makes a field editable by users: `name: Annotated[str, Editable("Display name.")] = ""`.

    Parameters
    ----------
    help : str
        Help of its option; empty if no command has an option for it.
    option : str
        Name of its option; empty for that of the field, as in `--cryo-id`.
    label : str
        Name of the field for people; empty for its name, without `_at`.
    """

    help: str = ""
    option: str = ""
    label: str = ""


def list_editable_fields(model: type[BaseModel]) -> dict[str, Editable]:
    """Return the marks of the fields that users edit, by name of the field."""
    return {
        name: mark for name, field in model.model_fields.items() if (mark := find_mark(field)) is not None
    }


def find_mark(field: FieldInfo) -> Editable | None:
    """Return the mark of a field, or None if users do not edit it."""
    marks: list[Any] = [one for one in field.metadata if isinstance(one, Editable)]
    return marks[0] if marks else None


def find_input_kind(name: str, annotation: Any) -> InputKind:
    """Return the kind of input for a field of this type; InvalidInputError for a type without one."""
    parts = set(iter_parts(annotation)) - {NoneType}
    if parts and all(_is_choice(part) for part in parts):
        return "choice"
    for kind, types in _TYPES.items():
        if parts and parts <= types:
            return kind
    raise InvalidInputError(
        f"field {name} has to be a text, a UtcDatetime, a number, a choice of texts, or a bool, not {annotation}"
    )


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

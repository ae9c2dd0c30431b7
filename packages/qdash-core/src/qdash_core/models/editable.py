"""Mark of the fields of a record that users edit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo


Kind = Literal["text", "time", "number", "yes or no", "choice"]
"""Kind of input for a field."""


@dataclass(frozen=True, slots=True)
class Editable:
    """Mark of a field that users edit: `name: Annotated[str, Editable("Display name.")] = ""`.

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


def find_kind(annotation: Any) -> Kind:
    """Return the kind of input for a field of this type."""
    parts = set(_iter_parts(annotation))
    if datetime in parts:
        return "time"
    if bool in parts:
        return "yes or no"
    if any(isinstance(part, type) and issubclass(part, Enum) for part in parts):
        return "choice"
    return "number" if parts & {int, float} else "text"


def list_choices(annotation: Any) -> list[str]:
    """Return the values of a choice."""
    enums = (part for part in _iter_parts(annotation) if isinstance(part, type) and issubclass(part, Enum))
    return [str(one.value) for enum in enums for one in enum]


def _iter_parts(annotation: Any) -> Iterator[Any]:
    """Yield the types in an annotation."""
    if get_origin(annotation) is None:
        yield annotation
    for part in get_args(annotation):
        yield from _iter_parts(part)

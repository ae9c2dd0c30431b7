"""Annotation of the fields of a record that users edit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.input_kinds import find_input_kind

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from qdash_core.models.input_kinds import InputKind


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


def require_input_kind(name: str, annotation: Any) -> InputKind:
    """Return the kind of input for a field of this type; InvalidInputError for a type without one."""
    kind = find_input_kind(annotation)
    if kind is None or kind == "texts":
        raise InvalidInputError(
            f"field {name} has to be a text, a UtcDatetime, a number, a choice of texts, or a bool, not {annotation}"
        )
    return kind

"""Filters of a list of the records of an entity: the fields that its declaration names, and its references."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from qdash_core.errors import InvalidInputError
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.entities.entity import Entity
    from qdash_core.models.input_kinds import InputKind

_Bound = Literal["", "least", "most", "below"]
_VALUE: tuple[_Bound, str] = ("", "is this")
_BOUNDS: dict[InputKind, dict[str, tuple[_Bound, str]]] = {
    "number": {
        "": _VALUE,
        "_min": ("least", "is at least this"),
        "_max": ("most", "is at most this"),
    },
    "time": {"_since": ("least", "is this time or later"), "_until": ("below", "is before this time")},
}
"""Parameters for a field by the end of their names: the bound that each gives, and its condition."""


@dataclass(frozen=True, slots=True)
class EntityFilter:
    """Parameter that filters a list.

    Parameters
    ----------
    bound : str
        The bound of a `Range` that it gives, or empty for the value.
    condition : str
        The condition in words.
    option : str
        Its option, such as `--litres-min`.
    """

    field: str
    bound: _Bound
    condition: str
    option: str


def list_entity_filters(entity: Entity[Any]) -> dict[str, EntityFilter]:
    """Return the filters of the declared fields by the name of the parameter: a time has a range, a number both a value and a range.

    Raises
    ------
    InvalidInputError
        If two parameters have one name.
    """
    found: dict[str, EntityFilter] = {}
    for name in entity.filters:
        option = entity.get_option(name) if name in entity.editable else f"--{name.replace('_', '-')}"
        for suffix, (bound, text) in _BOUNDS.get(entity.get_input_kind(name), {"": _VALUE}).items():
            parameter, ending = f"{name}{suffix}", suffix.replace("_", "-")
            if parameter in found:
                raise InvalidInputError(
                    f"field {name}: lists have the filter {parameter} of field {found[parameter].field} already: rename it, or leave it out"
                )
            condition = f'whose "{entity.get_label(name)}" {text}'
            found[parameter] = EntityFilter(name, bound, condition, f"{option}{ending}")
    return found


def make_conditions(entity: Entity[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values and ranges of fields that filters stand for, by the name of the field.

    Raises
    ------
    InvalidInputError
        If lists have no such filter, or a value and a range of one field are given.
    """
    known, found = list_entity_filters(entity), dict[str, Any]()
    bounds: dict[str, dict[str, Any]] = {}
    for name, value in given.items():
        if name not in known and name not in entity.references:
            possible = ", ".join((*entity.references, *known)) or "nothing"
            raise InvalidInputError(
                f"{entity.plural_noun} are not filtered by {name!r}, but by {possible}: name further fields in `filters` of the entity"
            )
        if name in known and (bound := known[name].bound):
            bounds.setdefault(known[name].field, {})[bound] = value
        else:
            found[name] = None if value == "" and entity.is_optional(name) else value
    for name, range_ in bounds.items():
        if name in found:
            raise InvalidInputError(f"give a value of {name} or a range, not both")
        found[name] = Range(**range_)
    return found

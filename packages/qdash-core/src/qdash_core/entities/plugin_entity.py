"""Declaration of an entity by a plugin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from qdash_core.entities.entity import Entity
from qdash_core.errors import InvalidInputError
from qdash_core.models.editable import list_editable_fields
from qdash_core.models.plugin_record import PluginRecord
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.plugin_records import make_repository

if TYPE_CHECKING:
    from collections.abc import Mapping

P = TypeVar("P", bound=PluginRecord)

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_HIDDEN = frozenset({"project_id", "entity", "updated_at"})
_OPTIONS = frozenset({"project", "user", "json", "as_json", "force", "help", "command_user"})
"""Names that all commands use."""


def declare_plugin_entity(
    name: str,
    plural: str,
    model: type[P],
    *,
    example: Mapping[str, Any],
    columns: tuple[str, ...],
    **further: Any,
) -> Entity[P]:
    """Return the entity of a plugin, for the hook `qdash_entities`; its records have an id that QDash assigns.

    Parameters
    ----------
    name, plural, model
        As for `Entity`.
    example : mapping
        Values of the fields that users edit, for the documentation.
    columns : tuple of str
        Fields in lists, after the id.
    **further
        Further parameters of `Entity`.

    Raises
    ------
    InvalidInputError
        If a name is not of lower-case letters, digits and `-`, a field does not exist or has no input, the example
        is not valid, or a role is that of viewers.
    """
    identity = {"project_id": "lab", "entity": name, "record_id": "3f9a12bc", "username": "alice"}
    times = dict.fromkeys(("created_at", "updated_at"), "2026-11-20T08:30:00Z")
    shown = model.create_validated(example, list_editable_fields(model), **identity, **times)
    made = Entity(
        name=name,
        plural=plural,
        model=model,
        repository=make_repository(name, model),
        example={
            field: value
            for field, value in shown.model_dump(mode="json", exclude=set(_HIDDEN)).items()
            if value not in (None, "")
        },
        columns=("record_id", *columns),
        hidden=_HIDDEN,
        **further,
    )
    _check_names(made)
    if ProjectRole.VIEWER in (made.edit_role, made.delete_role):
        raise InvalidInputError(f"entity {name}: viewers change nothing; editors or owners may")
    for field in (*made.editable, *made.columns):
        made.get_kind(field)
    return made


def _check_names(entity: Entity[Any]) -> None:
    for name in (entity.name, entity.plural):
        if not _NAME.fullmatch(name):
            raise InvalidInputError(f"an entity is named by lower-case letters, digits and '-', not {name!r}")
    for name in entity.columns:
        if name not in entity.shown:
            known = ", ".join(entity.shown)
            raise InvalidInputError(f"entity {entity.name} has no field {name!r}: there are {known}")
    if not entity.editable:
        raise InvalidInputError(
            f"entity {entity.name} has no field that users edit: mark them by Editable(...)"
        )
    if taken := _OPTIONS.intersection(entity.editable):
        raise InvalidInputError(
            f"entity {entity.name}: all commands have an option {min(taken)!r}: rename the field"
        )

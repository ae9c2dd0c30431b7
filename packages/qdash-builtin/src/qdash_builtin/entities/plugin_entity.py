"""Declaration of an entity by a plugin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from qdash_builtin.attachments.accepted_files import LARGEST, AcceptedFiles
from qdash_builtin.entities.editable import list_editable_fields
from qdash_builtin.entities.entity import Entity
from qdash_builtin.entities.entity_page import EntityPage, make_entity_page, make_entity_sections
from qdash_builtin.entities.filters import list_entity_filters
from qdash_builtin.entities.model import PluginRecord
from qdash_builtin.entities.reference_fields import REFERENCE_FIELDS
from qdash_builtin.entities.repository import make_repository
from qdash_builtin.entities.rules import EntityRules
from qdash_core.errors import InvalidInputError
from qdash_core.models.base import UtcDatetime
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.documents import encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    import click

    from qdash_core.features.sections import Section
    from qdash_core.operations.operation import Operations

P = TypeVar("P", bound=PluginRecord)

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_HIDDEN = frozenset({"project_id", "entity", "updated_at", "with_chip"})
_TAKEN_OPTIONS = frozenset({"--project", "--user", "--profile", "--json", "--force", "--help"})
"""Options of all commands."""
_TAKEN_FILTERS = frozenset({"limit", "after", "request", "if_match", "if_none_match", "idempotency_key"})
"""Parameters of routes."""
_TAKEN_FIELDS = frozenset(
    {
        "access",
        "as_of",
        "as_json",
        "command_user",
        "event",
        "event_data",
        "force",
        "note",
        "own_fields",
        "project",
        "self",
        "user",
    }
)
"""Names that services, commands and routes use."""
_UTC = get_args(UtcDatetime)[1]
_OPTION = re.compile(r"--[a-z][a-z0-9-]*")


@dataclass(frozen=True, kw_only=True, eq=False)
class PluginEntity(Entity[P]):
    """Entity of a plugin, a `qdash_core.hooks.protocols.DeclaredEntity`: it gives all that commands, host and dashboard have of it."""

    feature = "entities"
    key = "record_id"

    def make_operations(self) -> Operations:
        """Return the operations of its records, whose paths are below `/entities`."""
        from qdash_builtin.entities.operations import make_plugin_operations

        return make_plugin_operations(self)

    def make_group(self) -> click.Group:
        """Return the group of its commands."""
        from qdash_builtin.entities.commands import make_entity_group

        return make_entity_group(self)

    def make_page(self) -> EntityPage:
        """Return its page of the dashboard."""
        return make_entity_page(self)

    def make_sections(self) -> list[Section]:
        """Return its section in the panel of a chip, if its records refer to chips."""
        return make_entity_sections(self)


def declare_plugin_entity(
    name: str,
    plural: str,
    model: type[P],
    *,
    columns: tuple[str, ...],
    example: Mapping[str, Any],
    rules: EntityRules[P] | None = None,
    verb: str = "create",
    headline: str = "",
    wrapped_columns: tuple[str, ...] = (),
    edit_role: ProjectRole = ProjectRole.EDITOR,
    delete_role: ProjectRole = ProjectRole.EDITOR,
    attachments: AcceptedFiles | None = None,
    filters: tuple[str, ...] = (),
    chosen_ids: bool = False,
) -> PluginEntity[P]:
    """Return the entity of a plugin, for the hook `qdash_entities`.

    Parameters
    ----------
    name, plural, model
        As for `Entity`.
    columns : tuple of str
        Fields in lists, after the id.
    example : mapping
        Values of the fields that users edit, for the documentation, and `record_id` if users choose it.
    rules : EntityRules or None
        Rules for its records, or None for no rules.
    verb, headline, wrapped_columns, edit_role, delete_role, attachments, filters, chosen_ids
        As for `Entity`.

    Raises
    ------
    InvalidInputError
        If a name contains anything but lower-case letters, digits and `-`, a field, its type, its option or a column is not
        supported, the example is invalid, or viewers would be allowed to change records.
    """
    try:
        made = PluginEntity(
            name=name,
            plural=plural,
            model=model,
            repository=make_repository(name, model),
            columns=("record_id", *columns),
            example=_complete_example(name, model, example, chosen_ids=chosen_ids),
            hidden=_HIDDEN if attachments else _HIDDEN | {"attachments"},
            attachments=attachments,
            filters=filters,
            chosen_ids=chosen_ids,
            rules=rules or EntityRules(),
            verb=verb,
            headline=headline,
            wrapped_columns=wrapped_columns,
            edit_role=edit_role,
            delete_role=delete_role,
        )
        _check(made)
    except InvalidInputError as error:
        raise InvalidInputError(f"entity {name}: {error}") from error
    return made


def _complete_example(
    name: str, model: type[PluginRecord], example: Mapping[str, Any], *, chosen_ids: bool
) -> dict[str, Any]:
    """Return an example of a record as viewers see it."""
    editable, record_id = list_editable_fields(model), "3f9a12bc"
    if chosen_ids and "record_id" in example:
        example = {**example}
        record_id = example.pop("record_id")
    for field in example:
        if field not in editable:
            raise InvalidInputError(
                f"its example has the field {field!r}, which is not editable (editable: {', '.join(editable)})"
            )
    identity = {"project_id": "lab", "entity": name, "record_id": record_id, "username": "alice"}
    times = dict.fromkeys(("created_at", "updated_at"), "2026-11-20T08:30:00Z")
    record = model.create_validated(example, editable, **identity, **times)
    try:
        encode(record.to_document())
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"its example cannot be stored: {error}") from error
    shown = record.model_dump(mode="json", exclude={*_HIDDEN, "attachments"})
    return {field: value for field, value in shown.items() if value not in (None, "")}


def _check(entity: Entity[Any]) -> None:
    for name in (entity.name, entity.plural):
        if not _NAME.fullmatch(name):
            raise InvalidInputError(f"names have lower-case letters, digits and '-' only, not {name!r}")
    for name in (*entity.columns, *filter(None, [entity.headline]), *entity.wrapped_columns):
        if name not in entity.visible_fields:
            raise InvalidInputError(
                f"there is no field {name!r} (there are: {', '.join(entity.visible_fields)})"
            )
        entity.get_input_kind(name)
    if not isinstance(entity.rules, EntityRules):
        raise InvalidInputError("its rules are not an object of a subclass of EntityRules")
    if ProjectRole.VIEWER in (entity.edit_role, entity.delete_role):
        raise InvalidInputError("edit_role and delete_role must be editor or owner")
    accepted = entity.attachments
    if accepted is not None and not (isinstance(accepted, AcceptedFiles) and accepted.media_types):
        raise InvalidInputError("attachments is AcceptedFiles((MEDIA_TYPE, ...)) with one media type or more")
    if accepted is not None and not 0 < accepted.size <= LARGEST:
        raise InvalidInputError(
            f"attachments have {accepted.size} bytes at most: 1 to {LARGEST} are possible"
        )
    _check_fields(entity)
    _check_filters(entity)


def _check_filters(entity: Entity[Any]) -> None:
    for name in entity.filters:
        if name not in entity.visible_fields or name in (entity.key, "attachments"):
            raise InvalidInputError(f"it cannot be filtered by {name!r}: filters are fields of the record")
        if name in entity.references:
            raise InvalidInputError(
                f"lists are filtered by the reference {name} already: leave it out of the filters"
            )
    filters = list_entity_filters(entity)
    taken = {*_TAKEN_OPTIONS, *(entity.get_option(name) for name in entity.references)}
    for name, one in filters.items():
        if name in _TAKEN_FILTERS:
            raise InvalidInputError(f"field {one.field}: lists have the parameter {name} already: rename it")
        if one.option in taken:
            raise InvalidInputError(
                f"field {one.field}: lists have the option {one.option} already: set another by Editable(option=...), or rename it"
            )
        taken.add(one.option)


def _check_fields(entity: Entity[Any]) -> None:
    own = PluginRecord.model_fields
    for name in entity.model.model_fields:
        if name not in own and (name in _TAKEN_FIELDS or hasattr(PluginRecord, name)):
            raise InvalidInputError(f"a field cannot be named {name!r}: rename it")
    if fixed := sorted(own.keys() & entity.editable.keys()):
        raise InvalidInputError(f"QDash sets the field {fixed[0]!r}: users cannot edit it")
    if not entity.editable:
        raise InvalidInputError("users can edit no field: annotate one with Editable(...)")
    options: dict[str, str] = {}
    for name in entity.editable:
        _check_field(entity, name, options)
    for name in entity.references:
        _check_reference(entity, name)


def _check_reference(entity: Entity[Any], name: str) -> None:
    mark = entity.references[name]
    needed = REFERENCE_FIELDS.get(mark.kind)
    if needed is None:
        known = ", ".join(REFERENCE_FIELDS)
        raise InvalidInputError(f"field {name} refers to {mark.kind!r}, which is none of {known}")
    if name != needed:
        raise InvalidInputError(f"field {name}: a field that refers to a {mark.kind} is named {needed}")
    if name not in entity.editable or entity.get_input_kind(name) != "text":
        raise InvalidInputError(
            f"field {name} refers to a {mark.kind}, so it is a text that users edit: Annotated[str, Editable(...), RefersTo(...)]"
        )
    if mark.on_delete not in ("remove", "keep", "refuse"):
        raise InvalidInputError(f"field {name}: on_delete is remove, keep or refuse, not {mark.on_delete!r}")
    if mark.on_delete != "keep" and mark.kind != "chip":
        raise InvalidInputError(f"field {name}: on_delete is for fields that refer to a chip")
    if mark.kind == "target" and "chip_id" not in entity.references:
        raise InvalidInputError('field target needs a field chip_id with RefersTo("chip")')


def _check_field(entity: Entity[Any], name: str, options: dict[str, str]) -> None:
    """Check the name, type and option of a field, and add its option to those of the fields before."""
    field = entity.model.model_fields[name]
    marks = [*field.metadata, *(mark for part in get_args(field.annotation) for mark in get_args(part)[1:])]
    if entity.get_input_kind(name) == "time" and _UTC not in marks:
        raise InvalidInputError(f"field {name}: a time is a qdash_core.UtcDatetime")
    if field.is_required() and not entity.editable[name].help:
        raise InvalidInputError(f"field {name} is required, so it needs a help text: Editable(help)")
    option = entity.get_option(name)
    if not _OPTION.fullmatch(option):
        raise InvalidInputError(
            f"field {name}: {option!r} is not an option such as --{name.replace('_', '-')}"
        )
    if option in _TAKEN_OPTIONS or option in options:
        owner = f"field {options[option]}" if option in options else "every command"
        raise InvalidInputError(
            f"field {name}: {owner} has the option {option}: set another by Editable(option=...)"
        )
    options[option] = name

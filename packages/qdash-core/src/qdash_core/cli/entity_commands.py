"""Commands for the records of an entity, made from its declaration."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.period_options import parse_optional_time
from qdash_core.cli.rendering.notes import format_note
from qdash_core.cli.rendering.output import emit_json, print_message, print_table
from qdash_core.cli.rendering.times import format_time
from qdash_core.documents.entities import get_view_model
from qdash_core.documents.notes import NoteText
from qdash_core.errors import InvalidInputError
from qdash_core.models.editable import list_choices

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from qdash_core.entities.entity import Entity
    from qdash_core.models.base import Record


_METAVARS = {"time": "TIME", "number": "NUMBER", "text": "TEXT", "boolean": "YES|NO"}


def make_entity_group(entity: Entity[Any]) -> click.Group:
    """Return the group of an entity: create, list, show, edit and delete."""
    text = f"{entity.verb.capitalize()}, list, show, edit and delete {entity.plural_noun}."
    group = click.Group(entity.name, help=text)
    add_entity_commands(group, entity)
    return group


def add_entity_commands(group: click.Group, entity: Entity[Any]) -> None:
    """Add the commands of an entity to a group."""
    group.command("create", help=f"{entity.verb.capitalize()} {entity.article} {entity.noun}.")(
        _make_create(entity)
    )
    group.command("list", help=f"List {entity.plural_noun} {entity.order_phrase}.")(_make_list(entity))
    group.command("show", help=f"Show {entity.article} {entity.noun}.")(_make_show(entity))
    group.command("edit", help=f"Edit properties of {entity.article} {entity.noun}.")(_make_edit(entity))
    group.command("delete", help=f"{entity.deletion}.")(_make_delete(entity))


def print_record(entity: Entity[Any], record: Record, zone: ZoneInfo, *, as_json: bool) -> None:
    """Print a record with each field in its own line, or as JSON."""
    document = get_view_model(entity).from_record(record)
    if as_json:
        emit_json(document)
        return
    headline = f": {getattr(document, entity.headline)}" if entity.headline else ""
    print_message(f"{entity.noun} {getattr(document, entity.key)}{headline}")
    for name in entity.visible_fields:
        value = _format(getattr(document, name), zone, long=True)
        if value and name not in (entity.key, entity.headline):
            print_message(f"  {entity.get_label(name)}: {value}")


def _make_create(entity: Entity[Any]) -> Any:
    assigned = entity.is_of_plugin

    @_field_options(entity, creating=True)
    @access_options
    @options.json_option
    def create(command_user: CommandUser, as_json: bool, **given: Any) -> None:
        record_id = None if assigned else given.pop("record_id")
        with command_user.open_for_writing(entity.edit_role) as (qdash, access):
            fields = _parse_fields(entity, given, qdash.zone)
            made = qdash.open_entity(entity).create(access, record_id, **fields)
            zone = qdash.zone
        print_record(entity, made, zone, as_json=as_json)

    return create if assigned else _id_argument(entity)(create)


def _make_list(entity: Entity[Any]) -> Any:
    @access_options
    @options.json_option
    def list_records(command_user: CommandUser, as_json: bool) -> None:
        show = get_view_model(entity).from_record
        with command_user.open_for_reading() as (qdash, access):
            found = [show(one) for one in qdash.open_entity(entity).list_by_project(access)]
            zone = qdash.zone
        if as_json:
            emit_json(found)
        elif found:
            labels = {name: entity.get_label(name) for name in entity.columns}
            rows = ([_format(getattr(one, name), zone) for name in entity.columns] for one in found)
            print_table(list(labels.values()), rows, fold=[labels[name] for name in entity.wrapped_columns])
        else:
            command = f"qdash {entity.name} create"
            command += "" if entity.is_of_plugin else f" {entity.name.upper()}"
            print_message(f"no {entity.plural_noun} yet: {entity.verb} one with `{command}`")

    return list_records


def _make_show(entity: Entity[Any]) -> Any:
    @_id_argument(entity)
    @access_options
    @options.json_option
    def show(record_id: str, command_user: CommandUser, as_json: bool) -> None:
        with command_user.open_for_reading() as (qdash, access):
            found = qdash.open_entity(entity).show(access, record_id)
            zone = qdash.zone
        print_record(entity, found, zone, as_json=as_json)

    return show


def _make_edit(entity: Entity[Any]) -> Any:
    @_id_argument(entity)
    @_field_options(entity)
    @access_options
    @options.json_option
    def edit(record_id: str, command_user: CommandUser, as_json: bool, **given: Any) -> None:
        with command_user.open_for_writing(entity.edit_role) as (qdash, access):
            fields = _parse_fields(entity, given, qdash.zone)
            if not fields:
                raise InvalidInputError(
                    f"nothing to change: use an option such as {_get_example_option(entity)}"
                )
            changed = qdash.open_entity(entity).edit(access, record_id, **fields)
            zone = qdash.zone
        print_record(entity, changed, zone, as_json=as_json)

    return edit


def _make_delete(entity: Entity[Any]) -> Any:
    @_id_argument(entity)
    @access_options
    @options.json_option
    def delete(record_id: str, command_user: CommandUser, as_json: bool, force: bool = False) -> None:
        with command_user.open_for_writing(entity.delete_role) as (qdash, access):
            gone = qdash.open_entity(entity).delete(access, record_id, force=force)
        if as_json:
            emit_json(get_view_model(entity).from_record(gone))
        else:
            print_message(f"{entity.noun} {record_id} was deleted")

    if not entity.is_noted:
        return delete
    return click.option("--force", is_flag=True, help="Delete it although it has a note.")(delete)


def _id_argument(entity: Entity[Any]) -> Callable[..., Any]:
    return click.argument("record_id", metavar=entity.name.upper())


def _field_options(entity: Entity[Any], *, creating: bool = False) -> Callable[..., Any]:
    """Return a decorator that adds an option for each editable field; omitted options are None."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for name, mark in reversed(entity.editable.items()):
            if mark.help:
                option = click.option(
                    entity.get_option(name),
                    name,
                    metavar=_get_metavar(entity, name),
                    required=creating and entity.model.model_fields[name].is_required(),
                    help=mark.help,
                )
                command = option(command)
        return command

    return add


def _get_metavar(entity: Entity[Any], name: str) -> str:
    kind = entity.get_input_kind(name)
    if kind == "choice" and entity.is_of_plugin:
        return "|".join(list_choices(entity.model.model_fields[name].annotation))
    return _METAVARS.get(kind, name.upper())


def _get_example_option(entity: Entity[Any]) -> str:
    """Return an option with its metavar, that of a text if there is one."""
    names = [name for name, mark in entity.editable.items() if mark.help]
    texts = [name for name in names if entity.get_input_kind(name) == "text"]
    name = (texts or names)[-1]
    return f"{entity.get_option(name)} {_get_metavar(entity, name)}"


def _parse_fields(entity: Entity[Any], given: dict[str, str | None], zone: ZoneInfo) -> dict[str, Any]:
    """Return the given options by field. An empty text clears a field that may be without a value."""
    return {
        name: None if not text and entity.is_optional(name) else _parse_field(entity, name, text, zone)
        for name, text in given.items()
        if text is not None
    }


def _parse_field(entity: Entity[Any], name: str, text: str, zone: ZoneInfo) -> Any:
    option, kind = entity.get_option(name), entity.get_input_kind(name)
    if kind == "time":
        return parse_optional_time(text, zone, option=option)
    if kind == "boolean" and text not in ("yes", "no"):
        raise InvalidInputError(f"{option} {text}: write yes or no")
    return text


def _format(value: object, zone: ZoneInfo, *, long: bool = False) -> str | None:
    if isinstance(value, NoteText):
        return format_note(value, zone) if long else value.content
    if isinstance(value, datetime):
        return format_time(value, zone)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)

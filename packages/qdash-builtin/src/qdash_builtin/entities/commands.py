"""Commands for the records of an entity, derived from its operations."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from qdash_builtin.entities.operations import make_plugin_operations
from qdash_builtin.entities.views import get_view_model
from qdash_cli.operation_commands import add_commands
from qdash_cli.rendering.note_texts import format_note
from qdash_cli.rendering.output import print_message, print_table
from qdash_cli.rendering.times import format_time
from qdash_core.documents.note_texts import NoteText
from qdash_core.documents.pages import PageOf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.entities.entity import Entity
    from qdash_core.documents.base import Document
    from qdash_core.operations.operation import Operations


def make_entity_group(entity: Entity[Any]) -> click.Group:
    """Return the group of an entity of a plugin: create, list, show, edit and delete."""
    group = click.Group(
        entity.name, help=f"{entity.verb.capitalize()}, list, show, edit and delete {entity.plural_noun}."
    )
    add_entity_commands(group, entity, make_plugin_operations(entity))
    return group


def add_entity_commands(group: click.Group, entity: Entity[Any], operations: Operations) -> None:
    """Add the commands of the operations of an entity to a group."""
    add_commands(group, operations, make_texts(entity))


def make_texts(entity: Entity[Any]) -> dict[Any, Any]:
    """Return the functions that print the records of an entity, as `add_commands` takes them."""
    document = get_view_model(entity)
    return {
        document: partial(_print_record, entity),
        PageOf[document]: partial(_print_records, entity),  # type: ignore[valid-type]
    }


def _print_records(entity: Entity[Any], documents: Sequence[Document], zone: ZoneInfo) -> None:
    labels = {name: entity.get_label(name) for name in entity.columns}
    rows = ([_format(getattr(one, name), zone) for name in entity.columns] for one in documents)
    print_table(list(labels.values()), rows, fold=[labels[name] for name in entity.wrapped_columns])


def _print_record(entity: Entity[Any], document: Document, zone: ZoneInfo) -> None:
    """Print a record with each field in its own line."""
    headline = f": {getattr(document, entity.headline)}" if entity.headline else ""
    print_message(f"{entity.noun} {getattr(document, entity.key)}{headline}")
    for name in entity.visible_fields:
        value = _format(getattr(document, name), zone, long=True)
        if value and name not in (entity.key, entity.headline):
            print_message(f"  {entity.get_label(name)}: {value}")


def _format(value: object, zone: ZoneInfo, *, long: bool = False) -> str | None:
    if isinstance(value, NoteText):
        return format_note(value, zone) if long else value.content
    if isinstance(value, datetime):
        return format_time(value, zone)
    if isinstance(value, list):
        return ", ".join(str(getattr(one, "name", one)) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)

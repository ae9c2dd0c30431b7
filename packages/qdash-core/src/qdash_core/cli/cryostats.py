"""Command `qdash cryostat`: the refrigerators of a laboratory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.note_texts import note_text_or_none
from qdash_core.cli.period_options import parse_optional_time
from qdash_core.cli.rendering.notes import format_note
from qdash_core.cli.rendering.output import emit_json, print_message, print_table
from qdash_core.cli.rendering.times import format_time
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from qdash_core.models.cryostat import CryostatModel


@click.group()
def cryostat() -> None:
    """Register, list, edit and delete cryostats."""


def _add_description_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each property of a cryostat to a command; omitted options are None."""
    for option in reversed(
        (
            click.option("--name", metavar="TEXT", help="Display name."),
            click.option("--manufacturer", metavar="TEXT", help="Manufacturer."),
            click.option("--model", metavar="TEXT", help="Model."),
            click.option("--location", metavar="TEXT", help="Location."),
            click.option("--status", metavar="STATUS", help="Status: active, maintenance or decommissioned."),
            click.option("--commissioned", metavar="TIME", help="Date of its installation."),
        )
    ):
        command = option(command)
    return command


def _make_fields(zone: ZoneInfo, commissioned: str | None, given: dict[str, str | None]) -> dict[str, Any]:
    since = parse_optional_time(commissioned, zone, option="--commissioned")
    fields = {**given, "commissioned_at": since}
    return {name: value for name, value in fields.items() if value is not None}


@cryostat.command()
@click.argument("cryo_id", metavar="CRYOSTAT")
@_add_description_options
@access_options
@options.json_option
def create(
    cryo_id: str, commissioned: str | None, command_user: CommandUser, as_json: bool, **given: str | None
) -> None:
    """Register a cryostat."""
    with command_user.open_for_writing() as (qdash, access):
        zone = qdash.zone
        made = qdash.cryostats.create(access, cryo_id, **_make_fields(zone, commissioned, given))
    _show(made, zone, as_json=as_json)


@cryostat.command("list")
@access_options
@options.json_option
def list_cryostats(command_user: CommandUser, as_json: bool) -> None:
    """List cryostats by id."""
    from qdash_core.documents.cooldowns import CryostatDocument

    with command_user.open_for_reading() as (qdash, access):
        found = [CryostatDocument.from_cryostat(one) for one in qdash.cryostats.list_by_project(access)]
    if as_json:
        emit_json(found)
    elif found:
        print_table(
            ("cryostat", "status", "name", "manufacturer", "model", "location", "note"),
            (
                (
                    *(one.cryo_id, one.status, one.name, one.manufacturer, one.model, one.location),
                    one.note and one.note.content,
                )
                for one in found
            ),
            fold=("name", "location", "note"),
        )
    else:
        print_message("no cryostats yet: register one with `qdash cryostat create CRYOSTAT`")


@cryostat.command()
@click.argument("cryo_id", metavar="CRYOSTAT")
@access_options
@options.json_option
def show(cryo_id: str, command_user: CommandUser, as_json: bool) -> None:
    """Show a cryostat."""
    with command_user.open_for_reading() as (qdash, access):
        found = qdash.cryostats.show(access, cryo_id)
        zone = qdash.zone
    _show(found, zone, as_json=as_json)


@cryostat.command()
@click.argument("cryo_id", metavar="CRYOSTAT")
@_add_description_options
@access_options
@options.json_option
def edit(
    cryo_id: str, commissioned: str | None, command_user: CommandUser, as_json: bool, **given: str | None
) -> None:
    """Edit properties of a cryostat."""
    with command_user.open_for_writing() as (qdash, access):
        zone = qdash.zone
        fields = _make_fields(zone, commissioned, given)
        if not fields:
            raise InvalidInputError("nothing to change: use an option such as --location TEXT")
        changed = qdash.cryostats.edit(access, cryo_id, **fields)
    _show(changed, zone, as_json=as_json)


@cryostat.command()
@click.argument("cryo_id", metavar="CRYOSTAT")
@note_text_or_none
@access_options
@options.json_option
def note(cryo_id: str, text: Any, command_user: CommandUser, as_json: bool) -> None:
    """Replace the note of a cryostat."""
    from qdash_core.cli.notes import write_note_on
    from qdash_core.models.note import NoteScope
    from qdash_core.notes.note_places import NotePlace

    write_note_on(NotePlace(NoteScope.CRYOSTAT, cryo_id), text, command_user=command_user, as_json=as_json)


@cryostat.command()
@click.argument("cryo_id", metavar="CRYOSTAT")
@click.option("--at", metavar="TIME", help="Time; default: now.")
@access_options
@options.json_option
def decommission(cryo_id: str, at: str | None, command_user: CommandUser, as_json: bool) -> None:
    """Decommission a cryostat. Its cool-downs stay on record."""
    with command_user.open_for_writing() as (qdash, access):
        zone = qdash.zone
        when = parse_optional_time(at, zone, option="--at")
        fields = {} if when is None else {"decommissioned_at": when}
        changed = qdash.cryostats.edit(access, cryo_id, status="decommissioned", **fields)
    _show(changed, zone, as_json=as_json)


@cryostat.command()
@click.argument("cryo_id", metavar="CRYOSTAT")
@click.option("--force", is_flag=True, help="Delete it although it has a note.")
@access_options
@options.json_option
def delete(cryo_id: str, force: bool, command_user: CommandUser, as_json: bool) -> None:
    """Delete a cryostat without cool-downs."""
    from qdash_core.documents.cooldowns import CryostatDocument

    with command_user.open_for_writing() as (qdash, access):
        gone = qdash.cryostats.delete(access, cryo_id, force=force)
    if as_json:
        emit_json(CryostatDocument.from_cryostat(gone))
    else:
        print_message(f"cryostat {gone.cryo_id} was deleted")


def _show(found: CryostatModel, zone: ZoneInfo, *, as_json: bool) -> None:
    from qdash_core.documents.cooldowns import CryostatDocument

    document = CryostatDocument.from_cryostat(found)
    if as_json:
        emit_json(document)
        return
    print_message(f"cryostat {document.cryo_id}: {document.status}")
    for what, value in (
        ("name", document.name),
        ("manufacturer", document.manufacturer),
        ("model", document.model),
        ("location", document.location),
        ("commissioned", format_time(document.commissioned_at, zone)),
        ("decommissioned", format_time(document.decommissioned_at, zone)),
        ("note", format_note(document.note, zone)),
    ):
        if value:
            print_message(f"  {what}: {value}")

"""Command `qdash cooldown`: cool-downs of cryostats, and the chips in them."""

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
    from zoneinfo import ZoneInfo

    from qdash_core.application import QDash
    from qdash_core.models.access import Access
    from qdash_core.models.cryostat import CooldownModel


@click.group()
def cooldown() -> None:
    """Start, end, list and edit cool-downs, and assign chips to them."""


@cooldown.command()
@click.argument("cooldown_id", metavar="COOLDOWN")
@click.option("--cryostat", "cryo_id", required=True, metavar="ID", help="Cryostat.")
@click.option("--chip", "chip_ids", multiple=True, metavar="CHIP", help="Chip in it; may be repeated.")
@click.option("--started", metavar="TIME", help="Start time; default: now.")
@click.option("--ended", metavar="TIME", help="End time; default: not ended.")
@click.option("--description", default="", metavar="TEXT", help="Purpose.")
@access_options
@options.json_option
def create(
    cooldown_id: str,
    cryo_id: str,
    chip_ids: tuple[str, ...],
    started: str | None,
    ended: str | None,
    description: str,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Start a cool-down, or record a past one.

    Until it ends, everything recorded for its chips carries its id.
    """
    with command_user.open_for_writing() as (qdash, access):
        zone = qdash.zone
        made = qdash.cooldowns.create(
            access,
            cooldown_id,
            cryo_id,
            started_at=parse_optional_time(started, zone, option="--started"),
            ended_at=parse_optional_time(ended, zone, option="--ended"),
            description=description,
            chip_ids=chip_ids,
        )
    _show(made, zone, as_json=as_json)


@cooldown.command("list")
@click.option("--cryostat", "cryo_id", metavar="ID", help="Only those of this cryostat.")
@click.option("--chip", "chip_id", metavar="CHIP", help="Only those of this chip.")
@access_options
@options.json_option
def list_cooldowns(
    cryo_id: str | None, chip_id: str | None, command_user: CommandUser, as_json: bool
) -> None:
    """List cool-downs, newest first."""
    from qdash_core.documents.cooldowns import CooldownDocument

    with command_user.open_for_reading() as (qdash, access):
        found = [
            CooldownDocument.from_record(one) for one in _select_cooldowns(qdash, access, cryo_id, chip_id)
        ]
        zone = qdash.zone
    if as_json:
        emit_json(found)
    elif found:
        print_table(
            ("cool-down", "cryostat", "started", "ended", "chips", "description", "note"),
            (
                (
                    *(one.cooldown_id, one.cryo_id, format_time(one.started_at, zone)),
                    format_time(one.ended_at, zone) or "in progress",
                    ", ".join(one.chip_ids),
                    one.description,
                    one.note and one.note.content,
                )
                for one in found
            ),
            fold=("chips", "description", "note"),
        )
    elif cryo_id or chip_id:
        print_message("no matching cool-downs: list all with `qdash cooldown list`")
    else:
        print_message("no cool-downs yet: start one with `qdash cooldown create COOLDOWN --cryostat ID`")


def _select_cooldowns(
    qdash: QDash, access: Access, cryo_id: str | None, chip_id: str | None
) -> list[CooldownModel]:
    if cryo_id is not None and chip_id is not None:
        raise InvalidInputError("use --cryostat or --chip, not both")
    if cryo_id is not None:
        return qdash.cooldowns.list_by_cryostat(access, cryo_id)
    if chip_id is not None:
        return qdash.cooldowns.list_by_chip(access, chip_id)
    return qdash.cooldowns.list_by_project(access)


@cooldown.command()
@click.argument("cooldown_id", metavar="COOLDOWN")
@access_options
@options.json_option
def show(cooldown_id: str, command_user: CommandUser, as_json: bool) -> None:
    """Show a cool-down."""
    with command_user.open_for_reading() as (qdash, access):
        found = qdash.cooldowns.show(access, cooldown_id)
        zone = qdash.zone
    _show(found, zone, as_json=as_json)


@cooldown.command()
@click.argument("cooldown_id", metavar="COOLDOWN")
@access_options
@options.json_option
def chips(cooldown_id: str, command_user: CommandUser, as_json: bool) -> None:
    """List the chips of a cool-down with the numbers of their executions and results."""
    from qdash_core.documents.cooldowns import CooldownChipDocument

    with command_user.open_for_reading() as (qdash, access):
        found = [
            CooldownChipDocument.from_record(one) for one in qdash.cooldowns.list_chips(access, cooldown_id)
        ]
    if as_json:
        emit_json(found)
    elif found:
        print_table(
            ("chip", "executions", "results", "previous", "next"),
            (
                (one.chip_id, str(one.n_executions), str(one.n_results), one.previous_id, one.next_id)
                for one in found
            ),
        )
        previous = next((one for one in found if one.previous_id), None)
        if previous is not None:
            print_message(
                f"compare with `qdash compare cooldown:{previous.previous_id} cooldown:{cooldown_id} "
                f"--chip {previous.chip_id}`"
            )
    else:
        print_message(f"no chip is in it: load one with `qdash cooldown assign {cooldown_id} CHIP`")


@cooldown.command()
@click.argument("cooldown_id", metavar="COOLDOWN")
@click.option("--started", metavar="TIME", help="Start time.")
@click.option("--ended", metavar="TIME", help="End time; ends a cool-down that has not ended.")
@click.option("--description", metavar="TEXT", help="Purpose.")
@access_options
@options.json_option
def edit(
    cooldown_id: str,
    started: str | None,
    ended: str | None,
    description: str | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Edit properties of a cool-down. Notes on its metrics get its new times."""
    if started is None and ended is None and description is None:
        raise InvalidInputError("nothing to change: use --started, --ended or --description")
    with command_user.open_for_writing() as (qdash, access):
        zone = qdash.zone
        changed = qdash.cooldowns.edit(
            access,
            cooldown_id,
            started_at=parse_optional_time(started, zone, option="--started"),
            ended_at=parse_optional_time(ended, zone, option="--ended"),
            description=description,
        )
    _show(changed, zone, as_json=as_json)


@cooldown.command()
@click.argument("cooldown_id", metavar="COOLDOWN")
@note_text_or_none
@access_options
@options.json_option
def note(cooldown_id: str, text: Any, command_user: CommandUser, as_json: bool) -> None:
    """Replace the note of a cool-down."""
    from qdash_core.cli.notes import write_note_on
    from qdash_core.models.note import NoteScope
    from qdash_core.notes.note_places import NotePlace

    place = NotePlace(NoteScope.COOLDOWN, cooldown_id)
    write_note_on(place, text, command_user=command_user, as_json=as_json)


@cooldown.command()
@click.argument("cooldown_id", metavar="COOLDOWN")
@click.option("--at", metavar="TIME", help="Time; default: now.")
@access_options
@options.json_option
def end(cooldown_id: str, at: str | None, command_user: CommandUser, as_json: bool) -> None:
    """End a cool-down; its chips then belong to no cool-down."""
    with command_user.open_for_writing() as (qdash, access):
        zone = qdash.zone
        when = parse_optional_time(at, zone, option="--at")
        ended = qdash.cooldowns.end(access, cooldown_id, ended_at=when)
    _show(ended, zone, as_json=as_json)


@cooldown.command()
@click.argument("cooldown_id", metavar="COOLDOWN")
@click.argument("chip_id", metavar="CHIP")
@access_options
@options.json_option
def assign(cooldown_id: str, chip_id: str, command_user: CommandUser, as_json: bool) -> None:
    """Add a chip to a cool-down.

    Until the cool-down ends, everything recorded for the chip from now on carries its id.
    """
    with command_user.open_for_writing() as (qdash, access):
        loaded = qdash.cooldowns.assign(access, cooldown_id, chip_id)
        zone = qdash.zone
    _show(loaded, zone, as_json=as_json)


@cooldown.command()
@click.argument("cooldown_id", metavar="COOLDOWN")
@click.argument("chip_id", metavar="CHIP")
@access_options
@options.json_option
def unassign(cooldown_id: str, chip_id: str, command_user: CommandUser, as_json: bool) -> None:
    """Remove a chip from a cool-down.

    The chip is no longer listed in the cool-down; existing records keep its id.
    """
    with command_user.open_for_writing() as (qdash, access):
        left = qdash.cooldowns.unassign(access, cooldown_id, chip_id)
        zone = qdash.zone
    _show(left, zone, as_json=as_json)


@cooldown.command()
@click.argument("cooldown_id", metavar="COOLDOWN")
@click.option("--force", is_flag=True, help="Delete it although it has chips or a note.")
@access_options
@options.json_option
def delete(cooldown_id: str, force: bool, command_user: CommandUser, as_json: bool) -> None:
    """Delete a cool-down without records."""
    from qdash_core.documents.cooldowns import CooldownDocument

    with command_user.open_for_writing() as (qdash, access):
        gone = qdash.cooldowns.delete(access, cooldown_id, force=force)
    if as_json:
        emit_json(CooldownDocument.from_record(gone))
    else:
        print_message(f"cool-down {gone.cooldown_id} was deleted")


def _show(found: CooldownModel, zone: ZoneInfo, *, as_json: bool) -> None:
    from qdash_core.documents.cooldowns import CooldownDocument

    document = CooldownDocument.from_record(found)
    if as_json:
        emit_json(document)
        return
    ended = format_time(document.ended_at, zone)
    print_message(
        f"cool-down {document.cooldown_id} of cryostat {document.cryo_id}: {format_time(document.started_at, zone)} "
        + (f"to {ended}" if ended else "to now")
    )
    for what, value in (
        ("chips", ", ".join(document.chip_ids)),
        ("description", document.description),
        ("note", format_note(document.note, zone)),
    ):
        if value:
            print_message(f"  {what}: {value}")

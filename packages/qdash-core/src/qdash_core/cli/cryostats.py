"""Command `qdash cryostat`: the refrigerators of a laboratory."""

from __future__ import annotations

from typing import Any

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.entity_commands import add_entity_commands, print_record
from qdash_core.cli.note_texts import note_text_or_none
from qdash_core.cli.period_options import parse_optional_time
from qdash_core.cli.rendering.output import emit_json
from qdash_core.cooldowns.cryostats import CRYOSTAT
from qdash_core.resources import cryostats


@click.group()
def cryostat() -> None:
    """Register, list, edit and delete cryostats."""


add_entity_commands(cryostat, CRYOSTAT, cryostats.operations)


@cryostat.command()
@click.argument("cryo_id", metavar="CRYOSTAT")
@note_text_or_none
@access_options
@options.json_option
def note(cryo_id: str, text: Any, command_user: CommandUser, as_json: bool) -> None:
    """Replace the note of a cryostat."""
    from qdash_core.cli.notes import write_note_on
    from qdash_core.resources.notes import note_cryostat, show_note_of_cryostat

    write_note_on(
        cryo_id, text, show_note_of_cryostat, note_cryostat, command_user=command_user, as_json=as_json
    )


@cryostat.command()
@click.argument("cryo_id", metavar="CRYOSTAT")
@click.option("--at", metavar="TIME", help="Time; default: now.")
@access_options
@options.json_option
def decommission(cryo_id: str, at: str | None, command_user: CommandUser, as_json: bool) -> None:
    """Decommission a cryostat. Its cool-downs stay on record."""
    with command_user.connect() as home:
        zone = home.zone
        when = parse_optional_time(at, zone, option="--at")
        fields = {"status": "decommissioned"} | ({} if when is None else {"decommissioned_at": when})
        changed = home.ask(cryostats.edit_cryostat, cryo_id, cryostats.CryostatEdit.model_validate(fields))
    if as_json:
        emit_json(changed)
    else:
        print_record(CRYOSTAT, changed, zone)

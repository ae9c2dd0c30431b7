"""Command `qdash cryostat`: the refrigerators of a laboratory."""

from __future__ import annotations

from typing import Any

import click

from qdash_builtin.cooldowns.cryostats import CRYOSTAT
from qdash_builtin.cooldowns.operations import cryostats
from qdash_builtin.entities.commands import add_entity_commands, make_texts
from qdash_builtin.notes.commands.note_texts import note_text_or_none
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_commands import DerivedCommand
from qdash_core.operations.command import Command, OnCommandLine


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
    from qdash_builtin.notes.commands.notes import write_note_on
    from qdash_builtin.notes.operations.notes import note_cryostat, show_note_of_cryostat

    write_note_on(
        cryo_id, text, show_note_of_cryostat, note_cryostat, command_user=command_user, as_json=as_json
    )


cryostat.add_command(
    DerivedCommand(
        cryostats.edit_cryostat,
        Command(
            "cryostat decommission",
            help="Decommission a cryostat. Its cool-downs stay on record.",
            sends={"status": "decommissioned"},
            marks={"decommissioned_at": OnCommandLine(name="at", help="Time; default: now.")},
        ),
        make_texts(CRYOSTAT),
    )
)

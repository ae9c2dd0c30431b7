"""Command `qdash cooldown`: cool-downs of cryostats, and the chips in them."""

from __future__ import annotations

from typing import Any

import click

from qdash_builtin.cooldowns.operations import cooldowns
from qdash_builtin.cooldowns.text_output import print_cooldown, print_cooldown_chips, print_cooldowns
from qdash_builtin.cooldowns.views import CooldownChipDocument, CooldownDocument
from qdash_builtin.notes.commands.note_texts import note_text_or_none
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_commands import add_commands
from qdash_core.documents.pages import PageOf


@click.group()
def cooldown() -> None:
    """Start, end, list and edit cool-downs, and assign chips to them."""


add_commands(
    cooldown,
    cooldowns.operations,
    {
        CooldownDocument: print_cooldown,
        PageOf[CooldownDocument]: print_cooldowns,
        PageOf[CooldownChipDocument]: print_cooldown_chips,
    },
)


@cooldown.command()
@click.argument("cooldown_id", metavar="COOLDOWN")
@note_text_or_none
@access_options
@options.json_option
def note(cooldown_id: str, text: Any, command_user: CommandUser, as_json: bool) -> None:
    """Replace the note of a cool-down."""
    from qdash_builtin.notes.commands.notes import write_note_on
    from qdash_builtin.notes.operations.notes import note_cooldown, show_note_of_cooldown

    write_note_on(
        cooldown_id,
        text,
        show_note_of_cooldown,
        note_cooldown,
        command_user=command_user,
        as_json=as_json,
    )

"""Command `qdash cooldown`: cool-downs of cryostats, and the chips in them."""

from __future__ import annotations

from typing import Any

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.note_texts import note_text_or_none
from qdash_core.cli.operation_commands import add_commands
from qdash_core.cli.rendering.cooldowns import print_cooldown, print_cooldowns
from qdash_core.cli.rendering.output import emit_json, print_message, print_table
from qdash_core.documents.cooldowns import CooldownDocument
from qdash_core.documents.pages import PageOf
from qdash_core.operations.transport import list_every
from qdash_core.resources import cooldowns


@click.group()
def cooldown() -> None:
    """Start, end, list and edit cool-downs, and assign chips to them."""


add_commands(
    cooldown,
    cooldowns.operations,
    {CooldownDocument: print_cooldown, PageOf[CooldownDocument]: print_cooldowns},
)


@cooldown.command()
@click.argument("cooldown_id", metavar="COOLDOWN")
@access_options
@options.json_option
def chips(cooldown_id: str, command_user: CommandUser, as_json: bool) -> None:
    """List the chips of a cool-down with the numbers of their executions and results."""
    with command_user.connect() as home:
        found = [*list_every(home, cooldowns.list_cooldown_chips, cooldown_id)]
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
@note_text_or_none
@access_options
@options.json_option
def note(cooldown_id: str, text: Any, command_user: CommandUser, as_json: bool) -> None:
    """Replace the note of a cool-down."""
    from qdash_core.cli.notes import write_note_on
    from qdash_core.resources.notes import note_cooldown, show_note_of_cooldown

    write_note_on(
        cooldown_id,
        text,
        show_note_of_cooldown,
        note_cooldown,
        command_user=command_user,
        as_json=as_json,
    )

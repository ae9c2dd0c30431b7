"""Command `qdash chip edit`: another topology for a chip."""

from __future__ import annotations

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, print_message


@click.command()
@click.argument("chip_id", metavar="CHIP")
@click.option(
    "--topology",
    "topology_id",
    required=True,
    metavar="NAME",
    help="Built-in topology with the qubits and couplings of the chip.",
)
@access_options
@options.json_option
def edit(chip_id: str, topology_id: str, command_user: CommandUser, as_json: bool) -> None:
    """Change the topology of a chip: it takes the positions and multiplexers of a built-in one."""
    from qdash_core.resources.chips import edit_chip
    from qdash_core.resources.requests.chips import ChipEdit

    with command_user.connect() as home:
        changed = home.ask(edit_chip, chip_id, ChipEdit(topology_id=topology_id))
    if as_json:
        emit_json(changed)
    else:
        print_message(f"chip {chip_id} has the topology {changed.topology_id}")

"""Command `qdash search`: records, pages and commands by words."""

from __future__ import annotations

import click

from qdash_builtin.search import operations
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.documents import print_list
from qdash_cli.rendering.output import emit_json, print_message


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="WORD...")
@click.option(
    "--chip",
    "chip_id",
    metavar="CHIP",
    help="Chip whose targets, values, results and notes are found; default: the newest.",
)
@click.option(
    "--limit", default=5, show_default=True, metavar="NUMBER", help="Largest number of matches of each kind."
)
@access_options
@options.json_option
def search(
    words: tuple[str, ...], chip_id: str | None, limit: int, command_user: CommandUser, as_json: bool
) -> None:
    """Find chips, qubits, executions, results, values, flows, notes, issues and commands by words or parts of words.

    A qubit or coupling is written as 17, q17 or 0-1: `qdash search t1 17`.
    """
    with command_user.connect() as home:
        found = home.ask(operations.search, " ".join(words), chip_id=chip_id, limit=limit)
        zone = home.zone
    if as_json:
        emit_json(found)
        return
    if found.matches:
        print_list(found.matches, zone)
    else:
        print_message(f"nothing contains {' and '.join(words)}")
    for line in found.missing:
        print_message(line, err=True)

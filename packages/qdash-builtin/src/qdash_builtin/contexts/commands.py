"""Command `qdash context`: the data about a chip, a target or a result, for other programs."""

from __future__ import annotations

import click

from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.output import emit


@click.command()
@click.argument("name", metavar="CHIP|TASK_ID")
@click.argument("target", metavar="[TARGET]", required=False)
@click.option(
    "--max-size",
    type=click.IntRange(5_000, 1_000_000),
    default=40_000,
    show_default=True,
    metavar="N",
    help="Largest size in characters.",
)
@access_options
@options.json_option
def context(name: str, target: str | None, max_size: int, command_user: CommandUser, as_json: bool) -> None:
    """Print the data about a chip, a target or a result as Markdown, for a message or another program.

    These are values with marks, failures, notes, histories, results, and the data of figures. Older and less important parts are left out until the
    text has the requested size, and the end says which, with the commands that show them. --json prints JSON on one line, with ids as
    paths of the host.
    """
    from qdash_builtin.contexts.operations import show_context, show_context_page

    with command_user.connect() as home:
        if as_json:
            emit(f"{home.ask(show_context, name, target, max_size).as_compact_text()}\n")
        else:
            emit(home.ask(show_context_page, name, target, max_size).text)

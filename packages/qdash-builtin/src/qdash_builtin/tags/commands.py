"""Command `qdash tag`: the tags of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_builtin.tags import operations as tags
from qdash_builtin.tags.requests import TagReplacementRequest
from qdash_builtin.tags.views import TagReplacementDocument
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_commands import add_commands
from qdash_cli.rendering.output import emit_json, print_message

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@click.group()
def tag() -> None:
    """Add, list, rename and remove the tags of a project."""


@tag.command()
@click.argument("name", metavar="TAG")
@click.option("--everywhere", is_flag=True, help="Remove it from all tagged objects as well.")
@access_options
@options.json_option
def delete(name: str, everywhere: bool, command_user: CommandUser, as_json: bool) -> None:
    """Remove a tag from the list. Records keep it, unless --everywhere is given."""
    with command_user.connect() as home:
        done = (
            home.ask(tags.replace_tags, TagReplacementRequest(names=[name]))
            if everywhere
            else home.ask(tags.delete_tag, name)
        )
    if as_json:
        emit_json(done)
    elif isinstance(done, TagReplacementDocument):
        _print_replacement(done)
    else:
        print_message(f"tag {done.name} was removed from the list; records keep it")


def _print_replacement(done: TagReplacementDocument, _zone: ZoneInfo | None = None) -> None:
    names = ", ".join(done.names)
    result = "removed" if done.to is None else f"replaced by {done.to}"
    print_message(f"{names} {result} in {done.use}")


add_commands(tag, tags.operations, {TagReplacementDocument: _print_replacement})
